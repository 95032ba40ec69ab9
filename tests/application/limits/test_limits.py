"""Limits: how often in which window."""

from __future__ import annotations

import asyncio

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.short_lived import MemoryShortLived
from synctv.application.limits.limits import DEFAULT_RATES, Category, Limits, Rate
from synctv.domain.errors import RateLimited, Unavailable
from tests.application.house import FlakyShortLived

RATES = {Category.AUTH: Rate(2, 60.0), Category.WRITE: Rate(3, 10.0), Category.READ: Rate(1, 1.0)}


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def limits(clock: MemoryClock) -> Limits:
    return Limits(MemoryShortLived(clock), RATES)


async def refused(limits: Limits, category: Category, caller: str) -> float:
    """For how long the caller is refused; 0 when they are not."""
    try:
        await limits.check(category, caller)
    except RateLimited as error:
        return error.retry_after
    return 0.0


async def test_as_many_as_the_rate_says_are_let_through(limits: Limits) -> None:
    assert [await refused(limits, Category.AUTH, "anna") for _ in range(4)] == [0.0, 0.0, 60.0, 60.0]


async def test_the_refusal_says_when_the_window_ends(limits: Limits, clock: MemoryClock) -> None:
    await refused(limits, Category.AUTH, "anna")
    clock.advance(45.0)
    await refused(limits, Category.AUTH, "anna")
    with pytest.raises(RateLimited, match="Try again in 15 s") as error:
        await limits.check(Category.AUTH, "anna")
    assert error.value.retry_after == 15.0


async def test_trying_on_does_not_lengthen_the_window(limits: Limits, clock: MemoryClock) -> None:
    for _ in range(6):
        await refused(limits, Category.AUTH, "anna")
        clock.advance(10.0)
    assert await refused(limits, Category.AUTH, "anna") == 0.0


async def test_callers_and_categories_are_counted_apart(limits: Limits) -> None:
    await refused(limits, Category.READ, "anna")
    assert await refused(limits, Category.READ, "anna") > 0
    assert await refused(limits, Category.READ, "bert") == 0.0
    assert await refused(limits, Category.WRITE, "anna") == 0.0


async def test_callers_at_once_do_not_get_past_the_rate(limits: Limits) -> None:
    results = await asyncio.gather(*(refused(limits, Category.WRITE, "anna") for _ in range(20)))
    assert results.count(0.0) == 3


async def test_a_caller_with_an_endless_name_is_counted_like_any_other(limits: Limits) -> None:
    assert [await refused(limits, Category.READ, "x" * 10_000) for _ in range(2)] == [0.0, 1.0]


async def test_while_nothing_can_be_counted_only_passwords_are_refused(clock: MemoryClock) -> None:
    short_lived = FlakyShortLived(clock)
    short_lived.down = True
    limits = Limits(short_lived, RATES)
    await limits.check(Category.WRITE, "anna")
    await limits.check(Category.READ, "anna")
    with pytest.raises(Unavailable):
        await limits.check(Category.AUTH, "anna")


def test_every_category_has_a_rate_without_being_configured() -> None:
    assert set(DEFAULT_RATES) == set(Category)
