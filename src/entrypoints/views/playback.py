"""The shared playback and its history."""

from __future__ import annotations

from msgspec import Struct

from synctv.application.playback import stage
from synctv.domain.ids import HistoryId, Micros
from synctv.domain.library.item import MediaItem
from synctv.domain.playback.history import HistoryEntry
from synctv.domain.playback.playback import Holding, Playback, Playing, Reason
from synctv.entrypoints.views.actors import ActorView
from synctv.entrypoints.views.library import ItemView
from synctv.entrypoints.views.times import Instant, instant


class HoldView(Struct, frozen=True, rename="camel"):
    """The room waits for viewers to buffer, and goes on without the missing ones at `until` (unix microseconds)."""

    until: Micros


class PlaybackView(Struct, frozen=True, rename="camel"):
    """What the room shows. `anchor` and `startsAt` are unix microseconds, `position` (seconds) is the one at `anchor`.

    `startsAt` is set for a coordinated start: one whose anchor lay in the future when it was decided.
    """

    item: ItemView | None
    position: float
    rate: float
    playing: bool
    anchor: Micros
    starts_at: Micros | None
    version: int
    reason: Reason
    changed_by: ActorView | None
    operation_id: str
    hold: HoldView | None
    history_entry_id: HistoryId | None

    @classmethod
    def of(cls, view: stage.PlaybackView) -> PlaybackView:
        """The view of a playback."""
        playback = view.playback
        return cls(
            item=ItemView.maybe(view.item),
            position=playback.motion.position,
            rate=playback.rate,
            playing=playback.moving,
            anchor=playback.anchor,
            starts_at=_starts_at(playback),
            version=playback.version,
            reason=playback.reason,
            changed_by=ActorView.maybe(playback.changed_by),
            operation_id=playback.operation_id,
            hold=HoldView(playback.motion.until) if isinstance(playback.motion, Holding) else None,
            history_entry_id=playback.history_entry,
        )


class HistoryEntryView(Struct, frozen=True, rename="camel"):
    """One time that an item was chosen. `item` is null once it was removed; `title` is the one of that time."""

    id: HistoryId
    title: str
    item: ItemView | None
    played_at: Instant
    played_by: ActorView | None

    @classmethod
    def of(cls, entry: HistoryEntry, item: MediaItem | None) -> HistoryEntryView:
        """The view of an entry."""
        return cls(
            id=entry.id,
            title=entry.title,
            item=ItemView.maybe(item),
            played_at=instant(entry.played_at),
            played_by=ActorView.maybe(entry.played_by),
        )


def _starts_at(playback: Playback) -> Micros | None:
    motion = playback.motion
    return motion.anchor if isinstance(motion, Playing) and motion.anchor > playback.changed_at else None
