"""Storage of media items, inside a transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence

from synctv.domain.ids import FolderId, ItemId, RoomId
from synctv.domain.library.item import MediaItem


class Library(ABC):
    """The media items of rooms. Deleting is soft: a deleted item is as good as gone for every method here."""

    @abstractmethod
    async def add(self, item: MediaItem) -> None:
        """Stores a new item."""

    @abstractmethod
    async def get(self, room_id: RoomId, item_id: ItemId) -> MediaItem | None:
        """The item of this room."""

    @abstractmethod
    async def find(self, room_id: RoomId, item_ids: Collection[ItemId]) -> Mapping[ItemId, MediaItem]:
        """Those of these items that the room has, in whatever folder."""

    @abstractmethod
    async def update(self, item: MediaItem, expected_version: int) -> None:
        """Replaces it. Raises `VersionConflict` unless the stored version is the expected one."""

    @abstractmethod
    async def delete(self, room_id: RoomId, item_id: ItemId) -> None:
        """Hides it; no error when it isn't there."""

    @abstractmethod
    async def delete_in(self, room_id: RoomId, folder_ids: Collection[FolderId | None]) -> int:
        """Hides all items of these folders; how many that were."""

    @abstractmethod
    async def in_order(
        self, room_id: RoomId, folder_id: FolderId | None, *, offset: int = 0, limit: int | None = None
    ) -> Sequence[MediaItem]:
        """The items of a folder by rank, then id. None is the top folder."""

    @abstractmethod
    async def count(self, room_id: RoomId, folder_id: FolderId | None) -> int:
        """How many items the folder has."""

    @abstractmethod
    async def total(self, room_id: RoomId) -> int:
        """How many items the room has, in all folders."""

    @abstractmethod
    async def added_by(self, actor_id: str, *, after: ItemId | None, limit: int) -> Sequence[MediaItem]:
        """What this account or guest added to any room, by id, from the one after `after` on."""

    @abstractmethod
    async def others_in(self, room_id: RoomId, folder_ids: Collection[FolderId | None], actor_id: str) -> bool:
        """Whether anything in these folders was added by somebody else than this account or guest."""
