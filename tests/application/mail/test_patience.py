"""When a letter is tried again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from synctv.application.mail.patience import MAX_ATTEMPTS, SPREAD, WAITS_SECONDS, next_attempt
from synctv.domain.ids import MICROS, seconds_after
from tests.builders import NOW, a_mail, at

A_YEAR = at(365 * 86_400)
CHANCES = st.floats(0, 1, exclude_max=True)


def waits(chance: float) -> list[float]:
    """Seconds before each further attempt of a letter that never expires."""
    found: list[float] = []
    while due := next_attempt(a_mail(expires_at=A_YEAR, attempts=len(found)), NOW, chance):
        found.append((due - NOW) / MICROS)
    return found


def test_the_waits_grow_from_a_minute_to_six_hours() -> None:
    assert waits(0) == list(WAITS_SECONDS)
    assert WAITS_SECONDS[0] == 60
    assert WAITS_SECONDS[-1] == 6 * 3_600
    assert list(WAITS_SECONDS) == sorted(set(WAITS_SECONDS))


def test_there_are_eight_attempts_at_most() -> None:
    assert len(waits(0)) + 1 == MAX_ATTEMPTS == 8
    assert next_attempt(a_mail(expires_at=A_YEAR, attempts=1_000), NOW, 0) is None


@given(CHANCES)
def test_chance_makes_a_wait_longer_by_a_tenth_at_most(chance: float) -> None:
    for wait, least in zip(waits(chance), WAITS_SECONDS, strict=True):
        assert least <= wait <= least * (1 + SPREAD)


@given(CHANCES)
def test_a_letter_with_a_code_is_tried_four_times_while_the_code_holds(chance: float) -> None:
    mail, now, tried = a_mail(expires_at=at(600)), NOW, 1
    while due := next_attempt(a_mail(id=mail.id, expires_at=mail.expires_at, attempts=tried - 1), now, chance):
        now, tried = due, tried + 1
    assert tried == 4
    assert now < mail.expires_at


def test_what_would_come_too_late_is_given_up() -> None:
    assert next_attempt(a_mail(expires_at=seconds_after(NOW, 60)), NOW, 0) is None
    assert next_attempt(a_mail(expires_at=seconds_after(NOW, 60.1)), NOW, 0) == seconds_after(NOW, 60)
