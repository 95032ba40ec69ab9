"""Playbacks, their history and the answers to commands, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synctv.adapters.postgres.actors import actor_columns, optional_actor
from synctv.adapters.postgres.ids import HISTORY, ITEM, ROOM
from synctv.adapters.postgres.queries import LOCK, Queries, Row, bigint, select_where
from synctv.adapters.postgres.tables import PlaybackHistoryRow, PlaybackRow
from synctv.adapters.serialization.codec import decode, encode
from synctv.adapters.text import storable
from synctv.application.ports.playback import Playbacks
from synctv.domain.errors import VersionConflict
from synctv.domain.ids import Micros, RoomId
from synctv.domain.playback.history import HistoryEntry
from synctv.domain.playback.playback import CurrentItem, Motion, Playback, Reason

_ONE = select_where(PlaybackRow, "room_id = $1")
_LOCKED = f"{_ONE} {LOCK}"
_UPDATE = """
    UPDATE playbacks
    SET item_id = $3, item_duration = $4, item_live = $5, motion = $6, rate = $7, changed_at = $8, version = $9,
        changed_by_id = $10, changed_by_name = $11, changed_by_kind = $12, reason = $13, operation_id = $14,
        history_entry = $15
    WHERE room_id = $1 AND version = $2
    RETURNING version
"""
_ANSWER = "SELECT answer FROM playback_answers WHERE room_id = $1 AND operation_id = $2"
_REMEMBER = """
    WITH forgotten AS (
        DELETE FROM playback_answers WHERE room_id = $1 AND given_at < $5 AND operation_id <> $2
    )
    INSERT INTO playback_answers (room_id, operation_id, answer, given_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (room_id, operation_id) DO UPDATE SET answer = $3, given_at = $4 WHERE playback_answers.given_at < $5
"""
_HISTORY = f"{select_where(PlaybackHistoryRow, 'room_id = $1')} ORDER BY place DESC LIMIT $2"
_ADD_HISTORY = """
    WITH dropped AS (
        DELETE FROM playback_history
        WHERE room_id = $2 AND (played_at < $9 OR place <= (
            SELECT place FROM playback_history WHERE room_id = $2 AND played_at >= $9
            ORDER BY place DESC OFFSET $10 LIMIT 1
        ))
    )
    INSERT INTO playback_history (id, room_id, item_id, title, played_at, played_by_id, played_by_name, played_by_kind)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


class PostgresPlaybacks(Playbacks):
    """What each room shows, in one row per room."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def add(self, room_id: RoomId, playback: Playback) -> None:
        """Stores the first playback of a room. Raises `NotFound` for a room that isn't there."""
        await self._queries.add(PlaybackRow(room_id=ROOM.store(room_id), **_columns(playback)), "playback")

    async def get(self, room_id: RoomId, *, lock: bool = False) -> Playback | None:
        """The playback; with `lock`, its row is locked."""
        if lock:
            self._queries.must_be_writable()
        row = await self._queries.row(_LOCKED if lock else _ONE, ROOM.find(room_id))
        return _playback(row) if row else None

    async def update(self, room_id: RoomId, playback: Playback, expected_version: int) -> None:
        """Replaces it."""
        columns = _columns(playback).values()
        if await self._queries.write(_UPDATE, ROOM.find(room_id), bigint(expected_version), *columns) is None:
            raise VersionConflict("playback", await self.get(room_id))

    async def answer(self, room_id: RoomId, operation_id: str) -> Playback | None:
        """The playback that the operation led to."""
        if not storable(operation_id):
            return None
        row = await self._queries.row(_ANSWER, ROOM.find(room_id), operation_id)
        return decode(Playback, row["answer"]) if row else None

    async def remember(self, room_id: RoomId, operation_id: str, answer: Playback, *, forget_before: Micros) -> None:
        """Keeps the answer, as given when it was changed; an answer that is kept already stays."""
        data = encode(answer).decode()
        await self._queries.write(
            _REMEMBER, ROOM.store(room_id), operation_id, data, answer.changed_at, bigint(forget_before)
        )

    async def history(self, room_id: RoomId, limit: int) -> Sequence[HistoryEntry]:
        """The newest entries, oldest of them first."""
        rows = await self._queries.rows(_HISTORY, ROOM.find(room_id), max(limit, 0))
        return [_entry(row) for row in reversed(rows)]

    async def add_history(self, room_id: RoomId, entry: HistoryEntry, *, keep: int, since: Micros) -> None:
        """Appends an entry, which stays itself in any case."""
        await self._queries.write(
            _ADD_HISTORY,
            HISTORY.store(entry.id),
            ROOM.store(room_id),
            ITEM.store(entry.item_id),
            entry.title,
            entry.played_at,
            *actor_columns("played_by", entry.played_by).values(),
            bigint(since),
            max(keep - 1, 0),
        )


def _columns(playback: Playback) -> dict[str, Any]:
    """In the order of the statement that updates."""
    item = playback.item
    return {
        "item_id": ITEM.store(item.id) if item else None,
        "item_duration": item.duration if item else None,
        "item_live": item.live if item else False,
        "motion": encode(playback.motion, Motion).decode(),
        "rate": playback.rate,
        "changed_at": playback.changed_at,
        "version": playback.version,
        **actor_columns("changed_by", playback.changed_by),
        "reason": playback.reason.value,
        "operation_id": playback.operation_id,
        "history_entry": HISTORY.store_optional(playback.history_entry),
    }


def _playback(row: Row) -> Playback:
    item = CurrentItem(ITEM.show(row["item_id"]), row["item_duration"], row["item_live"]) if row["item_id"] else None
    return Playback(
        item=item,
        motion=decode(Motion, row["motion"]),
        rate=row["rate"],
        changed_at=Micros(row["changed_at"]),
        version=row["version"],
        changed_by=optional_actor("changed_by", row),
        reason=Reason(row["reason"]),
        operation_id=row["operation_id"],
        history_entry=HISTORY.show_optional(row["history_entry"]),
    )


def _entry(row: Row) -> HistoryEntry:
    return HistoryEntry(
        id=HISTORY.show(row["id"]),
        item_id=ITEM.show(row["item_id"]),
        title=row["title"],
        played_at=Micros(row["played_at"]),
        played_by=optional_actor("played_by", row),
    )
