"""The gate before real calls: what is allowed while they go on."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from synctv.adapters.aiohttp.egress import AiohttpEgressGate, EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.application.ports.fetch import FetchRequest
from synctv.domain.delivery.egress import HOME_NETWORKS
from synctv.domain.errors import UpstreamRefused
from tests.adapters.aiohttp.site import site

METADATA = ["169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "::ffff:169.254.169.254"]


async def test_a_private_server_is_called_as_soon_as_it_is_allowed_and_no_longer() -> None:
    gate = AiohttpEgressGate()
    async with site() as local, aiohttp_fetch(gate) as fetch:
        request = FetchRequest(f"http://127.0.0.1:{local.port}/file")
        with pytest.raises(UpstreamRefused, match=r"`synctv egress allow 127\.0\.0\.1`.*security\.egress\.allow"):
            await fetch.fetch(request)
        gate.allow(["127.0.0.0/8"])
        assert (await fetch.fetch(request)).status == 200
        gate.allow([])
        with pytest.raises(UpstreamRefused):
            await fetch.fetch(request)


@pytest.mark.parametrize("address", METADATA)
def test_a_network_does_not_hold_where_clouds_keep_their_secrets(address: str) -> None:
    everything = EgressPolicy.of([*HOME_NETWORKS, "0.0.0.0/0", "::/0"])
    assert not everything.may_call("metadata", 80, ip_address(address))


@pytest.mark.parametrize("address", METADATA)
def test_such_an_address_can_be_allowed_by_itself(address: str) -> None:
    assert EgressPolicy.of([address]).may_call("metadata", 80, ip_address(address))
