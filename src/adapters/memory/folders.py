"""Folders in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from synctv.adapters.memory.store import View, with_part, without
from synctv.application.ports.folders import Folders
from synctv.domain.errors import AlreadyExists, VersionConflict
from synctv.domain.ids import FolderId, RoomId
from synctv.domain.library.folder import Folder


class MemoryFolders(Folders):
    """The folders of each room. What is deleted is dropped at once, as nothing here would ever show it."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, folder: Folder) -> None:
        """Stores a new folder. Raises `NotFound` for a room that isn't there."""
        self._view.must_have_room(folder.room_id)
        if folder.id in self._of(folder.room_id):
            raise AlreadyExists("folder")
        self._store(folder)

    async def get(self, room_id: RoomId, folder_id: FolderId) -> Folder | None:
        """The folder of this room."""
        return self._of(room_id).get(folder_id)

    async def of_room(self, room_id: RoomId) -> Sequence[Folder]:
        """All folders of the room by rank, then id."""
        return sorted(self._of(room_id).values(), key=lambda folder: (folder.rank, folder.id))

    async def update(self, folder: Folder, expected_version: int) -> None:
        """Replaces it."""
        stored = self._of(folder.room_id).get(folder.id)
        if stored is None or stored.version != expected_version:
            raise VersionConflict("folder", stored)
        self._store(folder)

    async def delete(self, room_id: RoomId, folder_ids: Collection[FolderId]) -> None:
        """Drops them."""
        state = self._view.state
        left = without(self._of(room_id), folder_ids)
        self._view.change(replace(state, folders={**state.folders, room_id: left}))

    def _of(self, room_id: RoomId) -> Mapping[FolderId, Folder]:
        return self._view.state.folders.get(room_id, {})

    def _store(self, folder: Folder) -> None:
        state = self._view.state
        self._view.change(replace(state, folders=with_part(state.folders, folder.room_id, folder.id, folder)))
