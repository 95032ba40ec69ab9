"""What an operator may allow, and how it is written."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from synctv.domain.delivery.egress import HOME_NETWORKS, MAX_DESTINATIONS, EgressRules, valid_destination
from synctv.domain.errors import Invalid


@pytest.mark.parametrize(
    "text",
    ["10.0.0.0/8", "192.168.1.5", "fc00::/7", "::1", "nas", "nas.lan", "nas.lan:8096", "*.lan", "*.nas.lan:80"],
)
def test_a_destination_is_a_network_an_address_or_a_host(text: str) -> None:
    assert valid_destination(text) == text
    assert valid_destination(f" {text.upper()}\n") == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "http://nas.lan",
        "nas.lan/path",
        "nas.lan:",
        "nas.lan:0",
        "nas.lan:65536",
        "nas.lan:٣",
        "nas lan",
        "10.0.0.1/8",
        "*",
        "a.*.b",
        "-nas",
        "nas\0",
        "x" * 300,
        "nas.lan:" + "1" * 5_000,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="A destination is"):
        valid_destination(text)


def test_what_was_allowed_can_be_forbidden_and_nothing_else() -> None:
    rules = EgressRules().allowing(["nas.lan", "NAS.lan", "10.0.0.0/8"])
    assert rules == EgressRules(frozenset({"nas.lan", "10.0.0.0/8"}))
    assert rules.forbidding([" NAS.LAN"]) == EgressRules(frozenset({"10.0.0.0/8"}))
    with pytest.raises(Invalid, match=r"10\.0\.0\.1: not allowed here"):
        rules.forbidding(["nas.lan", "10.0.0.1"])


def test_there_are_not_too_many() -> None:
    full = EgressRules().allowing(f"nas{number}.lan" for number in range(MAX_DESTINATIONS))
    assert full.allowing(["nas0.lan"]) == full
    with pytest.raises(Invalid, match="at most"):
        full.allowing(["one-more.lan"])


@pytest.mark.parametrize("address", ["10.1.2.3", "172.31.0.1", "192.168.178.20", "fd12::1"])
def test_homes_are_in_the_home_networks(address: str) -> None:
    assert in_a_home(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "100.64.0.1", "172.32.0.1", "::1", "fe80::1"])
def test_machines_and_their_links_are_not(address: str) -> None:
    assert not in_a_home(address)


def in_a_home(address: str) -> bool:
    return any(ip_address(address) in ip_network(network) for network in HOME_NETWORKS)
