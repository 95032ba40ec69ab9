"""What every transition of the shared playback has in common: loading, showing an item, storing and telling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.transaction import Transaction
from synctv.application.realtime.audience import Audience, Heard
from synctv.domain.errors import NotFound
from synctv.domain.ids import HistoryId, ItemId, RoomId, seconds_after
from synctv.domain.library.item import MediaItem, MediaKind
from synctv.domain.playback.history import MAX_AGE_DAYS, MAX_ENTRIES, HistoryEntry
from synctv.domain.playback.playback import Change, CurrentItem, Playback, Reason
from synctv.domain.rooms.actor import ActorRef
from synctv.domain.rooms.events import PlaybackChanged
from synctv.domain.rooms.room import Room

HOLD_FROM_VIEWERS = 2
"""Who watches alone has nobody to wait for."""


@dataclass(frozen=True, slots=True)
class PlaybackView:
    """A playback with the whole item that it shows."""

    playback: Playback
    item: MediaItem | None


def current_item(item: MediaItem) -> CurrentItem:
    """What the state machine needs of an item."""
    return CurrentItem(item.id, item.duration, item.kind is MediaKind.LIVE)


@dataclass(frozen=True, slots=True)
class Stage:
    """Loads and stores playbacks."""

    audience: Audience
    clock: Clock
    ids: Ids

    def change(self, room: Room, heard: Heard, by: ActorRef | None, operation_id: str = "") -> Change:
        """A change made now, which knows what a start would have to wait for in this room.

        `heard` is the room's audience, asked for ahead of the transaction: no row is locked while a server that is away
        is waited for.
        """
        wait = room.settings.wait_for_buffering
        holds = wait.enabled and heard.online >= HOLD_FROM_VIEWERS
        return Change(by, operation_id, self.clock.now(), heard.lead, wait.max_seconds if holds else None)

    async def load(self, tx: Transaction, room_id: RoomId, *, lock: bool = False) -> Playback:
        """The room's playback."""
        playback = await tx.playbacks.get(room_id, lock=lock)
        if playback is None:
            raise NotFound("room")
        return playback

    async def view(self, tx: Transaction, room_id: RoomId, playback: Playback) -> PlaybackView:
        """The playback with its item."""
        item = await tx.library.get(room_id, playback.item.id) if playback.item else None
        return PlaybackView(playback, item)

    async def store(self, tx: Transaction, room_id: RoomId, before: Playback, after: Playback) -> PlaybackView:
        """Replaces the playback and tells the room. Raises `VersionConflict` when somebody else was first."""
        view = await self.view(tx, room_id, after)
        await tx.playbacks.update(room_id, after, before.version)
        await tx.events.append(room_id, lambda _: PlaybackChanged(after, view.item), after.changed_at)
        return view

    async def show(
        self, tx: Transaction, room_id: RoomId, playback: Playback, item_id: ItemId, reason: Reason, change: Change
    ) -> Playback:
        """Selects an item and notes it in the history."""
        item = await self.item(tx, room_id, item_id)
        entry = HistoryEntry(HistoryId(self.ids.new("hist")), item.id, item.title, change.now, change.by)
        since = seconds_after(change.now, -MAX_AGE_DAYS * 86_400)
        await tx.playbacks.add_history(room_id, entry, keep=MAX_ENTRIES, since=since)
        return playback.selected(current_item(item), entry.id, reason, change)

    async def item(self, tx: Transaction, room_id: RoomId, item_id: ItemId) -> MediaItem:
        """The item of the room. Raises `NotFound`."""
        item = await tx.library.get(room_id, item_id)
        if item is None:
            raise NotFound("item")
        return item

    async def order_around(self, tx: Transaction, room_id: RoomId, playback: Playback) -> Sequence[ItemId]:
        """The items of the folder that the shown item is in, in their order; of the top folder while nothing shows."""
        shown = (await self.view(tx, room_id, playback)).item
        return [item.id for item in await tx.library.in_order(room_id, shown.folder_id if shown else None)]
