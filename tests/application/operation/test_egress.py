"""Which private servers may be called changes while the server runs, and every process follows."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

import pytest

from synctv.adapters.aiohttp.egress import AiohttpEgressGate
from synctv.application.operation.egress import LOOK_SECONDS, Destinations, Egress
from synctv.application.realtime.tasks import Tasks
from synctv.domain.audit.entry import OPERATOR, Action
from synctv.domain.delivery.egress import HOME_NETWORKS
from synctv.domain.errors import Denied, Invalid, UpstreamRefused
from tests.application.house import House
from tests.applications import CLIENT, PASSWORD


def may_call(gate: object, address: str) -> bool:
    assert isinstance(gate, AiohttpEgressGate)
    try:
        gate.must_allow(address, 80, [ip_address(address)])
    except UpstreamRefused:
        return False
    return True


async def test_what_is_allowed_and_forbidden_holds_at_once_and_is_written_down(house: House) -> None:
    egress = house.application.egress
    assert await egress.show() == Destinations((), ())
    assert await egress.allow(["NAS.lan", "192.168.1.0/24"]) == Destinations((), ("192.168.1.0/24", "nas.lan"))
    assert may_call(egress.gate, "192.168.1.7")
    assert await egress.forbid(["192.168.1.0/24"]) == Destinations((), ("nas.lan",))
    assert not may_call(egress.gate, "192.168.1.7")
    noted = [(entry.actor, entry.target.id, entry.detail) for entry in house.state.audit.values()]
    assert noted == [
        (OPERATOR, "egress", {"allowed": "192.168.1.0/24, nas.lan"}),
        (OPERATOR, "egress", {"allowed": "nas.lan"}),
    ]


async def test_nonsense_changes_nothing(house: House) -> None:
    egress = house.application.egress
    for refused in (egress.allow(["nas.lan", "http://nas.lan"]), egress.forbid(["nas.lan"])):
        with pytest.raises(Invalid):
            await refused
    assert await egress.show() == Destinations((), ())
    assert not house.state.audit


async def test_another_process_follows(house: House) -> None:
    here, gate = house.application.egress, AiohttpEgressGate(["10.0.0.1"])
    there = Egress(house.transactions, gate, here.journal, house.clock)
    async with Tasks() as tasks:
        tasks.start(there.run(), "following")
        await here.allow(["192.168.1.7"])
        await turns()
        assert may_call(gate, "192.168.1.7")
        await here.forbid(["192.168.1.7"])
        house.clock.advance(LOOK_SECONDS)
        await turns()
        assert not may_call(gate, "192.168.1.7")
        assert may_call(gate, "10.0.0.1")


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.parametrize("wanted", [True, False])
async def test_whoever_sets_the_server_up_may_allow_the_home_network(house: House, wanted: bool) -> None:
    setup, egress = house.application.setup, house.application.egress
    token = await setup.invite()
    assert token is not None
    await setup.complete(token, "anna", PASSWORD, CLIENT, allow_home_network=wanted)
    assert (await egress.show()).allowed == (tuple(sorted(HOME_NETWORKS)) if wanted else ())
    assert may_call(egress.gate, "192.168.178.20") is wanted
    assert not may_call(egress.gate, "127.0.0.1")
    changes = [entry for entry in house.state.audit.values() if entry.action is Action.POLICY_CHANGED]
    assert [entry.actor.name for entry in changes] == ["anna"] * wanted


async def test_setting_up_keeps_what_was_allowed_before(house: House) -> None:
    setup, egress = house.application.setup, house.application.egress
    await egress.allow(["nas.lan"])
    token = await setup.invite()
    assert token is not None
    await setup.complete(token, "anna", PASSWORD, CLIENT, allow_home_network=True)
    assert (await egress.show()).allowed == tuple(sorted([*HOME_NETWORKS, "nas.lan"]))


async def test_a_setup_that_fails_allows_nothing(house: House) -> None:
    with pytest.raises(Denied):
        await house.application.setup.complete("wrong", "anna", PASSWORD, CLIENT, allow_home_network=True)
    assert (await house.application.egress.show()).allowed == ()
