"""The shared playback: one value, one pure state machine. Nothing else computes positions.

Times are microseconds of the server's clock, positions and durations are seconds, a rate is 0.25 to 4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from synctv.domain.errors import Conflict, Invalid
from synctv.domain.ids import MICROS, HistoryId, ItemId, Micros, seconds_after
from synctv.domain.library.item import MAX_DURATION_SECONDS
from synctv.domain.rooms.actor import ActorRef

RATE_RANGE = (0.25, 4.0)
MAX_LEAD_SECONDS = 0.4


class Reason(StrEnum):
    """Why the playback is as it is: the command or the event that led to it."""

    SELECT = "select"
    PLAY = "play"
    PAUSE = "pause"
    SEEK = "seek"
    RATE = "rate"
    NEXT = "next"
    PREVIOUS = "previous"
    STOP = "stop"
    HISTORY = "history"
    ENDED = "ended"
    ADVANCE = "advance"
    BUFFERING = "buffering"
    READY = "ready"
    TIMEOUT = "timeout"
    ITEM_REMOVED = "item_removed"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Paused:
    """Stands still at `position`."""

    position: float


@dataclass(frozen=True, slots=True)
class Playing:
    """Moves from `position` on since `anchor`. An anchor in the future is a coordinated start: until then it stands."""

    position: float
    anchor: Micros


@dataclass(frozen=True, slots=True)
class Holding:
    """Means to play from `position` on, and waits until every viewer can, at the longest until `until`."""

    position: float
    until: Micros


Motion = Paused | Playing | Holding


@dataclass(frozen=True, slots=True)
class CurrentItem:
    """What the state machine knows of the item that plays: its id, and its duration while that is known."""

    id: ItemId
    duration: float | None
    live: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """Who or what makes a transition: the actor (None: the server itself), the client's operation id and the time."""

    by: ActorRef | None
    operation_id: str
    now: Micros
    lead: float = 0.0
    hold_seconds: float | None = None

    @property
    def starts_at(self) -> Micros:
        """When a start made by this change takes effect: a little ahead, so that every viewer can begin together."""
        return seconds_after(self.now, min(max(self.lead, 0.0), MAX_LEAD_SECONDS))

    def start(self, position: float) -> Motion:
        """The motion of a start: at once, or held until the viewers have buffered."""
        if self.hold_seconds is not None:
            return Holding(position, seconds_after(self.now, self.hold_seconds))
        return Playing(position, self.starts_at)


@dataclass(frozen=True, slots=True)
class Playback:
    """What a room shows now. Every transition returns a new value whose version is one higher."""

    item: CurrentItem | None
    motion: Motion
    rate: float
    changed_at: Micros
    version: int
    changed_by: ActorRef | None
    reason: Reason
    operation_id: str
    history_entry: HistoryId | None

    @property
    def moving(self) -> bool:
        """Whether time runs (or will from a start in the near future on)."""
        return isinstance(self.motion, Playing)

    @property
    def wants_to_play(self) -> bool:
        """Whether it plays, or would if it did not have to wait."""
        return not isinstance(self.motion, Paused)

    @property
    def anchor(self) -> Micros:
        """The instant at which `motion.position` is the position."""
        return self.motion.anchor if isinstance(self.motion, Playing) else self.changed_at

    def position_at(self, now: Micros) -> float:
        """The shared position: `position + (now - anchor) * rate` while playing, within 0 and the known duration."""
        position = self.motion.position
        if isinstance(self.motion, Playing):
            position += max(0, now - self.motion.anchor) / MICROS * self.rate
        duration = self.item.duration if self.item else None
        return max(0.0, position if duration is None else min(position, duration))

    def ends_at(self) -> Micros | None:
        """When the item will have been played to its end; None while that is unknown or never."""
        if not isinstance(self.motion, Playing) or self.item is None or self.item.duration is None:
            return None
        left = max(0.0, self.item.duration - self.motion.position)
        return seconds_after(self.motion.anchor, left / self.rate)

    def selected(self, item: CurrentItem, entry: HistoryId, reason: Reason, change: Change) -> Playback:
        """Shows an item from its beginning on, playing. The rate stays, but for a live item, which has none."""
        return replace(
            self._stamped(reason, change),
            item=item,
            motion=change.start(0.0),
            rate=1.0 if item.live else self.rate,
            history_entry=entry,
        )

    def played(self, change: Change, at: float | None = None) -> Playback:
        """Goes on, from `at` when given. Going on at the very end begins again. Raises `Conflict` without an item.

        Playing while the room holds means to go on without those who are being waited for.
        """
        item = self._item()
        if self.moving and at is None:
            return self._stamped(Reason.PLAY, change)
        position = self.position_at(change.now) if at is None else _valid_position(at, "at")
        if item.duration is not None and position >= item.duration and at is None:
            position = 0.0
        position = _within(position, item)
        waited = isinstance(self.motion, Holding)
        motion = Playing(position, change.starts_at) if waited else change.start(position)
        return replace(self._stamped(Reason.PLAY, change), motion=motion)

    def paused(self, change: Change, at: float | None = None) -> Playback:
        """Stands still where it is, or at `at`."""
        item = self._item()
        position = self.position_at(change.now) if at is None else _valid_position(at, "at")
        return replace(self._stamped(Reason.PAUSE, change), motion=Paused(_within(position, item)))

    def sought(self, to: float, change: Change) -> Playback:
        """Goes to a position and keeps playing or standing. A live item has nowhere to go: `Conflict`."""
        item = self._item()
        if item.live:
            raise Conflict("A live item can't be sought in: it always plays what happens now.")
        position = _within(_valid_position(to, "position"), item)
        motion = change.start(position) if self.wants_to_play else Paused(position)
        return replace(self._stamped(Reason.SEEK, change), motion=motion)

    def at_rate(self, rate: float, change: Change) -> Playback:
        """Plays faster or slower from now on."""
        item = self._item()
        low, high = RATE_RANGE
        if not (math.isfinite(rate) and low <= rate <= high):
            raise Invalid.field("rate", f"The rate is {low:g} to {high:g}.", "range")
        if item.live:
            raise Conflict("A live item always plays at normal speed.")
        motion = self.motion
        if isinstance(motion, Playing):
            motion = Playing(self.position_at(change.now), Micros(max(motion.anchor, change.now)))
        return replace(self._stamped(Reason.RATE, change), motion=motion, rate=rate)

    def stopped(self, reason: Reason, change: Change) -> Playback:
        """Shows nothing."""
        return replace(self._stamped(reason, change), item=None, motion=Paused(0.0), rate=1.0, history_entry=None)

    def ended(self, change: Change) -> Playback:
        """Stands at the end of its item, since nothing follows."""
        item = self._item()
        end = item.duration if item.duration is not None else self.position_at(change.now)
        return replace(self._stamped(Reason.ENDED, change), motion=Paused(end))

    def released(self, reason: Reason, change: Change) -> Playback:
        """Starts after a hold: everybody is ready, or the wait is over. Anything but a hold stays as it is."""
        if not isinstance(self.motion, Holding):
            return self
        return replace(self._stamped(reason, change), motion=Playing(self.motion.position, change.starts_at))

    def held(self, change: Change) -> Playback:
        """Holds where it is, since a viewer ran out of buffer."""
        position = self.position_at(change.now)
        until = seconds_after(change.now, change.hold_seconds or 0.0)
        return replace(self._stamped(Reason.BUFFERING, change), motion=Holding(position, until))

    def with_duration(self, duration: float) -> Playback:
        """The same playback, knowing how long its item lasts. Nothing visible changes, so the version stays."""
        return replace(self, item=replace(self._item(), duration=duration))

    def _item(self) -> CurrentItem:
        if self.item is None:
            raise Conflict("Nothing is selected. Choose an item first.")
        return self.item

    def _stamped(self, reason: Reason, change: Change) -> Playback:
        return replace(
            self,
            changed_at=change.now,
            version=self.version + 1,
            changed_by=change.by,
            reason=reason,
            operation_id=change.operation_id,
        )


def nothing_yet(now: Micros) -> Playback:
    """The playback of a room that has just been made."""
    return Playback(None, Paused(0.0), 1.0, now, 1, None, Reason.NEW, "", None)


def _valid_position(position: float, path: str) -> float:
    if not (math.isfinite(position) and 0 <= position <= MAX_DURATION_SECONDS):
        raise Invalid.field(path, "A position is a number of seconds, from 0 on.", "range")
    return position


def _within(position: float, item: CurrentItem) -> float:
    return position if item.duration is None else min(position, item.duration)
