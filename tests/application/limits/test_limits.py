"""Limits: how often in how long, of whom and from where."""

from __future__ import annotations

import asyncio

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.short_lived import MemoryShortLived
from synctv.application.limits.limits import DEFAULT_RATES, Category, Limits, Rate
from synctv.domain.errors import RateLimited, Unavailable
from synctv.domain.ids import MICROS
from tests.application.house import FlakyShortLived

RATES = {
    **DEFAULT_RATES,
    Category.AUTH: Rate(2, 60.0),
    Category.WRITE: Rate(3, 10.0),
    Category.READ: Rate(1, 1.0),
}

HOME, CAFE = "192.0.2.1", "198.51.100.1"


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def limits(clock: MemoryClock) -> Limits:
    return Limits(MemoryShortLived(clock), clock, RATES, address_factor=3)


async def refused(limits: Limits, category: Category, caller: str) -> float:
    """For how long the caller is refused; 0 when they are not."""
    try:
        await limits.check(category, caller)
    except RateLimited as error:
        return error.retry_after
    return 0.0


async def request_refused(
    limits: Limits, account: str | None, address: str | None, category: Category = Category.WRITE
) -> float:
    """For how long a request is refused; 0 when it is not."""
    try:
        await limits.check_request(category, account=account, address=address)
    except RateLimited as error:
        return error.retry_after
    return 0.0


async def test_as_many_as_the_rate_says_are_let_through(limits: Limits) -> None:
    assert [await refused(limits, Category.WRITE, "anna") > 0 for _ in range(5)] == [False, False, False, True, True]


async def test_who_comes_back_when_the_refusal_says_is_let_through_and_not_a_moment_earlier(
    limits: Limits, clock: MemoryClock
) -> None:
    clock.advance(3.7)
    for _ in range(3):
        await limits.check(Category.WRITE, "anna")
    for _ in range(20):
        wait = await refused(limits, Category.WRITE, "anna")
        clock.advance(wait - 1 / MICROS)
        assert await refused(limits, Category.WRITE, "anna") == 1 / MICROS
        clock.advance(1 / MICROS)
        assert await refused(limits, Category.WRITE, "anna") == 0.0


async def test_the_window_slides(limits: Limits, clock: MemoryClock) -> None:
    clock.advance(9.9)
    for _ in range(3):
        await limits.check(Category.WRITE, "anna")
    clock.advance(0.2)
    # A fixed window would have begun anew, and let through three more.
    assert await refused(limits, Category.WRITE, "anna") == pytest.approx(10 / 3 - 0.1, abs=2 / MICROS)


async def test_the_refusal_says_in_words_when_to_come_back(limits: Limits, clock: MemoryClock) -> None:
    clock.advance(45.0)
    for _ in range(2):
        await limits.check(Category.AUTH, "anna")
    # Half of the two has to have left the window: 15 s to its end, and half of the next one.
    with pytest.raises(RateLimited, match="Try again in 45 s"):
        await limits.check(Category.AUTH, "anna")


async def test_trying_on_does_not_lengthen_the_wait(limits: Limits, clock: MemoryClock) -> None:
    for _ in range(2):
        await limits.check(Category.AUTH, "anna")
    left = await refused(limits, Category.AUTH, "anna")
    for _ in range(50):
        assert await refused(limits, Category.AUTH, "anna") == left
    clock.advance(left)
    assert await refused(limits, Category.AUTH, "anna") == 0.0


async def test_after_two_quiet_windows_everything_is_forgotten(limits: Limits, clock: MemoryClock) -> None:
    for _ in range(3):
        await limits.check(Category.WRITE, "anna")
    clock.advance(20.0)
    assert [await refused(limits, Category.WRITE, "anna") for _ in range(3)] == [0.0, 0.0, 0.0]


async def test_callers_and_categories_are_counted_apart(limits: Limits) -> None:
    await refused(limits, Category.READ, "anna")
    assert await refused(limits, Category.READ, "anna") > 0
    assert await refused(limits, Category.READ, "bert") == 0.0
    assert await refused(limits, Category.WRITE, "anna") == 0.0


async def test_callers_at_once_do_not_get_past_the_rate(limits: Limits) -> None:
    results = await asyncio.gather(*(refused(limits, Category.WRITE, "anna") for _ in range(20)))
    assert results.count(0.0) == 3


async def test_a_caller_with_an_endless_name_is_counted_like_any_other(limits: Limits) -> None:
    assert await refused(limits, Category.READ, "x" * 10_000) == 0.0
    assert await refused(limits, Category.READ, "x" * 10_000) > 0.0


async def test_an_account_gets_no_more_from_many_addresses(limits: Limits) -> None:
    results = [await request_refused(limits, "anna", f"192.0.2.{number}") for number in range(10)]
    assert results.count(0.0) == 3


async def test_an_address_gets_its_multiple_and_no_more_for_many_accounts(limits: Limits) -> None:
    results = [await request_refused(limits, f"account-{number}", HOME) for number in range(20)]
    assert results.count(0.0) == 9
    assert await request_refused(limits, "account-19", CAFE) == 0.0


async def test_who_is_not_known_is_counted_by_address(limits: Limits) -> None:
    results = [await request_refused(limits, None, HOME) for _ in range(20)]
    assert results.count(0.0) == 9
    assert await request_refused(limits, None, CAFE) == 0.0


async def test_one_network_of_ipv6_is_one_address(limits: Limits) -> None:
    results = [await request_refused(limits, None, f"2001:db8::{number:x}") for number in range(20)]
    assert results.count(0.0) == 9
    assert await request_refused(limits, None, "2001:db8:0:1::1") == 0.0


async def test_what_one_of_the_two_refuses_does_not_count_for_the_other(limits: Limits) -> None:
    for _ in range(50):
        await request_refused(limits, "anna", HOME)
    for number in range(6):
        assert await request_refused(limits, f"account-{number}", HOME) == 0.0
    assert await request_refused(limits, "bert", HOME) > 0.0
    assert [await request_refused(limits, "bert", CAFE) for _ in range(3)] == [0.0, 0.0, 0.0]


async def test_an_account_that_is_called_like_an_address_is_not_it(limits: Limits) -> None:
    for _ in range(3):
        await limits.check_request(Category.WRITE, account=HOME, address=None)
    assert await request_refused(limits, HOME, None) > 0.0
    assert await request_refused(limits, None, HOME) == 0.0


async def test_while_nothing_can_be_counted_only_passwords_are_refused(clock: MemoryClock) -> None:
    short_lived = FlakyShortLived(clock)
    short_lived.down = True
    limits = Limits(short_lived, clock, RATES)
    for category in Category:
        if category is not Category.AUTH:
            await limits.check(category, "anna")
            await limits.check_request(category, account="anna", address=HOME)
    with pytest.raises(Unavailable):
        await limits.check(Category.AUTH, "anna")
    with pytest.raises(Unavailable):
        await limits.check_request(Category.AUTH, account=None, address=HOME)


def test_every_category_has_a_rate_without_being_configured() -> None:
    assert set(DEFAULT_RATES) == set(Category)
