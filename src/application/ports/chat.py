"""Storage of chat messages, inside a transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from synctv.domain.chat.message import Message
from synctv.domain.ids import MessageId, RoomId


class Chat(ABC):
    """Messages, ordered by `seq` within a room."""

    @abstractmethod
    async def add(self, message: Message) -> None:
        """Stores a new message. Raises `AlreadyExists("message")` when its author sent this client id before."""

    @abstractmethod
    async def get(self, room_id: RoomId, message_id: MessageId) -> Message | None:
        """The message, deleted or not."""

    @abstractmethod
    async def by_client_id(self, room_id: RoomId, author_id: str, client_id: str) -> Message | None:
        """What this author sent under this id before."""

    @abstractmethod
    async def update(self, message: Message, expected_version: int) -> None:
        """Replaces it. Raises `VersionConflict` unless the stored version is the expected one."""

    @abstractmethod
    async def written_by(self, author_id: str, *, after: MessageId | None, limit: int) -> Sequence[Message]:
        """What this account or guest wrote in any room and nobody deleted, by id, from the one after `after` on."""

    @abstractmethod
    async def before(self, room_id: RoomId, seq: int | None, limit: int) -> Sequence[Message]:
        """The newest messages ahead of `seq` (None: of all), oldest of them first."""

    @abstractmethod
    async def after(self, room_id: RoomId, seq: int, limit: int) -> Sequence[Message]:
        """The oldest messages after `seq`, oldest first."""
