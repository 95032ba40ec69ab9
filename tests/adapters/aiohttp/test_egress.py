"""The gate before real calls: what is allowed while they go on."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from synctv.adapters.aiohttp.connections import MAX_RETIRED, Connections
from synctv.adapters.aiohttp.egress import AiohttpEgressGate, EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.application.ports.fetch import FetchRequest, StreamRequest
from synctv.domain.delivery.egress import HOME_NETWORKS
from synctv.domain.errors import UpstreamRefused
from tests.adapters.aiohttp.site import site
from tests.adapters.aiohttp.test_fetch import Names

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


async def test_a_connection_that_is_kept_open_is_not_used_for_what_was_forbidden() -> None:
    gate = AiohttpEgressGate()
    async with site() as local, aiohttp_fetch(gate, Names(nas_lan=["127.0.0.1"])) as fetch:
        request = FetchRequest(f"http://nas.lan:{local.port}/file")
        gate.allow(["nas.lan"])
        assert (await fetch.fetch(request)).status == 200
        gate.allow([])
        with pytest.raises(UpstreamRefused):
            await fetch.fetch(request)
        gate.allow(["127.0.0.1"])
        assert (await fetch.fetch(request)).status == 200


async def test_connections_are_kept_while_more_is_allowed() -> None:
    gate, names = AiohttpEgressGate(), Names(nas_lan=["127.0.0.1"])
    async with site() as local, aiohttp_fetch(gate, names) as fetch:
        for more in (["nas.lan"], ["nas.lan", "other.lan"], ["nas.lan", "other.lan"]):
            gate.allow(more)
            assert (await fetch.fetch(FetchRequest(f"http://nas.lan:{local.port}/file"))).status == 200
        assert names.asked == ["nas.lan"]


async def test_what_is_being_transferred_goes_on_when_its_server_is_forbidden() -> None:
    gate = AiohttpEgressGate()
    async with site() as local, aiohttp_fetch(gate) as fetch:
        gate.allow(["127.0.0.1"])
        async with fetch.stream(StreamRequest(f"http://127.0.0.1:{local.port}/file")) as stream:
            gate.allow([])
            with pytest.raises(UpstreamRefused):
                await fetch.fetch(FetchRequest(f"http://127.0.0.1:{local.port}/file"))
            assert b"".join([chunk async for chunk in stream.chunks()])


async def test_rules_that_change_often_leave_few_pools_behind() -> None:
    gate = AiohttpEgressGate()
    async with site() as local:
        connections = Connections(gate, Names(nas_lan=["127.0.0.1"]))
        pools = []
        for _ in range(3 * MAX_RETIRED):
            gate.allow(["nas.lan"])
            pools.append(await connections.session())
            async with pools[-1].get(f"http://nas.lan:{local.port}/file") as response:
                assert response.status == 200
            gate.allow([])
        assert sum(not pool.closed for pool in pools) <= MAX_RETIRED + 1
        await connections.close()
        assert all(pool.closed for pool in pools)
