"""Whose word about a client's address is taken."""

from __future__ import annotations

import pytest

from synctv.entrypoints.realtime.proxies import TrustedProxies

PROXIES = TrustedProxies.of(["192.0.2.1", "10.0.0.0/8", "2001:db8::/32"])
CLIENT = "203.0.113.9"


def test_what_a_stranger_says_is_ignored() -> None:
    assert PROXIES.client("198.51.100.7", [CLIENT]) == "198.51.100.7"
    assert TrustedProxies.of([]).client("127.0.0.1", [CLIENT]) == "127.0.0.1"


@pytest.mark.parametrize("proxy", ["192.0.2.1", "10.1.2.3", "2001:db8::1", "::ffff:10.1.2.3"])
def test_what_a_trusted_proxy_says_is_taken(proxy: str) -> None:
    assert PROXIES.client(proxy, [CLIENT]) == CLIENT


def test_a_client_behind_two_proxies_is_seen() -> None:
    assert PROXIES.client("10.0.0.1", [f"{CLIENT}, 192.0.2.1"]) == CLIENT
    assert PROXIES.client("10.0.0.1", [CLIENT, "192.0.2.1"]) == CLIENT


def test_what_the_client_wrote_there_itself_is_hearsay() -> None:
    assert PROXIES.client("10.0.0.1", ["1.2.3.4, 10.0.0.9, 203.0.113.9"]) == CLIENT
    assert PROXIES.client("10.0.0.1", ["1.2.3.4", CLIENT, "192.0.2.1"]) == CLIENT


def test_a_proxy_that_asks_for_itself_is_the_client() -> None:
    assert PROXIES.client("10.0.0.1", []) == "10.0.0.1"
    assert PROXIES.client("10.0.0.1", ["10.0.0.2, 192.0.2.1"]) == "10.0.0.2"


@pytest.mark.parametrize(
    "garbage", ["", " ", ",", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "x" * 10_000, "\xff", "[::1"]
)
def test_of_a_proxy_that_names_no_address_its_own_is_taken(garbage: str) -> None:
    assert PROXIES.client("10.0.0.1", [garbage]) == "10.0.0.1"
    assert PROXIES.client("10.0.0.1", [f"{CLIENT}, {garbage}"]) == "10.0.0.1"


@pytest.mark.parametrize(
    "written, address",
    [
        ("203.0.113.9:1234", "203.0.113.9"),
        ("2001:0DB9::1", "2001:db9::1"),
        ("[2001:db9::1]", "2001:db9::1"),
        ("[2001:db9::1]:443", "2001:db9::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_addresses_are_understood_as_proxies_write_them(written: str, address: str) -> None:
    assert PROXIES.client("10.0.0.1", [written]) == address


def test_a_peer_without_an_address_stands_for_itself() -> None:
    assert PROXIES.client("", [CLIENT]) == ""
