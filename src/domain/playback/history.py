"""What a room played, in order. `previous` and `next` walk it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synctv.domain.ids import HistoryId, ItemId, Micros
from synctv.domain.rooms.actor import ActorRef

MAX_ENTRIES = 200
MAX_AGE_DAYS = 90


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One time that an item was chosen. The title is the one it had then, so that it can be told after a deletion."""

    id: HistoryId
    item_id: ItemId
    title: str
    played_at: Micros
    played_by: ActorRef | None


def step(entries: Sequence[HistoryEntry], current: HistoryId | None, direction: int) -> HistoryEntry | None:
    """The entry one step back (-1) or on (+1) from `current`, or None at either end.

    `entries` are oldest first. Without a current entry, a step back leads to the newest.
    """
    index = next((i for i, entry in enumerate(entries) if entry.id == current), None)
    if index is None:
        return entries[-1] if direction < 0 and entries else None
    index += direction
    return entries[index] if 0 <= index < len(entries) else None
