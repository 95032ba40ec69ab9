"""Media items in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from synctv.adapters.memory.paging import page_after
from synctv.adapters.memory.store import View, with_part, without
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

    async def find(self, room_id: RoomId, item_ids: Collection[ItemId]) -> Mapping[ItemId, MediaItem]:
        """Those of these items that the room has."""
        items = self._of(room_id)
        return {id: items[id] for id in item_ids if id in items}

    async def update(self, item: MediaItem, expected_version: int) -> None:
        """Replaces it."""
        stored = self._of(item.room_id).get(item.id)
        if stored is None or stored.version != expected_version:
            raise VersionConflict("item", stored)
        self._store(item)

    async def delete(self, room_id: RoomId, item_id: ItemId) -> None:
        """Drops it."""
        self._drop(room_id, {item_id})

    async def delete_in(self, room_id: RoomId, folder_ids: Collection[FolderId | None]) -> int:
        """Drops all items of these folders."""
        dropped = {id for id, item in self._of(room_id).items() if item.folder_id in folder_ids}
        self._drop(room_id, dropped)
        return len(dropped)

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

    async def total(self, room_id: RoomId) -> int:
        """How many items the room has."""
        return len(self._of(room_id))

    async def added_by(self, actor_id: str, *, after: ItemId | None, limit: int) -> Sequence[MediaItem]:
        """What this account or guest added to any room, by id."""
        items = (item for room in self._view.state.items.values() for item in room.values())
        return page_after(((item.id, item) for item in items if item.added_by.id == actor_id), after, limit)

    async def others_in(self, room_id: RoomId, folder_ids: Collection[FolderId | None], actor_id: str) -> bool:
        """Whether anything there was added by somebody else."""
        there = (item for item in self._of(room_id).values() if item.folder_id in folder_ids)
        return any(item.added_by.id != actor_id for item in there)

    def _of(self, room_id: RoomId) -> Mapping[ItemId, MediaItem]:
        return self._view.state.items.get(room_id, {})

    def _in_folder(self, room_id: RoomId, folder_id: FolderId | None) -> list[MediaItem]:
        return [item for item in self._of(room_id).values() if item.folder_id == folder_id]

    def _drop(self, room_id: RoomId, dropped: Collection[ItemId]) -> None:
        state = self._view.state
        left = without(self._of(room_id), dropped)
        self._view.change(replace(state, items={**state.items, room_id: left}))

    def _store(self, item: MediaItem) -> None:
        state = self._view.state
        self._view.change(replace(state, items=with_part(state.items, item.room_id, item.id, item)))
