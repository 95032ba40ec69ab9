"""Storage of the folders of libraries, inside a transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence

from synctv.domain.ids import FolderId, RoomId
from synctv.domain.library.folder import Folder


class Folders(ABC):
    """The folders of rooms. Deleting is soft: a deleted folder is as good as gone for every method here.

    What is in a folder is not looked at: whoever deletes one deletes what is in it.
    """

    @abstractmethod
    async def add(self, folder: Folder) -> None:
        """Stores a new folder."""

    @abstractmethod
    async def get(self, room_id: RoomId, folder_id: FolderId) -> Folder | None:
        """The folder of this room."""

    @abstractmethod
    async def of_room(self, room_id: RoomId) -> Sequence[Folder]:
        """All folders of the room by rank, then id. A room has few (`MAX_FOLDERS`), so they come in one piece."""

    @abstractmethod
    async def update(self, folder: Folder, expected_version: int) -> None:
        """Replaces it. Raises `VersionConflict` unless the stored version is the expected one."""

    @abstractmethod
    async def delete(self, room_id: RoomId, folder_ids: Collection[FolderId]) -> None:
        """Hides them; no error for those that aren't there."""
