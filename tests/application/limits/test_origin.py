"""Where a request comes from, as far as it is counted."""

from __future__ import annotations

import pytest

from synctv.application.limits.origin import network, origin


@pytest.mark.parametrize(
    "address, counted",
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("", ""),
        ("unix", "unix"),
        ("999.1.1.1", "999.1.1.1"),
    ],
)
def test_ipv6_is_counted_by_its_network_and_everything_else_as_it_is(address: str, counted: str) -> None:
    assert origin(address) == counted


def test_neighbouring_networks_are_told_apart() -> None:
    assert origin("2001:db8:1:2::1") != origin("2001:db8:1:3::1")


@pytest.mark.parametrize(
    "address, around",
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("2001:db8:1:ffff::", "2001:db8:1::/48"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_a_network_is_what_one_customer_may_have(address: str, around: str) -> None:
    assert network(address) == around
