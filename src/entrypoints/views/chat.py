"""Chat messages."""

from __future__ import annotations

from msgspec import Struct

from synctv.domain.chat.message import Message
from synctv.domain.ids import ItemId, MessageId
from synctv.entrypoints.views.actors import ActorView
from synctv.entrypoints.views.times import Instant, instant


class MessageView(Struct, frozen=True, rename="camel"):
    """A message. `itemId` and `position` (seconds) say what played when it was written; a deleted one has no text."""

    id: MessageId
    client_id: str
    author: ActorView
    text: str
    reply_to: MessageId | None
    sent_at: Instant
    item_id: ItemId | None
    position: float | None
    version: int
    deleted: bool
    room_seq: int

    @classmethod
    def of(cls, message: Message) -> MessageView:
        """The view of a message."""
        return cls(
            id=message.id,
            client_id=message.client_id,
            author=ActorView.of(message.author),
            text=message.text,
            reply_to=message.reply_to,
            sent_at=instant(message.sent_at),
            item_id=message.item_id,
            position=message.position,
            version=message.version,
            deleted=message.deleted,
            room_seq=message.seq,
        )
