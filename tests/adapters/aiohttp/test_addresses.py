"""Addresses are told public or not, in every spelling."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.adapters.aiohttp.addresses import carried, is_public, literal
from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.domain.errors import UpstreamRefused

PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "223.255.255.254", "2606:4700::1111", "2a00:1450:4001:80e::200e"]
PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "198.18.0.1",
    "168.63.129.16",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "100::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_may_be_called(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", PRIVATE)
def test_any_other_address_may_not(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("form", ["::ffff:{}", "::{}", "64:ff9b::{}"])
@pytest.mark.parametrize("inner, public", [("127.0.0.1", False), ("169.254.169.254", False), ("8.8.8.8", True)])
def test_an_address_inside_another_one_decides(form: str, inner: str, public: bool) -> None:
    assert is_public(ip_address(form.format(inner))) is public


def test_an_address_behind_6to4_decides() -> None:
    assert not is_public(ip_address("2002:7f00:1::1"))
    assert not is_public(ip_address("2002:c0a8:101::"))
    assert is_public(ip_address("2002:808:808::1"))


@pytest.mark.parametrize(
    "text",
    ["127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7F.1", "0177.0.0.1", "017700000001", "127.0.0.1."],
)
def test_every_spelling_of_loopback_is_loopback(text: str) -> None:
    assert literal(text) == IPv4Address("127.0.0.1")


@pytest.mark.parametrize(
    "text", ["", ".", "localhost", "1.2.3.4.5", "256.0.0.1", "1.2.3.256", "0x1g", "08", "1_0", "-1", "\u0661"]
)
def test_a_name_is_no_address(text: str) -> None:
    assert literal(text) is None


@pytest.mark.parametrize("text", ["::1", "[::1]", "fe80::1%eth0", "::ffff:1.2.3.4"])
def test_an_ipv6_address_is_one_with_or_without_brackets_and_zone(text: str) -> None:
    assert isinstance(literal(text), IPv6Address)


@given(st.text())
def test_no_text_breaks_the_parser(text: str) -> None:
    literal(text)


@given(st.ip_addresses(v=4))
def test_an_address_is_as_public_mapped_as_it_is_plain(address: IPv4Address) -> None:
    mapped = IPv6Address(f"::ffff:{address}")
    assert carried(mapped) == address
    assert is_public(mapped) == is_public(address)


@given(st.ip_addresses())
def test_nothing_is_public_that_the_standard_library_knows_to_be_private(address: IPv4Address | IPv6Address) -> None:
    if is_public(address):
        inner = carried(address)
        assert not any((inner.is_private, inner.is_multicast, inner.is_reserved))


@pytest.mark.parametrize(
    "entry, host, port, address",
    [
        ("192.168.1.0/24", "nas.lan", 80, "192.168.1.7"),
        ("192.168.1.7", "anything", 80, "::ffff:192.168.1.7"),
        ("nas.lan", "NAS.lan.", 80, "10.0.0.1"),
        ("nas.lan:8096", "nas.lan", 8096, "10.0.0.1"),
        ("*.lan", "a.nas.lan", 80, "10.0.0.1"),
        ("127.0.0.1:9000", "127.1", 9000, "127.0.0.1"),
        ("fd00::/8", "nas", 80, "fd00::5"),
    ],
)
def test_what_an_operator_allows_may_be_called(entry: str, host: str, port: int, address: str) -> None:
    assert EgressPolicy.of([entry]).may_call(host, port, ip_address(address))


@pytest.mark.parametrize(
    "entry, host, port",
    [("nas.lan", "lan", 80), ("nas.lan", "evil-nas.lan", 80), ("nas.lan:8096", "nas.lan", 22), ("*.lan", "lan", 80)],
)
def test_an_allowed_host_allows_no_other(entry: str, host: str, port: int) -> None:
    assert not EgressPolicy.of([entry]).may_call(host, port, ip_address("10.0.0.1"))


def test_of_several_addresses_only_the_allowed_ones_are_left() -> None:
    addresses = [ip_address("10.0.0.1"), ip_address("1.1.1.1")]
    assert EgressPolicy().must_allow("host", 80, addresses) == [ip_address("1.1.1.1")]
    with pytest.raises(UpstreamRefused, match=r"security\.egress\.allow"):
        EgressPolicy().must_allow("host", 80, addresses[:1])
