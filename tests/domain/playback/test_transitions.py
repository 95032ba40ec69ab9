"""What every transition of the playback has in common, and those that nobody commands."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.errors import Conflict, DomainError
from synctv.domain.playback.playback import (
    Change,
    CurrentItem,
    Holding,
    Paused,
    Playback,
    Playing,
    Reason,
)
from tests.domain.playback.states import (
    ANYTHING,
    CHANGES,
    CHOSEN,
    COMMANDS,
    ENTRY,
    PLAYBACKS,
    POSITIONS,
    SHOWN,
    SOMEBODY,
    T0,
    a_change,
    commanded,
    seconds,
    showing,
    the_film,
)


@given(ANYTHING, COMMANDS, POSITIONS, CHANGES)
def test_every_command_raises_the_version_by_one_and_says_who_gave_it(
    playback: Playback, command: str, value: float, change: Change
) -> None:
    with suppress(Conflict):
        after = commanded(playback, command, value, change)
        assert after.version == playback.version + 1
        assert (after.changed_by, after.operation_id, after.changed_at) == (SOMEBODY, "operation-2", change.now)


@given(ANYTHING, COMMANDS, POSITIONS, CHANGES)
def test_no_command_leads_past_the_end_of_an_item(
    playback: Playback, command: str, value: float, change: Change
) -> None:
    with suppress(Conflict):
        after = commanded(playback, command, value, change)
        if after.item is not None and after.item.duration is not None and after.motion != playback.motion:
            assert 0 <= after.motion.position <= after.item.duration


@given(ANYTHING, st.lists(st.tuples(COMMANDS, POSITIONS, st.floats(0, 500)), max_size=20))
def test_any_sequence_of_commands_leads_to_a_sound_playback(
    playback: Playback, given_commands: list[tuple[str, float, float]]
) -> None:
    now = 0.0
    for command, value, passed in given_commands:
        now += passed
        with suppress(DomainError):
            playback = commanded(playback, command, value, a_change(now))
        assert playback.item is not None or playback.motion == Paused(0.0)
        assert playback.position_at(seconds(now + 1)) >= 0


@given(PLAYBACKS, CHANGES, POSITIONS)
def test_seeking_neither_starts_nor_stops(playback: Playback, change: Change, to: float) -> None:
    with suppress(Conflict):
        assert playback.sought(to, change).wants_to_play == playback.wants_to_play


@given(PLAYBACKS, CHANGES)
def test_playing_means_to_play_and_pausing_does_not(playback: Playback, change: Change) -> None:
    assert playback.played(change).wants_to_play
    assert not playback.paused(change).wants_to_play


@given(PLAYBACKS, CHANGES)
def test_while_it_holds_time_stands_still(playback: Playback, change: Change) -> None:
    held = playback.held(change)
    assert held.position_at(change.now) == held.position_at(seconds(100_000))
    assert held.ends_at() is None
    assert held.wants_to_play
    assert not held.moving


def test_a_hold_ends_where_it_began_and_a_little_ahead() -> None:
    held = showing(the_film(), Playing(30.0, T0)).held(a_change(10.0, hold_seconds=8.0))
    assert held.motion == Holding(40.0, seconds(18.0))
    assert held.reason is Reason.BUFFERING
    for reason in (Reason.READY, Reason.TIMEOUT):
        released = held.released(reason, a_change(13.0))
        assert released.motion == Playing(40.0, seconds(13.2))
        assert (released.reason, released.version) == (reason, held.version + 1)


@pytest.mark.parametrize("motion", [Paused(3.0), Playing(3.0, T0)])
def test_what_does_not_hold_can_not_be_released(motion: Paused | Playing) -> None:
    playback = showing(the_film(), motion)
    assert playback.released(Reason.READY, a_change(1.0)) is playback


def test_a_hold_before_a_start_has_come_keeps_its_position() -> None:
    starting = showing(the_film(), Playing(30.0, seconds(0.4)))
    assert starting.held(a_change(0.1, hold_seconds=5.0)).motion == Holding(30.0, seconds(5.1))


def test_what_nothing_follows_stands_at_its_end() -> None:
    ended = showing(the_film(120.0), Playing(30.0, T0)).ended(a_change(90.0))
    assert (ended.motion, ended.reason) == (Paused(120.0), Reason.ENDED)


def test_what_ends_without_a_known_end_stands_where_it_is() -> None:
    ended = showing(the_film(None), Playing(30.0, T0)).ended(a_change(90.0))
    assert ended.motion == Paused(120.0)


def test_nothing_can_not_end() -> None:
    with pytest.raises(Conflict, match="Choose an item first"):
        showing(None, Paused(0.0)).ended(a_change())


def test_a_duration_that_was_learned_changes_nothing_else() -> None:
    playback = showing(the_film(None), Playing(30.0, T0), 2.0)
    learned = playback.with_duration(90.0)
    assert learned.item == CurrentItem(SHOWN, 90.0)
    assert (learned.version, learned.motion, learned.changed_at) == (playback.version, playback.motion, T0)
    assert learned.ends_at() == seconds(30.0)


def test_selecting_begins_at_the_beginning_and_remembers_its_entry() -> None:
    chosen = showing(the_film(), Paused(77.0)).selected(CurrentItem(CHOSEN, 60.0), ENTRY, Reason.NEXT, a_change())
    assert (chosen.item, chosen.history_entry, chosen.reason) == (CurrentItem(CHOSEN, 60.0), ENTRY, Reason.NEXT)
    assert chosen.motion == Playing(0.0, seconds(0.2))


def test_stopping_forgets_the_item_its_place_in_the_history_and_the_rate() -> None:
    stopped = showing(the_film(), Playing(5.0, T0), 1.5).stopped(Reason.ITEM_REMOVED, a_change())
    assert (stopped.item, stopped.history_entry, stopped.rate) == (None, None, 1.0)
    assert (stopped.motion, stopped.reason) == (Paused(0.0), Reason.ITEM_REMOVED)
