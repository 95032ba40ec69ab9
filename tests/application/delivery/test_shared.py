"""Getting once what many want at the same moment."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.application.delivery.shared import FAILED_SECONDS, MAX_LIMITED_SECONDS, Keeping, Shared
from synctv.domain.errors import Unavailable, UpstreamLimited, UpstreamUnavailable


class Kitchen:
    """Makes values, counts how often, and waits for leave."""

    def __init__(self) -> None:
        self.made = 0
        self.error: Exception | None = None
        self.leave = asyncio.Event()
        self.leave.set()

    def makes(self, value: bytes = b"value") -> Callable[[], Awaitable[bytes]]:
        async def make() -> bytes:
            self.made += 1
            await self.leave.wait()
            if self.error is not None:
                raise self.error
            return value

        return make


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


@pytest.fixture
def shared(clock: MemoryClock) -> Shared[bytes]:
    return Shared(clock, Keeping(seconds=10.0, count=3, size=100), len)


async def test_many_at_once_make_it_once(shared: Shared[bytes], kitchen: Kitchen) -> None:
    kitchen.leave.clear()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(shared.get("a", kitchen.makes())) for _ in range(50)]
        await asyncio.sleep(0)
        kitchen.leave.set()
    assert {task.result() for task in tasks} == {b"value"}
    assert kitchen.made == 1


async def test_a_value_is_good_for_a_while(shared: Shared[bytes], kitchen: Kitchen, clock: MemoryClock) -> None:
    await shared.get("a", kitchen.makes())
    clock.advance(9.9)
    await shared.get("a", kitchen.makes())
    assert kitchen.made == 1
    clock.advance(0.1)
    assert await shared.get("a", kitchen.makes(b"new")) == b"new"


async def test_who_makes_it_and_leaves_is_replaced_by_the_next(shared: Shared[bytes], kitchen: Kitchen) -> None:
    kitchen.leave.clear()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(shared.get("a", kitchen.makes()))
        others = [group.create_task(shared.get("a", kitchen.makes())) for _ in range(5)]
        await asyncio.sleep(0)
        first.cancel()
        kitchen.leave.set()
    assert [task.result() for task in others] == [b"value"] * 5
    assert kitchen.made == 2


async def test_a_failure_is_everybodys_answer_for_a_moment(
    shared: Shared[bytes], kitchen: Kitchen, clock: MemoryClock
) -> None:
    kitchen.error = UpstreamUnavailable("films.test")
    answers = await asyncio.gather(*(shared.get("a", kitchen.makes()) for _ in range(100)), return_exceptions=True)
    assert {type(answer) for answer in answers} == {UpstreamUnavailable}
    assert kitchen.made == 1
    kitchen.error = None
    clock.advance(FAILED_SECONDS)
    assert await shared.get("a", kitchen.makes()) == b"value"


@pytest.mark.parametrize("asked_for, kept_for", [(20.0, 20.0), (1.0, FAILED_SECONDS), (86_400.0, MAX_LIMITED_SECONDS)])
async def test_who_was_asked_too_often_is_left_alone(
    shared: Shared[bytes], kitchen: Kitchen, clock: MemoryClock, asked_for: float, kept_for: float
) -> None:
    kitchen.error = UpstreamLimited("films.test", asked_for)
    for advanced in (0.0, kept_for - 0.1):
        clock.advance(advanced)
        with pytest.raises(UpstreamLimited):
            await shared.get("a", kitchen.makes())
    assert kitchen.made == 1
    clock.advance(0.1)
    kitchen.error = None
    await shared.get("a", kitchen.makes())
    assert kitchen.made == 2


@pytest.mark.parametrize("error", [Unavailable("storage"), RuntimeError("a fault of ours")])
async def test_a_failure_that_is_no_upstreams_is_not_kept(
    shared: Shared[bytes], kitchen: Kitchen, error: Exception
) -> None:
    kitchen.error = error
    for _ in range(2):
        with pytest.raises(type(error)):
            await shared.get("a", kitchen.makes())
    assert kitchen.made == 2
    assert len(shared) == 0


async def test_an_error_that_is_raised_often_does_not_grow(shared: Shared[bytes], kitchen: Kitchen) -> None:
    kitchen.error = UpstreamUnavailable("films.test")
    lengths = set()
    for _ in range(20):
        with pytest.raises(UpstreamUnavailable) as caught:
            await shared.get("a", kitchen.makes())
        lengths.add(len(traceback.extract_tb(caught.value.__traceback__)))
    assert max(lengths) < 10


async def test_no_more_are_kept_than_there_may_be_and_the_oldest_goes_first(
    shared: Shared[bytes], kitchen: Kitchen
) -> None:
    for key in ("a", "b", "c", "a", "d"):
        await shared.get(key, kitchen.makes())
    assert len(shared) == 3
    made = kitchen.made
    await shared.get("a", kitchen.makes())
    assert kitchen.made == made
    await shared.get("b", kitchen.makes())
    assert kitchen.made == made + 1


async def test_no_more_bytes_are_kept_than_there_may_be(shared: Shared[bytes], kitchen: Kitchen) -> None:
    await shared.get("a", kitchen.makes(bytes(60)))
    await shared.get("b", kitchen.makes(bytes(60)))
    assert len(shared) == 1
    assert len(await shared.get("c", kitchen.makes(bytes(1_000)))) == 1_000
    assert len(shared) == 0


async def test_failures_and_stale_values_leave_nothing_behind(
    shared: Shared[bytes], kitchen: Kitchen, clock: MemoryClock
) -> None:
    kitchen.error = UpstreamUnavailable("films.test")
    for number in range(1_000):
        with pytest.raises(UpstreamUnavailable):
            await shared.get(str(number), kitchen.makes())
    assert len(shared) == 3
    clock.advance(FAILED_SECONDS)
    kitchen.error = None
    await shared.get("a", kitchen.makes())
    assert len(shared) == 1


async def test_what_is_waited_for_is_never_forgotten(shared: Shared[bytes], kitchen: Kitchen) -> None:
    kitchen.leave.clear()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(shared.get(str(number), kitchen.makes())) for number in range(10)]
        await asyncio.sleep(0)
        again = [group.create_task(shared.get(str(number), kitchen.makes())) for number in range(10)]
        await asyncio.sleep(0)
        kitchen.leave.set()
    assert {task.result() for task in (*tasks, *again)} == {b"value"}
    assert kitchen.made == 10
    assert len(shared) == 3
