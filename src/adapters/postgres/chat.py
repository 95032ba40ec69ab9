"""Chat messages in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

from synctv.adapters.postgres.actors import actor, actor_columns
from synctv.adapters.postgres.ids import ITEM, MESSAGE, ROOM
from synctv.adapters.postgres.queries import Queries, Row, bigint, select_where
from synctv.adapters.postgres.tables import ChatMessageRow
from synctv.adapters.text import storable
from synctv.application.ports.chat import Chat
from synctv.domain.chat.message import Message
from synctv.domain.errors import AlreadyExists, VersionConflict
from synctv.domain.ids import MessageId, Micros, RoomId

_BY_ID = select_where(ChatMessageRow, "id = $1 AND room_id = $2")
_BY_CLIENT_ID = select_where(ChatMessageRow, "room_id = $1 AND author_id = $2 AND client_id = $3")
_BEFORE = (
    f"{select_where(ChatMessageRow, 'room_id = $1 AND ($2::bigint IS NULL OR seq < $2)')} ORDER BY seq DESC LIMIT $3"
)
_AFTER = f"{select_where(ChatMessageRow, 'room_id = $1 AND seq > $2')} ORDER BY seq LIMIT $3"
_WRITTEN_BY = f"""
    {select_where(ChatMessageRow, "author_id = $1 AND NOT deleted AND ($2 OR id > $3)")} ORDER BY id LIMIT $4
"""
_ADD = """
    INSERT INTO chat_messages (
        id, room_id, client_id, author_id, author_name, author_kind, text, reply_to, sent_at, item_id, position,
        version, deleted, seq
    ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT DO NOTHING RETURNING seq
"""
_UPDATE = """
    UPDATE chat_messages SET text = $4, version = $5, deleted = $6 WHERE id = $1 AND room_id = $2 AND version = $3
    RETURNING seq
"""


class PostgresChat(Chat):
    """Messages, which an author sends once per client id."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def add(self, message: Message) -> None:
        """Stores a new message. Raises `NotFound` for a room that isn't there."""
        added = await self._queries.write(
            _ADD,
            MESSAGE.store(message.id),
            ROOM.store(message.room_id),
            message.client_id,
            *actor_columns("author", message.author).values(),
            message.text,
            MESSAGE.store_optional(message.reply_to),
            message.sent_at,
            ITEM.store_optional(message.item_id),
            message.position,
            message.version,
            message.deleted,
            message.seq,
        )
        if added is None:
            raise AlreadyExists("message")

    async def get(self, room_id: RoomId, message_id: MessageId) -> Message | None:
        """The message, deleted or not."""
        row = await self._queries.row(_BY_ID, MESSAGE.find(message_id), ROOM.find(room_id))
        return _message(row) if row else None

    async def by_client_id(self, room_id: RoomId, author_id: str, client_id: str) -> Message | None:
        """What this author sent under this id before."""
        if not (storable(author_id) and storable(client_id)):
            return None
        row = await self._queries.row(_BY_CLIENT_ID, ROOM.find(room_id), author_id, client_id)
        return _message(row) if row else None

    async def update(self, message: Message, expected_version: int) -> None:
        """Replaces what can change of it: the text, and whether it is deleted."""
        updated = await self._queries.write(
            _UPDATE,
            MESSAGE.find(message.id),
            ROOM.find(message.room_id),
            bigint(expected_version),
            message.text,
            message.version,
            message.deleted,
        )
        if updated is None:
            raise VersionConflict("message", await self.get(message.room_id, message.id))

    async def written_by(self, author_id: str, *, after: MessageId | None, limit: int) -> Sequence[Message]:
        """What this account or guest wrote in any room and nobody deleted, by id."""
        start = MESSAGE.find(after) if after is not None else None
        rows = await self._queries.rows(_WRITTEN_BY, author_id, after is None, start, max(limit, 0))
        return [_message(row) for row in rows]

    async def before(self, room_id: RoomId, seq: int | None, limit: int) -> Sequence[Message]:
        """The newest messages ahead of `seq`, oldest of them first."""
        end = None if seq is None else bigint(seq)
        rows = await self._queries.rows(_BEFORE, ROOM.find(room_id), end, max(limit, 0))
        return [_message(row) for row in reversed(rows)]

    async def after(self, room_id: RoomId, seq: int, limit: int) -> Sequence[Message]:
        """The oldest messages after `seq`, oldest first."""
        rows = await self._queries.rows(_AFTER, ROOM.find(room_id), bigint(seq), max(limit, 0))
        return [_message(row) for row in rows]


def _message(row: Row) -> Message:
    return Message(
        id=MESSAGE.show(row["id"]),
        room_id=ROOM.show(row["room_id"]),
        client_id=row["client_id"],
        author=actor("author", row),
        text=row["text"],
        reply_to=MESSAGE.show_optional(row["reply_to"]),
        sent_at=Micros(row["sent_at"]),
        item_id=ITEM.show_optional(row["item_id"]),
        position=row["position"],
        version=row["version"],
        deleted=row["deleted"],
        seq=row["seq"],
    )
