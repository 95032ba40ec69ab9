"""The log of room events in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.ids import ROOM
from synctv.adapters.postgres.queries import Queries, Row, bigint
from synctv.adapters.serialization.errors import UnknownType
from synctv.adapters.serialization.events import decode_event, encode_event, event_kind
from synctv.application.ports.events import RoomEventLog, RoomEvents
from synctv.domain.ids import Micros, RoomId
from synctv.domain.rooms.events import LoggedEvent, RoomEvent

_NEXT = """
    INSERT INTO room_sequences (room_id, seq) VALUES ($1, 1)
    ON CONFLICT (room_id) DO UPDATE SET seq = room_sequences.seq + 1
    RETURNING seq
"""
_APPEND = "INSERT INTO room_events (room_id, seq, at, kind, payload) VALUES ($1, $2, $3, $4, $5)"
_LAST = "SELECT coalesce((SELECT seq FROM room_sequences WHERE room_id = $1), 0) AS seq"
# One statement, so that the newest number belongs to the events that are seen.
_AFTER = f"""
    SELECT last.seq AS last_seq, found.*
    FROM ({_LAST}) AS last LEFT JOIN (
        SELECT room_id, seq, at, kind, payload FROM room_events WHERE room_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
    ) AS found ON true
    ORDER BY found.seq
"""  # noqa: S608 - no input in it
_UNPUBLISHED = """
    SELECT room_id, seq, at, kind, payload FROM room_events WHERE NOT published AND at < $1 ORDER BY place LIMIT $2
"""
# Whoever holds one of the rows is doing the same, or has it pruned.
_MARK = """
    UPDATE room_events SET published = true WHERE (room_id, seq) IN (
        SELECT room_id, seq FROM room_events JOIN unnest($1::uuid[], $2::bigint[]) AS told (room_id, seq)
        USING (room_id, seq)
        WHERE NOT published FOR UPDATE OF room_events SKIP LOCKED
    )
"""
_PRUNE = """
    WITH dropped AS (
        DELETE FROM room_events WHERE (room_id, seq) IN (
            SELECT old.room_id, old.seq FROM room_events AS old JOIN room_sequences AS last USING (room_id)
            WHERE old.published AND old.at < $1 AND old.seq < last.seq
            ORDER BY old.at LIMIT $2 FOR UPDATE OF old SKIP LOCKED
        )
        RETURNING 1
    )
    SELECT count(*) FROM dropped
"""


class PostgresRoomEvents(RoomEvents):
    """The log, as a transaction writes it. The room's row of numbers is locked from the first `append` on."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self.appended: list[LoggedEvent] = []

    async def append(self, room_id: RoomId, build: Callable[[int], RoomEvent], at: Micros) -> LoggedEvent:
        """Appends what `build` makes of the next number. Raises `NotFound` for a room that isn't there."""
        self._queries.must_be_writable()
        room = ROOM.store(room_id)
        seq = int(await self._queries.value(_NEXT, room))
        logged = LoggedEvent(room_id, seq, at, build(seq))
        payload = encode_event(logged.event).decode()
        await self._queries.write(_APPEND, room, seq, at, event_kind(logged.event), payload)
        self.appended.append(logged)
        return logged

    async def last_seq(self, room_id: RoomId) -> int:
        """The number of the newest event, this transaction's own included."""
        return int(await self._queries.value(_LAST, ROOM.find(room_id)))


class PostgresRoomEventLog(RoomEventLog):
    """The log of committed events. Each method is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def after(self, room_id: RoomId, seq: int, limit: int) -> Sequence[LoggedEvent] | None:
        """The events after `seq`; None also where one of them is of a kind that only a newer version knows."""
        async with self._database.rows() as queries:
            rows = await queries.rows(_AFTER, ROOM.find(room_id), bigint(seq), max(limit, 1))
        found = [logged for row in rows if row["seq"] is not None and (logged := _logged(row))]
        newest = next((row["seq"] for row in reversed(rows) if row["seq"] is not None), rows[0]["last_seq"])
        return found if newest == seq + len(found) else None

    async def unpublished(self, before: Micros, limit: int) -> Sequence[LoggedEvent]:
        """Events that were never marked as published, in the order in which they were written.

        What only a newer version knows is left to the processes that run it.
        """
        async with self._database.rows() as queries:
            rows = await queries.rows(_UNPUBLISHED, bigint(before), max(limit, 0))
        return [logged for row in rows if (logged := _logged(row))]

    async def mark_published(self, events: Sequence[LoggedEvent]) -> None:
        """Notes that these have been handed to the bus."""
        rooms = [ROOM.store(logged.room_id) for logged in events]
        async with self._database.rows() as queries:
            await queries.write(_MARK, rooms, [logged.seq for logged in events])

    async def prune(self, before: Micros, limit: int) -> int:
        """Drops published events written before an instant, but never a room's newest."""
        async with self._database.rows() as queries:
            return int(await queries.value(_PRUNE, bigint(before), max(limit, 0)))


def _logged(row: Row) -> LoggedEvent | None:
    try:
        event = decode_event(row["kind"], row["payload"])
    except UnknownType:
        return None
    return LoggedEvent(ROOM.show(row["room_id"]), row["seq"], Micros(row["at"]), event)
