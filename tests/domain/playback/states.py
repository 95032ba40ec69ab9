"""Playbacks, commands and their strategies, for all tests of the state machine."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from synctv.domain.ids import HistoryId, ItemId, Micros
from synctv.domain.playback.playback import (
    Change,
    CurrentItem,
    Holding,
    Motion,
    Paused,
    Playback,
    Playing,
    Reason,
)
from synctv.domain.rooms.actor import ActorRef
from tests.builders import a_guest, a_playback

T0 = Micros(1_000_000_000)
"""An instant that is easy to count from."""

SHOWN, CHOSEN = ItemId("item_shown"), ItemId("item_chosen")
ENTRY = HistoryId("hist_chosen")
SOMEBODY: ActorRef = a_guest("Somebody")


def seconds(value: float) -> Micros:
    """The instant so many seconds after `T0`."""
    return Micros(T0 + round(value * 1_000_000))


def a_change(now: float = 0.0, *, lead: float = 0.2, hold_seconds: float | None = None) -> Change:
    """A change by somebody, so many seconds after `T0`."""
    return Change(SOMEBODY, "operation-2", seconds(now), lead, hold_seconds)


def showing(item: CurrentItem | None, motion: Motion, rate: float = 1.0, **changes: Any) -> Playback:
    """A playback that was changed at `T0` for the last time."""
    changed = {"changed_at": T0, "version": 7, **changes}
    return a_playback(item=item, motion=motion, rate=rate, **changed)


def the_film(duration: float | None = 120.0) -> CurrentItem:
    """What is shown, unless a test shows something else."""
    return CurrentItem(SHOWN, duration)


DURATIONS = st.none() | st.floats(0.1, 20_000)
POSITIONS = st.floats(0, 20_000)
RATES = st.floats(0.25, 4)
INSTANTS = st.integers(T0 - 10_000_000, T0 + 50_000_000_000).map(Micros)
MOTIONS = (
    st.builds(Paused, POSITIONS) | st.builds(Playing, POSITIONS, INSTANTS) | st.builds(Holding, POSITIONS, INSTANTS)
)
ITEMS = st.builds(CurrentItem, st.just(SHOWN), DURATIONS) | st.just(CurrentItem(SHOWN, None, live=True))
PLAYBACKS = st.builds(showing, ITEMS, MOTIONS, RATES)
ANYTHING = PLAYBACKS | st.just(showing(None, Paused(0.0)))
CHANGES = st.builds(
    Change, st.just(SOMEBODY), st.just("operation-2"), INSTANTS, st.floats(0, 1), st.none() | st.floats(1, 60)
)


def commanded(playback: Playback, command: str, value: float, change: Change) -> Playback:
    """What a command makes of a playback. `value` is a position in seconds, where the command takes one."""
    made = {
        "play": lambda: playback.played(change),
        "play at": lambda: playback.played(change, value),
        "pause": lambda: playback.paused(change),
        "pause at": lambda: playback.paused(change, value),
        "seek": lambda: playback.sought(value, change),
        "rate": lambda: playback.at_rate(0.25 + value % 3.75, change),
        "select": lambda: playback.selected(CurrentItem(CHOSEN, 60.0), ENTRY, Reason.SELECT, change),
        "stop": lambda: playback.stopped(Reason.STOP, change),
    }
    return made[command]()


COMMANDS = st.sampled_from(["play", "play at", "pause", "pause at", "seek", "rate", "select", "stop"])
