"""Many who come at once hold the loop for one of them at a time."""

from __future__ import annotations

import asyncio

import pytest

from synctv.application.limits.turnstile import Turnstile
from synctv.domain.errors import Unavailable


class Turns:
    """Counts the turns of the loop."""

    def __init__(self) -> None:
        self.count = 0

    async def go_on(self) -> None:
        """Counts until it is cancelled."""
        while True:
            self.count += 1
            await asyncio.sleep(0)


async def test_each_of_many_gets_a_turn_of_its_own_in_the_order_in_which_they_came() -> None:
    turnstile, turns, seen = Turnstile("test"), Turns(), list[tuple[int, int]]()

    async def caller(number: int) -> None:
        await turnstile.turn()
        seen.append((turns.count, number))

    async with asyncio.TaskGroup() as group:
        counting = group.create_task(turns.go_on())
        callers = [group.create_task(caller(number)) for number in range(20)]
        await asyncio.gather(*callers)
        counting.cancel()
    assert [number for _, number in seen] == list(range(20))
    assert len({turn for turn, _ in seen}) == 20


async def test_whoever_works_for_long_keeps_nobody() -> None:
    turnstile = Turnstile("test")
    await turnstile.turn()
    async with asyncio.timeout(5):
        await turnstile.turn()


async def test_too_many_are_told_to_come_back() -> None:
    turnstile = Turnstile("test", most=2)
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(turnstile.turn())
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await turnstile.turn()
    await turnstile.turn()


async def test_whoever_leaves_takes_nobodys_place() -> None:
    turnstile = Turnstile("test", most=3)
    for _ in range(3):
        async with asyncio.TaskGroup() as group:
            waiting = [group.create_task(turnstile.turn()) for _ in range(3)]
            await asyncio.sleep(0)
            for left in waiting:
                left.cancel()
    async with asyncio.timeout(5):
        await turnstile.turn()
