"""The sliding window's arithmetic, at its edges."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.application.limits.window import wait_for_one_more

LENGTH = 60_000_000


@pytest.mark.parametrize(
    "previous, present, elapsed, wait",
    [
        # Nothing before: as many as the limit, then until the present ones count little enough in the next window.
        (0, 0, 0, 0),
        (0, 9, 0, 0),
        (0, 9, LENGTH - 1, 0),
        (0, 10, 0, LENGTH + LENGTH // 10),
        (0, 10, LENGTH - 1, 1 + LENGTH // 10),
        # A full window before: one more fits with each tenth that passes.
        (10, 0, 0, LENGTH // 10),
        (10, 0, LENGTH // 10 - 1, 1),
        (10, 0, LENGTH // 10, 0),
        (10, 1, LENGTH // 10, LENGTH // 10),
        (10, 4, LENGTH // 2, 0),
        (10, 5, LENGTH // 2, LENGTH // 10),
        (10, 9, LENGTH - 1, 1),
        # Just so few that they never stand in the way.
        (9, 0, 0, 0),
        (1, 8, 0, 0),
        (1, 9, 0, LENGTH),
        # What can't be divided is rounded up.
        (7, 4, 0, LENGTH - 5 * LENGTH // 7),
        (11, 0, 0, LENGTH - 9 * LENGTH // 11),
    ],
)
def test_a_limit_of_ten(previous: int, present: int, elapsed: int, wait: int) -> None:
    assert wait_for_one_more(10, previous, present, elapsed, LENGTH) == wait


@pytest.mark.parametrize(
    "previous, present, elapsed, wait", [(0, 0, 0, 0), (1, 0, 0, LENGTH), (1, 0, LENGTH - 1, 1), (0, 1, 0, 2 * LENGTH)]
)
def test_a_limit_of_one_lets_a_whole_window_pass_in_between(
    previous: int, present: int, elapsed: int, wait: int
) -> None:
    assert wait_for_one_more(1, previous, present, elapsed, LENGTH) == wait


def fits(limit: int, previous: int, present: int, elapsed: int, length: int) -> bool:
    """Whether one more fits, by the formula itself."""
    if elapsed >= length:
        return fits(limit, present, 0, elapsed - length, length)
    return Fraction(previous * (length - elapsed), length) + present + 1 <= limit


@given(st.data())
def test_the_wait_is_the_shortest_after_which_one_more_fits(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 10**6))
    limit = data.draw(st.integers(1, 1_000))
    previous, present = data.draw(st.integers(0, 2_000)), data.draw(st.integers(0, 2_000))
    elapsed = data.draw(st.integers(0, length - 1))
    wait = wait_for_one_more(limit, previous, present, elapsed, length)
    assert fits(limit, previous, present, elapsed + wait, length)
    if wait:
        assert not fits(limit, previous, present, elapsed + wait - 1, length)
