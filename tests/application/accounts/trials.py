"""What every step of a flow is put through: haste, outages, lost state, and texts that are no flows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager

import pytest

from synctv.application.ports.revocations import Revoked
from synctv.domain.accounts.factors import Factor
from synctv.domain.errors import FlowOver, Invalid, Unavailable
from synctv.domain.rooms.actor import AccountActor
from tests.application.house import House
from tests.applications import CLIENT

Step = Callable[[], Awaitable[object]]

NO_FLOWS = ("", "x", "x" * 100_000, "\x00", "\ud800", "../..", "flow:sign_up:x")
"""Texts that nobody was given."""
_MOST_CALLS = 60


async def at_once(*steps: Awaitable[object]) -> list[str]:
    """What those come to who act at once, by name."""
    results = await asyncio.gather(*steps, return_exceptions=True)
    return sorted(type(result).__name__ for result in results)


async def over(step: Awaitable[object]) -> None:
    """The flow is over, and it says to start again."""
    with pytest.raises(FlowOver, match="Start again"):
        await step


async def refused(step: Awaitable[object]) -> set[str]:
    """Which fields were."""
    with pytest.raises(Invalid) as caught:
        await step
    return {error.path for error in caught.value.errors}


async def nothing_but_over(house: House, steps: Sequence[Awaitable[object]]) -> None:
    """Each is over, and nothing is stored by it."""
    before = house.state
    try:
        for step in steps:
            await over(step)
    finally:
        for step in steps:
            if isinstance(step, Coroutine):
                step.close()
    assert house.state == before


async def all_or_nothing(house: House, prepare: Callable[[], Awaitable[Step]]) -> None:
    """Takes short-lived state away after each number of calls until the step gets through: before that, nothing is
    stored. `prepare` begins anew each time."""
    for calls in range(_MOST_CALLS):
        step = await prepare()
        before = house.state
        house.short_lived.up_for = calls
        try:
            await step()
        except Unavailable:
            assert house.state == before, f"something was stored before the call number {calls + 1} failed"
        else:
            assert calls > 0, "the step does without short-lived state, so this shows nothing"
            return
        finally:
            house.short_lived.up_for = None
    raise AssertionError("The step never got through.")


async def granted(house: House, actor: AccountActor) -> str:
    """A grant for one sensitive operation of the actor's."""
    return (await house.application.grants.given(actor, Factor.PASSWORD, CLIENT)).text


@asynccontextmanager
async def heard(house: House) -> AsyncIterator[list[Revoked]]:
    """What is told of ended sessions meanwhile."""
    told: list[Revoked] = []
    async with house.container.revocations().subscribe(told.append, lambda: None):
        yield told
