"""Talking in a room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from synctv.application.limits.limits import Category, Limits
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.transaction import Transactions
from synctv.application.rooms.access import Access
from synctv.domain.chat.message import Message, valid_client_id, valid_text
from synctv.domain.errors import AlreadyExists, Denied, NotFound
from synctv.domain.ids import MessageId, RoomId
from synctv.domain.rooms.actor import Actor
from synctv.domain.rooms.events import ChatChanged, ChatPosted
from synctv.domain.rooms.permissions import Permission


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What somebody writes. The same `client_id` from the same person is the same message."""

    client_id: str
    text: str
    reply_to: MessageId | None = None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages, oldest first. `has_more` says that there are more in the direction that was asked for."""

    messages: Sequence[Message]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """Sends, pages and deletes messages."""

    transactions: Transactions
    access: Access
    limits: Limits
    clock: Clock
    ids: Ids

    async def send(self, actor: Actor, room_id: RoomId, new: NewMessage) -> Message:
        """Posts a message; sending it again returns the first one.

        Raises `Denied` (also where the room's chat is off), `Invalid`, and `NotFound` for an unknown `reply_to`.
        """
        checked = replace(new, client_id=valid_client_id(new.client_id), text=valid_text(new.text))
        await self.limits.check(Category.WRITE, f"chat:{actor.id}")
        try:
            return await self._post(actor, room_id, checked)
        except AlreadyExists:
            # The same message was on its way twice, and the other one came first.
            return await self._post(actor, room_id, checked)

    async def _post(self, actor: Actor, room_id: RoomId, new: NewMessage) -> Message:
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id)
            standing.require(Permission.SEND_CHAT_MESSAGES)
            if not standing.room.settings.chat_enabled:
                raise Denied("The chat of this room is switched off.")
            if before := await tx.chat.by_client_id(room_id, actor.id, new.client_id):
                return before
            if new.reply_to is not None and await tx.chat.get(room_id, new.reply_to) is None:
                raise NotFound("message")
            playback = await tx.playbacks.get(room_id)
            now = self.clock.now()
            item = playback.item if playback else None
            message = Message(
                id=MessageId(self.ids.new("msg")),
                room_id=room_id,
                client_id=new.client_id,
                author=actor.ref,
                text=new.text,
                reply_to=new.reply_to,
                sent_at=now,
                item_id=item.id if item else None,
                position=playback.position_at(now) if playback and item else None,
                version=1,
                deleted=False,
                seq=0,
            )
            logged = await tx.events.append(room_id, lambda seq: ChatPosted(replace(message, seq=seq)), now)
            message = replace(message, seq=logged.seq)
            await tx.chat.add(message)
            return message

    async def page(
        self, actor: Actor, room_id: RoomId, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> MessagePage:
        """Messages on one side of a sequence number: the ones right before it (None: the newest), or right after."""
        async with self.transactions.read() as tx:
            (await self.access.standing(tx, actor, room_id)).require(Permission.VIEW_CHAT_HISTORY)
            if after is not None:
                found = await tx.chat.after(room_id, after, limit + 1)
                return MessagePage(found[:limit], len(found) > limit)
            found = await tx.chat.before(room_id, before, limit + 1)
            return MessagePage(found[-limit:], len(found) > limit)

    async def delete(self, actor: Actor, room_id: RoomId, message_id: MessageId) -> Message:
        """Hides the text of one's own message, or of anybody's with the permission to. The place stays."""
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id)
            message = await tx.chat.get(room_id, message_id)
            if message is None:
                raise NotFound("message")
            if message.author.id != actor.id:
                standing.require(Permission.DELETE_CHAT_MESSAGES)
            if message.deleted:
                return message
            hidden = message.hidden()
            await tx.chat.update(hidden, message.version)
            await tx.events.append(room_id, lambda _: ChatChanged(hidden), self.clock.now())
            return hidden
