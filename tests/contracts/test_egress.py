"""What every gate for calls to other servers promises."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address

import pytest

from synctv.adapters.aiohttp.egress import AiohttpEgressGate
from synctv.application.ports.egress import EgressGate
from synctv.domain.errors import UpstreamRefused

World = tuple[EgressGate, Callable[[str], bool]]
Open = Callable[[Iterable[str]], World]


def through_aiohttp(configured: Iterable[str]) -> World:
    """The gate, and whether a call to an address gets through."""
    gate = AiohttpEgressGate(configured)

    def passes(address: str) -> bool:
        try:
            return gate.must_allow(address, 80, [ip_address(address)]) == [ip_address(address)]
        except UpstreamRefused:
            return False

    return gate, passes


@pytest.fixture(params=[through_aiohttp])
def opened(request: pytest.FixtureRequest) -> Open:
    found: Open = request.param
    return found


def test_public_servers_are_called_and_private_ones_are_not(opened: Open) -> None:
    _, passes = opened(())
    assert passes("1.1.1.1")
    assert not any(passes(address) for address in ("10.0.0.1", "127.0.0.1", "fd00::1"))


def test_what_the_settings_allow_is_allowed_for_good(opened: Open) -> None:
    gate, passes = opened(["10.0.0.0/8"])
    assert gate.configured == ("10.0.0.0/8",)
    gate.allow([])
    assert passes("10.0.0.1")


def test_what_is_allowed_holds_at_once_and_until_other_things_are(opened: Open) -> None:
    gate, passes = opened(["10.0.0.1"])
    gate.allow(["192.168.0.0/16", "fd00::1"])
    assert passes("192.168.1.1")
    assert passes("fd00::1")
    gate.allow(["192.168.2.0/24"])
    assert passes("192.168.2.1")
    assert not passes("192.168.1.1")
    assert not passes("fd00::1")
    assert gate.configured == ("10.0.0.1",)
