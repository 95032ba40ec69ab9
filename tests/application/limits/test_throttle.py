"""The throttle: guessing takes time, and costs nobody else any."""

from __future__ import annotations

import asyncio

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.short_lived import MemoryShortLived
from synctv.application.limits.throttle import Attempt, Throttle
from synctv.domain.accounts.throttle import (
    AT_ACCOUNT,
    AT_ACCOUNT_FROM_NETWORK,
    AT_ADDRESS,
    ATTACK_FAILURES,
    WINDOW_SECONDS,
)
from synctv.domain.errors import RateLimited, Unavailable
from tests.application.house import FlakyShortLived

HOME, CAFE = "192.0.2.1", "198.51.100.1"


class HesitantShortLived(MemoryShortLived):
    """Lets every other task run before and after each operation, as a server over a network does."""

    async def get(self, key: str) -> bytes | None:
        await asyncio.sleep(0)
        value = await super().get(key)
        await asyncio.sleep(0)
        return value

    async def add(self, key: str, value: bytes, ttl: float) -> bool:
        await asyncio.sleep(0)
        added = await super().add(key, value, ttl)
        await asyncio.sleep(0)
        return added

    async def count(self, key: str, ttl: float) -> int:
        await asyncio.sleep(0)
        counted = await super().count(key, ttl)
        await asyncio.sleep(0)
        return counted


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def throttle(clock: MemoryClock) -> Throttle:
    return Throttle(HesitantShortLived(clock))


async def refused(throttle: Throttle, account: str = "anna", address: str = HOME) -> float:
    """A wrong guess: 0 when it was let through, else for how long to wait."""
    try:
        attempt = await throttle.admit(account, address)
    except RateLimited as error:
        return error.retry_after
    await throttle.failed(attempt)
    return 0.0


async def guess(throttle: Throttle, times: int, account: str = "anna", address: str = HOME) -> None:
    for _ in range(times):
        assert await refused(throttle, account, address) == 0.0


async def guess_from_everywhere(throttle: Throttle, failures: int, account: str = "anna") -> None:
    for number in range(failures):
        await guess(throttle, 1, account, f"203.0.113.{number}")


async def sign_in(throttle: Throttle, account: str = "anna", address: str = HOME) -> Attempt:
    attempt = await throttle.admit(account, address)
    await throttle.succeeded(attempt)
    return attempt


async def test_who_guesses_on_waits_twice_as_long_each_time(throttle: Throttle, clock: MemoryClock) -> None:
    await guess(throttle, AT_ACCOUNT.free + 1)
    for delay in (1.0, 2.0, 4.0, 8.0):
        assert await refused(throttle) == delay
        clock.advance(delay)
        assert await refused(throttle) == 0.0


async def test_the_refusal_says_how_long_is_left(throttle: Throttle, clock: MemoryClock) -> None:
    await guess(throttle, AT_ACCOUNT.free + 1)
    clock.advance(0.25)
    assert await refused(throttle) == 0.75


async def test_asking_while_the_delay_runs_does_not_lengthen_it(throttle: Throttle, clock: MemoryClock) -> None:
    await guess(throttle, AT_ACCOUNT.free + 1)
    for _ in range(50):
        assert await refused(throttle) == 1.0
    clock.advance(1.0)
    assert await refused(throttle) == 0.0
    assert await refused(throttle) == 2.0


async def test_what_is_waited_is_waited_from_the_answer_on(throttle: Throttle, clock: MemoryClock) -> None:
    await guess(throttle, AT_ACCOUNT.free)
    slow = await throttle.admit("anna", HOME)
    clock.advance(30.0)
    await throttle.failed(slow)
    assert await refused(throttle) == 1.0


async def test_a_late_answer_does_not_shorten_what_another_guess_has_to_wait(
    throttle: Throttle, clock: MemoryClock
) -> None:
    await guess(throttle, AT_ACCOUNT.free)
    slow = await throttle.admit("anna", HOME)
    clock.advance(1.0)
    await guess(throttle, 1)
    await throttle.failed(slow)
    assert await refused(throttle) == 2.0


async def test_of_a_hundred_guesses_at_once_only_the_free_ones_get_through(throttle: Throttle) -> None:
    answers = await asyncio.gather(*(refused(throttle) for _ in range(100)))
    assert 1 <= answers.count(0.0) <= AT_ACCOUNT.free
    assert set(answers) == {0.0, 1.0}


async def test_of_a_hundred_guesses_at_the_end_of_a_delay_one_gets_through(
    throttle: Throttle, clock: MemoryClock
) -> None:
    await guess(throttle, AT_ACCOUNT.free + 1)
    clock.advance(1.0)
    answers = await asyncio.gather(*(refused(throttle) for _ in range(100)))
    assert answers.count(0.0) == 1
    assert await refused(throttle) == 2.0


async def test_a_burst_costs_no_more_than_its_guesses(throttle: Throttle) -> None:
    answers = await asyncio.gather(*(refused(throttle) for _ in range(100)))
    await guess(throttle, AT_ACCOUNT.free + 1 - answers.count(0.0))
    assert await refused(throttle) == 1.0


async def test_a_guess_whose_end_is_never_told_counts_as_failed(throttle: Throttle) -> None:
    for _ in range(AT_ACCOUNT.free + 1):
        await throttle.admit("anna", HOME)
    assert await refused(throttle) == 1.0


async def test_strangers_do_not_lock_anybody_out(throttle: Throttle) -> None:
    await guess_from_everywhere(throttle, 200)
    await sign_in(throttle)


async def test_an_account_under_attack_gives_each_address_one_free_failure(throttle: Throttle) -> None:
    await guess_from_everywhere(throttle, ATTACK_FAILURES)
    await guess(throttle, 2)
    assert await refused(throttle) == 1.0
    assert await refused(throttle, "bert") == 0.0


async def test_signing_in_is_no_part_of_an_attack(throttle: Throttle) -> None:
    for number in range(2 * ATTACK_FAILURES):
        await sign_in(throttle, "anna", f"203.0.113.{number}")
    await guess(throttle, AT_ACCOUNT.free + 1)
    assert await refused(throttle) == 1.0


async def test_an_address_waits_after_failing_at_many_accounts(throttle: Throttle, clock: MemoryClock) -> None:
    for number in range(AT_ADDRESS.free + 1):
        await guess(throttle, 1, f"account-{number}")
    assert await refused(throttle, "anna") == 1.0
    assert await refused(throttle, "anna", CAFE) == 0.0
    clock.advance(1.0)
    assert await refused(throttle, "anna") == 0.0
    assert await refused(throttle, "bert") == 2.0


async def test_of_a_hundred_accounts_tried_at_once_only_the_free_ones_are(throttle: Throttle) -> None:
    answers = await asyncio.gather(*(refused(throttle, f"account-{number}") for number in range(100)))
    assert 1 <= answers.count(0.0) <= AT_ADDRESS.free


async def test_being_refused_at_an_account_does_not_count_against_the_address(throttle: Throttle) -> None:
    await guess(throttle, AT_ACCOUNT.free + 1)
    for _ in range(5 * AT_ADDRESS.free):
        assert await refused(throttle) == 1.0
    assert await refused(throttle, "bert") == 0.0


async def test_being_refused_at_an_account_does_not_close_the_address_that_has_to_wait_itself(
    throttle: Throttle, clock: MemoryClock
) -> None:
    for number in range(AT_ADDRESS.free - AT_ACCOUNT.free - 3):
        await guess(throttle, 1, f"account-{number}")
    await guess(throttle, AT_ACCOUNT.free + 1)
    clock.advance(1.0)
    await guess(throttle, 1)
    clock.advance(1.0)
    await guess(throttle, 1, "bert")
    assert await refused(throttle) == 1.0
    assert await refused(throttle, "carl") == 0.0


async def test_many_people_of_one_address_sign_in_unhindered(throttle: Throttle) -> None:
    for number in range(5 * AT_ADDRESS.free):
        await sign_in(throttle, f"account-{number}")
    await guess(throttle, 1, "anna")


async def test_success_forgets_what_failed_before_at_this_account_from_there(
    throttle: Throttle, clock: MemoryClock
) -> None:
    await guess(throttle, AT_ACCOUNT.free + 1)
    clock.advance(1.0)
    await sign_in(throttle)
    await guess(throttle, AT_ACCOUNT.free + 1)
    assert await refused(throttle) == 1.0


async def test_success_elsewhere_forgets_nothing_here(throttle: Throttle) -> None:
    await guess(throttle, AT_ACCOUNT.free + 1)
    await sign_in(throttle, "anna", CAFE)
    await sign_in(throttle, "bert", HOME)
    assert await refused(throttle) == 1.0


async def test_an_account_of_one_s_own_does_not_buy_an_address_more_guesses(
    throttle: Throttle, clock: MemoryClock
) -> None:
    for number in range(AT_ADDRESS.free):
        await sign_in(throttle, "own")
        await guess(throttle, 1, f"account-{number}")
    await sign_in(throttle, "own")
    await guess(throttle, 1, "anna")
    with pytest.raises(RateLimited):
        await sign_in(throttle, "own")
    clock.advance(1.0)
    own = await throttle.admit("own", HOME)
    clock.advance(2.0)
    await guess(throttle, 1, "bert")
    await throttle.succeeded(own)
    assert await refused(throttle, "carl") > 0.0


async def test_who_succeeds_behind_a_slow_address_holds_up_nobody(throttle: Throttle, clock: MemoryClock) -> None:
    for number in range(AT_ADDRESS.free + 1):
        await guess(throttle, 1, f"account-{number}")
    clock.advance(1.0)
    await sign_in(throttle, "anna")
    await sign_in(throttle, "bert")


async def test_failures_are_forgotten_an_hour_after_the_first(throttle: Throttle, clock: MemoryClock) -> None:
    await guess(throttle, AT_ACCOUNT.free + 1)
    clock.advance(WINDOW_SECONDS)
    await guess(throttle, AT_ACCOUNT.free + 1)


async def test_a_success_that_comes_after_its_hour_earns_no_credit(throttle: Throttle, clock: MemoryClock) -> None:
    attempt = await throttle.admit("bert", HOME)
    clock.advance(WINDOW_SECONDS)
    await throttle.succeeded(attempt)
    await guess(throttle, AT_ACCOUNT.free + 1)
    assert await refused(throttle) == 1.0


async def test_one_network_of_ipv6_is_one_address(throttle: Throttle) -> None:
    for number in range(AT_ACCOUNT.free + 1):
        await guess(throttle, 1, "anna", f"2001:db8::{number:x}")
    assert await refused(throttle, "anna", "2001:db8::ffff") == 1.0
    assert await refused(throttle, "anna", "2001:db8:0:1::1") == 0.0


async def test_texts_of_any_length_are_counted_apart(throttle: Throttle) -> None:
    long = "x" * 10_000
    await guess(throttle, AT_ACCOUNT.free + 1, long + "a")
    assert await refused(throttle, long + "a") == 1.0
    assert await refused(throttle, long + "b") == 0.0
    assert await refused(throttle, "\ud800") == 0.0


async def test_while_nothing_can_be_counted_nobody_guesses(clock: MemoryClock) -> None:
    store = FlakyShortLived(clock)
    throttle = Throttle(store)
    attempt = await throttle.admit("anna", HOME)
    store.down = True
    with pytest.raises(Unavailable):
        await throttle.admit("anna", HOME)
    store.down = False
    await throttle.failed(attempt)


async def test_a_network_that_guesses_codes_waits_as_a_whole_and_nobody_else_does(throttle: Throttle) -> None:
    for number in range(AT_ACCOUNT_FROM_NETWORK.free + 1):
        await throttle.failed(await throttle.admit("ada", f"2001:db8:1:{number:x}::1", by_network=True))
    with pytest.raises(RateLimited):
        await throttle.admit("ada", "2001:db8:1:ffff::1", by_network=True)
    await throttle.admit("ada", "2001:db8:2::1", by_network=True)
    await throttle.admit("bob", "2001:db8:1:fff0::1", by_network=True)
    await throttle.admit("ada", "2001:db8:1:ffff::1")


async def test_what_was_right_counts_for_no_network(throttle: Throttle) -> None:
    for number in range(3 * AT_ACCOUNT_FROM_NETWORK.free):
        await throttle.succeeded(await throttle.admit("ada", f"192.0.2.{number}", by_network=True))
    await throttle.admit("ada", "192.0.2.250", by_network=True)


async def test_a_network_of_many_addresses_gets_few_more_tries_in_an_hour_than_one(
    clock: MemoryClock, throttle: Throttle
) -> None:
    tries = 0
    for second in range(int(WINDOW_SECONDS)):
        try:
            attempt = await throttle.admit("ada", f"2001:db8:1:{second:x}::1", by_network=True)
        except RateLimited:
            clock.advance(1.0)
            continue
        await throttle.failed(attempt)
        tries += 1
        clock.advance(1.0)
    assert tries <= AT_ACCOUNT_FROM_NETWORK.free + 13
