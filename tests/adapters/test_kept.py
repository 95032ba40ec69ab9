"""What is kept of what providers publish: for how long, how much, and for how many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from synctv.adapters.kept import Kept
from synctv.adapters.memory.clock import MemoryClock
from synctv.domain.errors import UpstreamFailed


class Source:
    """Loads numbers, each one higher; waits for `gate` and fails when it is told to."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.fails = False
        self.gate = asyncio.Event()
        self.gate.set()

    def of(self, name: str) -> Callable[[], Awaitable[int]]:
        async def load() -> int:
            self.loaded.append(name)
            number = len(self.loaded)
            await self.gate.wait()
            if self.fails:
                raise UpstreamFailed(name, f"failure {number}")
            return number

        return load


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def kept(clock: MemoryClock) -> Kept[int]:
    return Kept(clock, places=3, seconds=100, pause_seconds=30)


async def test_a_thing_is_loaded_once_until_it_is_old(kept: Kept[int], clock: MemoryClock) -> None:
    source = Source()
    assert await kept.get("a", source.of("a")) == 1
    clock.advance(99.9)
    assert await kept.get("a", source.of("a")) == 1
    clock.advance(0.1)
    assert await kept.get("a", source.of("a")) == 2


async def test_the_one_that_was_wanted_longest_ago_makes_room(kept: Kept[int]) -> None:
    source = Source()
    for name in "abcad":
        await kept.get(name, source.of(name))
    assert source.loaded == ["a", "b", "c", "d"]
    await kept.get("a", source.of("a"))
    await kept.get("b", source.of("b"))
    assert source.loaded == ["a", "b", "c", "d", "b"]


async def test_names_without_end_take_no_more_room(kept: Kept[int]) -> None:
    source = Source()
    for number in range(1_000):
        await kept.get(str(number), source.of(str(number)))
    assert len(kept._places) == 3


async def test_a_failure_is_not_kept(kept: Kept[int]) -> None:
    source = Source()
    source.fails = True
    for _ in range(2):
        with pytest.raises(UpstreamFailed):
            await kept.get("a", source.of("a"))
    source.fails = False
    assert await kept.get("a", source.of("a")) == 3


async def test_a_thing_that_is_old_and_can_not_be_had_is_a_failure(kept: Kept[int], clock: MemoryClock) -> None:
    source = Source()
    await kept.get("a", source.of("a"))
    clock.advance(100)
    source.fails = True
    with pytest.raises(UpstreamFailed):
        await kept.get("a", source.of("a"))


async def test_renewal_waits_for_the_pause_after_any_attempt(kept: Kept[int], clock: MemoryClock) -> None:
    source = Source()
    assert await kept.renewed("a", source.of("a")) == 1
    assert await kept.renewed("a", source.of("a")) == 1
    clock.advance(30)
    source.fails = True
    with pytest.raises(UpstreamFailed):
        await kept.renewed("a", source.of("a"))
    source.fails = False
    assert await kept.renewed("a", source.of("a")) == 1, "the failed attempt counts, too"
    assert await kept.get("a", source.of("a")) == 1, "and what is there is good still"
    clock.advance(30)
    assert await kept.renewed("a", source.of("a")) == 3


async def test_whoever_waits_shares_the_outcome(kept: Kept[int]) -> None:
    source = Source()
    source.gate.clear()
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(kept.get("a", source.of("a"))) for _ in range(10)]
        await asyncio.sleep(0)
        waiting += [group.create_task(kept.renewed("a", source.of("a"))) for _ in range(10)]
        await asyncio.sleep(0)
        source.gate.set()
    assert {task.result() for task in waiting} == {1}
    assert source.loaded == ["a"]


async def test_one_name_does_not_wait_for_another(kept: Kept[int]) -> None:
    slow, quick = Source(), Source()
    slow.gate.clear()
    async with asyncio.TaskGroup() as group:
        group.create_task(kept.get("slow", slow.of("slow")))
        await asyncio.sleep(0)
        assert await kept.get("quick", quick.of("quick")) == 1
        slow.gate.set()


async def test_when_who_asked_goes_away_the_next_one_asks(kept: Kept[int]) -> None:
    source = Source()
    source.gate.clear()
    async with asyncio.TaskGroup() as group:
        gone = group.create_task(kept.get("a", source.of("a")))
        await asyncio.sleep(0)
        waiting = [group.create_task(kept.get("a", source.of("a"))) for _ in range(3)]
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        source.gate.set()
    assert {task.result() for task in waiting} == {2}
    assert source.loaded == ["a", "a"]
