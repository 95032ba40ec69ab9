"""Folders in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from synctv.adapters.postgres.actors import actor, actor_columns
from synctv.adapters.postgres.ids import CREDENTIAL, FOLDER, ROOM
from synctv.adapters.postgres.queries import Queries, Row, bigint, select_where
from synctv.adapters.postgres.tables import FolderRow
from synctv.application.ports.folders import Folders
from synctv.domain.errors import VersionConflict
from synctv.domain.ids import FolderId, Micros, RoomId
from synctv.domain.library.folder import DynamicSource, Folder

_ONE = select_where(FolderRow, "id = $1 AND room_id = $2 AND NOT deleted")
_OF_ROOM = f"{select_where(FolderRow, 'room_id = $1 AND NOT deleted')} ORDER BY rank, id"
_DELETE = "UPDATE folders SET deleted = true WHERE room_id = $1 AND id = ANY($2) AND NOT deleted"


class PostgresFolders(Folders):
    """Folders. What is deleted stays in the table and is left out everywhere here."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def add(self, folder: Folder) -> None:
        """Stores a new folder. Raises `NotFound` for a room that isn't there."""
        await self._queries.add(FolderRow(id=FOLDER.store(folder.id), deleted=False, **_columns(folder)), "folder")

    async def get(self, room_id: RoomId, folder_id: FolderId) -> Folder | None:
        """The folder of this room."""
        row = await self._queries.row(_ONE, FOLDER.find(folder_id), ROOM.find(room_id))
        return _folder(row) if row else None

    async def of_room(self, room_id: RoomId) -> Sequence[Folder]:
        """All folders of the room by rank, then id."""
        return [_folder(row) for row in await self._queries.rows(_OF_ROOM, ROOM.find(room_id))]

    async def update(self, folder: Folder, expected_version: int) -> None:
        """Replaces it."""
        there = (FolderRow.id == FOLDER.find(folder.id)) & (FolderRow.room_id == ROOM.find(folder.room_id))
        as_expected = there & (FolderRow.version == bigint(expected_version)) & (FolderRow.deleted == False)  # noqa: E712 - this builds SQL
        update = FolderRow.update(**_columns(folder)).where(as_expected).returning(FolderRow.id)
        if await self._queries.write(update) is None:
            raise VersionConflict("folder", await self.get(folder.room_id, folder.id))

    async def delete(self, room_id: RoomId, folder_ids: Collection[FolderId]) -> None:
        """Hides them."""
        await self._queries.write(_DELETE, ROOM.find(room_id), FOLDER.find_all(folder_ids))


def _columns(folder: Folder) -> dict[str, Any]:
    dynamic = folder.dynamic
    return {
        "room_id": ROOM.store(folder.room_id),
        "parent_id": FOLDER.store_optional(folder.parent_id),
        "title": folder.title,
        "provider": dynamic.provider if dynamic else None,
        "path": dynamic.path if dynamic else None,
        "credential_id": CREDENTIAL.store_optional(dynamic.credential_id) if dynamic else None,
        **actor_columns("added_by", folder.added_by),
        "added_at": folder.added_at,
        "rank": folder.rank,
        "version": folder.version,
    }


def _folder(row: Row) -> Folder:
    return Folder(
        id=FOLDER.show(row["id"]),
        room_id=ROOM.show(row["room_id"]),
        parent_id=FOLDER.show_optional(row["parent_id"]),
        title=row["title"],
        dynamic=_dynamic(row),
        added_by=actor("added_by", row),
        added_at=Micros(row["added_at"]),
        rank=row["rank"],
        version=row["version"],
    )


def _dynamic(row: Row) -> DynamicSource | None:
    if row["provider"] is None:
        return None
    return DynamicSource(row["provider"], row["path"], CREDENTIAL.show_optional(row["credential_id"]))
