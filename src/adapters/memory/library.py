"""Media items in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from synctv.adapters.memory.store import View, with_part
from synctv.application.ports.library import Library
from synctv.domain.errors import AlreadyExists, VersionConflict
from synctv.domain.ids import FolderId, ItemId, RoomId
from synctv.domain.library.item import MediaItem


class MemoryLibrary(Library):
    """The items of each room. What is deleted is dropped at once, as nothing here would ever show it."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, item: MediaItem) -> None:
        """Stores a new item. Raises `NotFound` for a room that isn't there."""
        self._view.must_have_room(item.room_id)
        if item.id in self._of(item.room_id):
            raise AlreadyExists("item")
        self._store(item)

    async def get(self, room_id: RoomId, item_id: ItemId) -> MediaItem | None:
        """The item of this room."""
        return self._of(room_id).get(item_id)

    async def update(self, item: MediaItem, expected_version: int) -> None:
        """Replaces it."""
        stored = self._of(item.room_id).get(item.id)
        if stored is None or stored.version != expected_version:
            raise VersionConflict("item", stored)
        self._store(item)

    async def delete(self, room_id: RoomId, item_id: ItemId) -> None:
        """Drops it."""
        state = self._view.state
        left = {id: item for id, item in self._of(room_id).items() if id != item_id}
        self._view.change(replace(state, items={**state.items, room_id: left}))

    async def in_order(
        self, room_id: RoomId, folder_id: FolderId | None, *, offset: int = 0, limit: int | None = None
    ) -> Sequence[MediaItem]:
        """The items of a folder by rank, then id."""
        start = max(offset, 0)
        end = None if limit is None else start + max(limit, 0)
        return sorted(self._in_folder(room_id, folder_id), key=lambda item: (item.rank, item.id))[start:end]

    async def count(self, room_id: RoomId, folder_id: FolderId | None) -> int:
        """How many items the folder has."""
        return len(self._in_folder(room_id, folder_id))

    def _of(self, room_id: RoomId) -> Mapping[ItemId, MediaItem]:
        return self._view.state.items.get(room_id, {})

    def _in_folder(self, room_id: RoomId, folder_id: FolderId | None) -> list[MediaItem]:
        return [item for item in self._of(room_id).values() if item.folder_id == folder_id]

    def _store(self, item: MediaItem) -> None:
        state = self._view.state
        self._view.change(replace(state, items=with_part(state.items, item.room_id, item.id, item)))
