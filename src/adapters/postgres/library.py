"""Media items in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from synctv.adapters.postgres.actors import actor, actor_columns
from synctv.adapters.postgres.documents import document
from synctv.adapters.postgres.ids import CREDENTIAL, FOLDER, ITEM, ROOM
from synctv.adapters.postgres.queries import Queries, Row, bigint, select_where
from synctv.adapters.postgres.tables import MediaItemRow
from synctv.application.ports.library import Library
from synctv.domain.errors import VersionConflict
from synctv.domain.ids import FolderId, ItemId, Micros, RoomId
from synctv.domain.library.item import MediaItem, MediaKind, Origin

_ONE = select_where(MediaItemRow, "id = $1 AND room_id = $2 AND NOT deleted")
_SOME = select_where(MediaItemRow, "id = ANY($1) AND room_id = $2 AND NOT deleted")
_ADDED_BY = f"""
    {select_where(MediaItemRow, "added_by_id = $1 AND NOT deleted AND ($2 OR id > $3)")} ORDER BY id LIMIT $4
"""
_IN_FOLDERS = "room_id = $1 AND (folder_id = ANY($2) OR ($3 AND folder_id IS NULL)) AND NOT deleted"
_DELETE_IN = f"""
    WITH hidden AS (UPDATE media_items SET deleted = true WHERE {_IN_FOLDERS} RETURNING id)
    SELECT count(*) AS hidden FROM hidden
"""  # noqa: S608 - no input in it
_OTHERS_IN = f"SELECT EXISTS (SELECT FROM media_items WHERE {_IN_FOLDERS} AND added_by_id <> $4)"  # noqa: S608 - see above
_TOTAL = "SELECT count(*) FROM media_items WHERE room_id = $1 AND NOT deleted"


class PostgresLibrary(Library):
    """Media items. What is deleted stays in the table and is left out everywhere here."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def add(self, item: MediaItem) -> None:
        """Stores a new item. Raises `NotFound` for a room that isn't there."""
        await self._queries.add(MediaItemRow(id=ITEM.store(item.id), deleted=False, **_columns(item)), "item")

    async def get(self, room_id: RoomId, item_id: ItemId) -> MediaItem | None:
        """The item of this room."""
        row = await self._queries.row(_ONE, ITEM.find(item_id), ROOM.find(room_id))
        return _item(row) if row else None

    async def find(self, room_id: RoomId, item_ids: Collection[ItemId]) -> Mapping[ItemId, MediaItem]:
        """Those of these items that the room has."""
        rows = await self._queries.rows(_SOME, ITEM.find_all(item_ids), ROOM.find(room_id))
        return {item.id: item for item in map(_item, rows)}

    async def update(self, item: MediaItem, expected_version: int) -> None:
        """Replaces it."""
        as_expected = _is(item.room_id, item.id) & (MediaItemRow.version == bigint(expected_version))
        update = MediaItemRow.update(**_columns(item)).where(as_expected).returning(MediaItemRow.id)
        if await self._queries.write(update) is None:
            raise VersionConflict("item", await self.get(item.room_id, item.id))

    async def delete(self, room_id: RoomId, item_id: ItemId) -> None:
        """Hides it."""
        await self._queries.write(MediaItemRow.update({MediaItemRow.deleted: True}).where(_is(room_id, item_id)))

    async def delete_in(self, room_id: RoomId, folder_ids: Collection[FolderId | None]) -> int:
        """Hides all items of these folders."""
        row = await self._queries.write(_DELETE_IN, *_where_in(room_id, folder_ids))
        return row["hidden"] if row else 0

    async def in_order(
        self, room_id: RoomId, folder_id: FolderId | None, *, offset: int = 0, limit: int | None = None
    ) -> Sequence[MediaItem]:
        """The items of a folder by rank, then id."""
        query = MediaItemRow.select().where(_in_folder(room_id, folder_id)).offset(bigint(max(offset, 0)))
        query = query.order_by(MediaItemRow.rank, MediaItemRow.id)
        if limit is not None:
            query = query.limit(max(limit, 0))
        return [_item(row) for row in await self._queries.rows(query)]

    async def count(self, room_id: RoomId, folder_id: FolderId | None) -> int:
        """How many items the folder has."""
        return int(await self._queries.value(MediaItemRow.count().where(_in_folder(room_id, folder_id))))

    async def total(self, room_id: RoomId) -> int:
        """How many items the room has."""
        return int(await self._queries.value(_TOTAL, ROOM.find(room_id)))

    async def added_by(self, actor_id: str, *, after: ItemId | None, limit: int) -> Sequence[MediaItem]:
        """What this account or guest added to any room, by id."""
        start = ITEM.find(after) if after is not None else None
        rows = await self._queries.rows(_ADDED_BY, actor_id, after is None, start, max(limit, 0))
        return [_item(row) for row in rows]

    async def others_in(self, room_id: RoomId, folder_ids: Collection[FolderId | None], actor_id: str) -> bool:
        """Whether anything there was added by somebody else."""
        return bool(await self._queries.value(_OTHERS_IN, *_where_in(room_id, folder_ids), actor_id))


def _where_in(room_id: RoomId, folder_ids: Collection[FolderId | None]) -> tuple[object, ...]:
    folders = FOLDER.find_all(folder for folder in folder_ids if folder is not None)
    return ROOM.find(room_id), folders, None in folder_ids


def _is(room_id: RoomId, item_id: ItemId) -> Any:
    there = (MediaItemRow.id == ITEM.find(item_id)) & (MediaItemRow.room_id == ROOM.find(room_id))
    return there & (MediaItemRow.deleted == False)  # noqa: E712 - this builds SQL


def _in_folder(room_id: RoomId, folder_id: FolderId | None) -> Any:
    there = (MediaItemRow.room_id == ROOM.find(room_id)) & (MediaItemRow.deleted == False)  # noqa: E712 - see above
    if folder_id is None:
        return there & MediaItemRow.folder_id.is_null()
    folder = FOLDER.find(folder_id)
    # What can't be a folder is in none of its own, and must not be taken for the top folder.
    return there & (MediaItemRow.folder_id == folder if folder else MediaItemRow.id.is_null())


def _columns(item: MediaItem) -> dict[str, Any]:
    return {
        "room_id": ROOM.store(item.room_id),
        "folder_id": FOLDER.store_optional(item.folder_id),
        "title": item.title,
        "provider": item.provider,
        "kind": item.kind.value,
        "source": document(item.source, Mapping[str, object]),
        "duration": item.duration,
        **actor_columns("added_by", item.added_by),
        "added_at": item.added_at,
        "rank": item.rank,
        "version": item.version,
        "credential_id": CREDENTIAL.store_optional(item.credential_id),
        "cover": item.cover,
        "origin_folder_id": FOLDER.store_optional(item.origin.folder_id if item.origin else None),
        "origin_path": item.origin.path if item.origin else None,
    }


def _item(row: Row) -> MediaItem:
    return MediaItem(
        id=ITEM.show(row["id"]),
        room_id=ROOM.show(row["room_id"]),
        folder_id=FOLDER.show_optional(row["folder_id"]),
        title=row["title"],
        provider=row["provider"],
        kind=MediaKind(row["kind"]),
        source=msgspec.json.decode(row["source"]),
        duration=row["duration"],
        added_by=actor("added_by", row),
        added_at=Micros(row["added_at"]),
        rank=row["rank"],
        version=row["version"],
        credential_id=CREDENTIAL.show_optional(row["credential_id"]),
        cover=row["cover"],
        origin=_origin(row),
    )


def _origin(row: Row) -> Origin | None:
    folder_id = FOLDER.show_optional(row["origin_folder_id"])
    return None if folder_id is None else Origin(folder_id, row["origin_path"])
