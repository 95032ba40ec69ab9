"""Where a playback stands: everywhere, at every instant."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from synctv.domain.errors import Conflict, Invalid
from synctv.domain.ids import Micros, seconds_after
from synctv.domain.playback.playback import Change, CurrentItem, Holding, Paused, Playback, Playing, nothing_yet
from tests.domain.playback.states import (
    ANYTHING,
    CHANGES,
    INSTANTS,
    PLAYBACKS,
    POSITIONS,
    RATES,
    SHOWN,
    T0,
    a_change,
    commanded,
    seconds,
    showing,
    the_film,
)

MICROSECOND = 1e-6


@given(ANYTHING, INSTANTS, INSTANTS)
def test_positions_never_go_back_as_time_goes_on(playback: Playback, one: Micros, other: Micros) -> None:
    earlier, later = sorted((one, other))
    assert playback.position_at(earlier) <= playback.position_at(later)


@given(ANYTHING, INSTANTS)
def test_a_position_is_never_negative_nor_past_a_known_end(playback: Playback, now: Micros) -> None:
    position = playback.position_at(now)
    assert position >= 0
    if playback.item is not None and playback.item.duration is not None:
        assert position <= playback.item.duration


@given(PLAYBACKS, INSTANTS, st.floats(0.001, 100))
def test_a_position_moves_no_faster_than_the_rate(playback: Playback, now: Micros, passed: float) -> None:
    later = seconds_after(now, passed)
    moved = playback.position_at(later) - playback.position_at(now)
    assert moved <= (later - now) / 1e6 * playback.rate + MICROSECOND


@given(st.floats(0.1, 20_000), POSITIONS, INSTANTS, RATES)
def test_what_ends_is_at_its_end_then_and_not_before(
    duration: float, position: float, anchor: Micros, rate: float
) -> None:
    playback = showing(the_film(duration), Playing(position, anchor), rate)
    ends = playback.ends_at()
    assert ends is not None
    # Instants are whole microseconds, so the end may be missed by one of them.
    assert playback.position_at(ends) == pytest.approx(duration, abs=rate * MICROSECOND)
    if ends > seconds_after(anchor, 0.02):
        assert playback.position_at(seconds_after(ends, -0.01)) < duration


@given(PLAYBACKS)
def test_only_what_moves_towards_a_known_end_ends(playback: Playback) -> None:
    moves = isinstance(playback.motion, Playing)
    known = playback.item is not None and playback.item.duration is not None
    assert (playback.ends_at() is not None) == (moves and known)


@given(PLAYBACKS, CHANGES, RATES)
def test_a_new_rate_leaves_the_position_where_it_is(playback: Playback, change: Change, rate: float) -> None:
    assume(playback.item is not None and not playback.item.live)
    after = playback.at_rate(rate, change)
    assert after.position_at(change.now) == pytest.approx(playback.position_at(change.now))


@given(PLAYBACKS, CHANGES, RATES, st.floats(0, 100))
def test_after_a_new_rate_time_runs_at_it(playback: Playback, change: Change, rate: float, passed: float) -> None:
    assume(playback.item is not None and not playback.item.live)
    after = playback.at_rate(rate, change)
    later = seconds_after(change.now, passed)
    expected = after.motion.position
    if isinstance(after.motion, Playing):
        expected += max(0, later - after.motion.anchor) / 1e6 * rate
    if playback.item is not None and playback.item.duration is not None:
        expected = min(expected, playback.item.duration)
    assert after.position_at(later) == pytest.approx(expected)


@given(PLAYBACKS, CHANGES)
def test_pausing_and_holding_keep_the_position(playback: Playback, change: Change) -> None:
    position = playback.position_at(change.now)
    assert playback.paused(change).position_at(change.now) == position
    assert playback.held(change).position_at(change.now) == position


@given(PLAYBACKS, CHANGES)
def test_pausing_and_playing_again_loses_nothing(playback: Playback, change: Change) -> None:
    assume(playback.item is not None)
    assert playback.item is not None
    paused = playback.paused(change)
    position = paused.motion.position
    assume(playback.item.duration is None or position < playback.item.duration)
    assert paused.played(change).motion.position == position


@given(POSITIONS, RATES, CHANGES)
def test_a_start_stands_until_its_instant_and_moves_after_it(position: float, rate: float, change: Change) -> None:
    started = showing(the_film(None), Paused(position), rate).played(
        Change(change.by, change.operation_id, change.now, change.lead)
    )
    assert started.position_at(change.now) == position
    assert started.position_at(change.starts_at) == position
    assert started.position_at(seconds_after(change.starts_at, 1.0)) == pytest.approx(position + rate)


@pytest.mark.parametrize("lead, counted", [(-1.0, 0.0), (0.0, 0.0), (0.25, 0.25), (0.4, 0.4), (30.0, 0.4)])
def test_a_start_is_at_most_400_milliseconds_ahead(lead: float, counted: float) -> None:
    assert a_change(lead=lead).starts_at == seconds_after(T0, counted)


@pytest.mark.parametrize("wrong", [-1.0, -0.0001, math.nan, math.inf, -math.inf, 60 * 60 * 24 * 31 + 1.0])
@pytest.mark.parametrize("command, path", [("play at", "at"), ("pause at", "at"), ("seek", "position")])
def test_a_position_that_is_none_is_refused_and_named(command: str, path: str, wrong: float) -> None:
    with pytest.raises(Invalid) as refused:
        commanded(showing(the_film(None), Paused(5.0)), command, wrong, a_change())
    assert [(error.path, error.code) for error in refused.value.errors] == [(path, "range")]


@pytest.mark.parametrize("wrong", [0.0, -1.0, 0.2499, 4.0001, math.nan, math.inf])
def test_a_rate_outside_of_its_range_is_refused_and_named(wrong: float) -> None:
    with pytest.raises(Invalid) as refused:
        showing(the_film(), Playing(0.0, T0)).at_rate(wrong, a_change())
    assert [(error.path, error.code) for error in refused.value.errors] == [("rate", "range")]


def test_a_live_item_says_why_it_can_not_be_sought_in_or_sped_up() -> None:
    live = showing(CurrentItem(SHOWN, None, live=True), Playing(0.0, T0))
    with pytest.raises(Conflict, match="what happens now"):
        live.sought(5.0, a_change())
    with pytest.raises(Conflict, match="normal speed"):
        live.at_rate(2.0, a_change())


def test_the_anchor_is_the_instant_of_the_position() -> None:
    moving = showing(the_film(), Playing(3.0, seconds(0.3)))
    standing = showing(the_film(), Paused(3.0), changed_at=seconds(2.0))
    holding = showing(the_film(), Holding(3.0, seconds(8.0)), changed_at=seconds(2.0))
    assert (moving.anchor, standing.anchor, holding.anchor) == (seconds(0.3), seconds(2.0), seconds(2.0))


def test_a_new_room_shows_nothing() -> None:
    fresh = nothing_yet(T0)
    assert (fresh.item, fresh.version, fresh.position_at(seconds(100)), fresh.ends_at()) == (None, 1, 0.0, None)
    assert not fresh.moving
    assert not fresh.wants_to_play
