"""What every clock promises."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.system.clock import SystemClock
from synctv.application.ports.clock import Clock
from synctv.domain.ids import Micros, seconds_after

YEAR_2026 = Micros(1_767_225_600_000_000)


@pytest.fixture(params=[MemoryClock, SystemClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    make: Callable[[], Clock] = request.param
    return make()


async def pass_time(clock: Clock, seconds: float) -> None:
    """Lets a clock that does not move by itself move, once whoever sleeps on it has begun to."""
    await asyncio.sleep(0)
    if isinstance(clock, MemoryClock):
        clock.advance(seconds)


def test_now_is_in_microseconds_since_1970(clock: Clock) -> None:
    assert YEAR_2026 <= clock.now() < YEAR_2026 * 10


def test_it_never_goes_backwards(clock: Clock) -> None:
    instants = [clock.now() for _ in range(10_000)]
    assert instants == sorted(instants)


async def test_sleeping_until_the_past_returns_at_once(clock: Clock) -> None:
    for instant in (clock.now(), seconds_after(clock.now(), -1), Micros(0)):
        await clock.sleep_until(instant)


async def test_a_sleeper_does_not_wake_before_its_instant(clock: Clock) -> None:
    instant = seconds_after(clock.now(), 0.02)
    async with asyncio.TaskGroup() as group:
        group.create_task(clock.sleep_until(instant))
        group.create_task(pass_time(clock, 0.02))
    assert clock.now() >= instant


async def test_sleepers_wake_in_the_order_of_their_instants(clock: Clock) -> None:
    woken: list[str] = []
    start = clock.now()

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep_until(seconds_after(start, seconds))
        woken.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper("later", 0.06))
        group.create_task(sleeper("sooner", 0.02))
        group.create_task(pass_time(clock, 1))
    assert woken == ["sooner", "later"]


async def test_a_cancelled_sleeper_ends_and_disturbs_nobody(clock: Clock) -> None:
    async with asyncio.TaskGroup() as group:
        far = group.create_task(clock.sleep_until(seconds_after(clock.now(), 3_600)))
        near = group.create_task(clock.sleep_until(seconds_after(clock.now(), 0.02)))
        await asyncio.sleep(0)
        far.cancel()
        await pass_time(clock, 0.02)
    assert far.cancelled()
    assert near.done()
    assert not near.cancelled()
