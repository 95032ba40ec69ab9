"""Flows: what is remembered between two steps, for whom, how long, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.ids import MemoryIds
from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import FLOW_SECONDS, TRIES, FlowKind, Flows, bytes_of, text_of
from synctv.domain.errors import FlowOver, Unavailable
from tests.application.accounts.people import ELSEWHERE
from tests.application.house import FlakyShortLived
from tests.applications import CLIENT

CONTENT = {"account": "usr_1", "email": None}


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def store(clock: MemoryClock) -> FlakyShortLived:
    return FlakyShortLived(clock)


@pytest.fixture
def flows(store: FlakyShortLived) -> Flows:
    return Flows(store, MemoryIds())


async def begun(flows: Flows) -> str:
    return await flows.begin(FlowKind.EMAIL, CLIENT, CONTENT)


async def over(flows: Flows, flow: str, kind: FlowKind = FlowKind.EMAIL, client: Client = CLIENT) -> bool:
    """Whether neither looking nor taking finds anything."""
    found = 0
    for find in (flows.look, flows.take):
        try:
            await find(kind, client, flow)
            found += 1
        except FlowOver:
            pass
    return not found


async def test_a_flow_holds_what_it_was_begun_with_until_it_is_taken(flows: Flows) -> None:
    flow = await begun(flows)
    for find in (flows.look, flows.look, flows.take):
        content = await find(FlowKind.EMAIL, CLIENT, flow)
        assert {name: content[name] for name in CONTENT} == CONTENT
    assert await over(flows, flow)


async def test_of_many_who_take_a_flow_at_once_one_gets_it(flows: Flows) -> None:
    flow = await begun(flows)
    tries = (flows.take(FlowKind.EMAIL, CLIENT, flow) for _ in range(20))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert len([result for result in results if isinstance(result, FlowOver)]) == 19


async def test_a_flow_ends_with_its_time_however_often_it_is_looked_at(flows: Flows, clock: MemoryClock) -> None:
    flow = await begun(flows)
    for _ in range(2):
        clock.advance(FLOW_SECONDS / 2 - 1)
        await flows.look(FlowKind.EMAIL, CLIENT, flow)
    clock.advance(2)
    assert await over(flows, flow)


@pytest.mark.parametrize("kind", [kind for kind in FlowKind if kind is not FlowKind.EMAIL])
async def test_one_kind_is_never_taken_for_another(flows: Flows, kind: FlowKind) -> None:
    flow = await begun(flows)
    assert await over(flows, flow, kind)
    await flows.look(FlowKind.EMAIL, CLIENT, flow)


async def test_another_client_finds_nothing_from_whichever_address(flows: Flows) -> None:
    flow = await begun(flows)
    with pytest.raises(FlowOver):
        await flows.look(FlowKind.EMAIL, ELSEWHERE, flow)
    moved = Client(CLIENT.user_agent, "2001:db8::7")
    await flows.look(FlowKind.EMAIL, moved, flow)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda flow: "",
        lambda flow: flow[:-1],
        lambda flow: flow[1:],
        lambda flow: flow + "A",
        lambda flow: flow + " ",
        lambda flow: flow.swapcase(),
        lambda flow: flow * 100_000,
        lambda flow: "\x00",
        lambda flow: "\ud800",
        lambda flow: "*",
    ],
)
async def test_what_is_no_flow_is_over_and_disturbs_none(flows: Flows, spoil: Callable[[str], str]) -> None:
    flow = await begun(flows)
    assert await over(flows, spoil(flow))
    await flows.take(FlowKind.EMAIL, CLIENT, flow)


async def test_a_client_whose_name_is_half_a_character_is_one_like_any_other(flows: Flows) -> None:
    strange = Client("\ud800", "192.0.2.1")
    flow = await flows.begin(FlowKind.EMAIL, strange, CONTENT)
    await flows.take(FlowKind.EMAIL, strange, flow)


async def test_a_flow_that_was_lost_is_over(flows: Flows, store: FlakyShortLived) -> None:
    flow = await begun(flows)
    store.lose()
    assert await over(flows, flow)


async def test_while_nothing_can_be_asked_nothing_is_said(flows: Flows, store: FlakyShortLived) -> None:
    flow = await begun(flows)
    store.down = True
    for step in (begun(flows), flows.look(FlowKind.EMAIL, CLIENT, flow), flows.take(FlowKind.EMAIL, CLIENT, flow)):
        with pytest.raises(Unavailable):
            await step
    with pytest.raises(Unavailable):
        await flows.count_try(FlowKind.EMAIL, flow)
    store.down = False
    await flows.take(FlowKind.EMAIL, CLIENT, flow)


async def test_a_flow_has_five_tries_and_ends_with_the_sixth(flows: Flows) -> None:
    flow = await begun(flows)
    for _ in range(TRIES):
        await flows.count_try(FlowKind.EMAIL, flow)
        await flows.look(FlowKind.EMAIL, CLIENT, flow)
    with pytest.raises(FlowOver, match="wrong too often"):
        await flows.count_try(FlowKind.EMAIL, flow)
    assert await over(flows, flow)


async def test_of_many_tries_at_once_no_more_are_let_through(flows: Flows) -> None:
    flow = await begun(flows)
    tries = (flows.count_try(FlowKind.EMAIL, flow) for _ in range(20))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert results.count(None) == TRIES


async def test_tries_are_counted_for_as_long_as_the_flow_can_live(flows: Flows, clock: MemoryClock) -> None:
    flow = await begun(flows)
    for _ in range(TRIES):
        await flows.count_try(FlowKind.EMAIL, flow)
    clock.advance(FLOW_SECONDS - 1)
    with pytest.raises(FlowOver, match="wrong too often"):
        await flows.count_try(FlowKind.EMAIL, flow)


async def test_tries_at_one_flow_cost_another_nothing(flows: Flows) -> None:
    one, other = await begun(flows), await begun(flows)
    for _ in range(TRIES):
        await flows.count_try(FlowKind.EMAIL, one)
    await flows.count_try(FlowKind.EMAIL, other)


async def test_nothing_brings_a_flow_back(flows: Flows, clock: MemoryClock) -> None:
    flow = await begun(flows)
    await flows.take(FlowKind.EMAIL, CLIENT, flow)
    await flows.count_try(FlowKind.EMAIL, flow)
    await begun(flows)
    clock.advance(FLOW_SECONDS + 1)
    assert await over(flows, flow)


async def test_who_reads_the_store_learns_no_flow(flows: Flows, store: FlakyShortLived) -> None:
    flow = await begun(flows)
    await flows.count_try(FlowKind.EMAIL, flow)
    assert not [key for key in store.remembered() if flow in key]
    assert all(len(key) <= 256 for key in store.remembered())
    values = [await store.get(key) or b"" for key in store.remembered()]
    assert not [value for value in values if flow.encode() in value]


@pytest.mark.parametrize("data", [b"", b"x", b"\x00\xff" * 160, bytes(range(256))])
def test_bytes_are_kept_as_text(data: bytes) -> None:
    assert bytes_of(text_of(data)) == data
    assert "=" not in text_of(data)
