"""Chat messages in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from synctv.adapters.memory.paging import page_after
from synctv.adapters.memory.store import View, with_part
from synctv.application.ports.chat import Chat
from synctv.domain.chat.message import Message
from synctv.domain.errors import AlreadyExists, VersionConflict
from synctv.domain.ids import MessageId, RoomId


class MemoryChat(Chat):
    """The messages of each room."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, message: Message) -> None:
        """Stores a new message. Raises `NotFound` for a room that isn't there."""
        self._view.must_have_room(message.room_id)
        if any(_clash(message, other) for other in self._of(message.room_id).values()):
            raise AlreadyExists("message")
        self._store(message)

    async def get(self, room_id: RoomId, message_id: MessageId) -> Message | None:
        """The message, deleted or not."""
        return self._of(room_id).get(message_id)

    async def by_client_id(self, room_id: RoomId, author_id: str, client_id: str) -> Message | None:
        """What this author sent under this id before."""
        messages = self._of(room_id).values()
        return next((one for one in messages if (one.author.id, one.client_id) == (author_id, client_id)), None)

    async def update(self, message: Message, expected_version: int) -> None:
        """Replaces it."""
        stored = self._of(message.room_id).get(message.id)
        if stored is None or stored.version != expected_version:
            raise VersionConflict("message", stored)
        self._store(message)

    async def written_by(self, author_id: str, *, after: MessageId | None, limit: int) -> Sequence[Message]:
        """What this account or guest wrote in any room and nobody deleted, by id."""
        messages = (one for room in self._view.state.messages.values() for one in room.values())
        found = ((one.id, one) for one in messages if one.author.id == author_id and not one.deleted)
        return page_after(found, after, limit)

    async def before(self, room_id: RoomId, seq: int | None, limit: int) -> Sequence[Message]:
        """The newest messages ahead of `seq`, oldest of them first."""
        found = [message for message in self._in_order(room_id) if seq is None or message.seq < seq]
        return found[-limit:] if limit > 0 else []

    async def after(self, room_id: RoomId, seq: int, limit: int) -> Sequence[Message]:
        """The oldest messages after `seq`, oldest first."""
        return [message for message in self._in_order(room_id) if message.seq > seq][: max(limit, 0)]

    def _of(self, room_id: RoomId) -> Mapping[MessageId, Message]:
        return self._view.state.messages.get(room_id, {})

    def _in_order(self, room_id: RoomId) -> list[Message]:
        return sorted(self._of(room_id).values(), key=lambda message: message.seq)

    def _store(self, message: Message) -> None:
        state = self._view.state
        self._view.change(replace(state, messages=with_part(state.messages, message.room_id, message.id, message)))


def _clash(new: Message, other: Message) -> bool:
    same_sending = (new.author.id, new.client_id) == (other.author.id, other.client_id)
    return same_sending or new.id == other.id or new.seq == other.seq
