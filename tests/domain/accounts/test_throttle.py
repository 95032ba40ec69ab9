"""How long a guesser waits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.accounts.throttle import (
    AT_ACCOUNT,
    AT_ADDRESS,
    ATTACK_FAILURES,
    LONGEST_SECONDS,
    UNDER_ATTACK,
    Tolerance,
    tolerance_at,
)

NUMBERS = st.integers(0, 10**9)


def test_the_delay_begins_after_the_free_failures_and_doubles() -> None:
    assert [AT_ACCOUNT.delay(failures) for failures in range(11)] == [0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16]


@pytest.mark.parametrize("tolerance", [AT_ACCOUNT, AT_ADDRESS, UNDER_ATTACK])
def test_the_longest_delay_is_a_quarter_of_an_hour(tolerance: Tolerance) -> None:
    assert tolerance.delay(tolerance.free + 10) == 512.0
    assert tolerance.delay(tolerance.free + 11) == LONGEST_SECONDS == 900.0
    assert tolerance.delay(10**9) == LONGEST_SECONDS


@given(NUMBERS, NUMBERS, st.integers(0, 100))
def test_more_failures_never_wait_for_less(one: int, other: int, free: int) -> None:
    fewer, more = sorted((one, other))
    assert 0.0 <= Tolerance(free).delay(fewer) <= Tolerance(free).delay(more) <= LONGEST_SECONDS


@given(NUMBERS)
def test_whatever_happened_at_an_account_the_first_try_of_an_address_is_free(failures: int) -> None:
    assert tolerance_at(failures).delay(1) == 0.0


def test_an_account_under_attack_has_less_patience() -> None:
    assert tolerance_at(ATTACK_FAILURES - 1) == AT_ACCOUNT
    assert tolerance_at(ATTACK_FAILURES) == UNDER_ATTACK
