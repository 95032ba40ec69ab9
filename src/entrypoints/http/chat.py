"""The chat of a room."""

from __future__ import annotations

from typing import Annotated

from blacksheep import Response
from msgspec import Meta, Struct

from synctv.application.application import Application
from synctv.application.chat.conversation import MessagePage, NewMessage
from synctv.application.limits.limits import Category
from synctv.domain.errors import Invalid
from synctv.entrypoints.http import ids
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.endpoint import API, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.paging import MOST, USUAL, checked_limit
from synctv.entrypoints.views import MessageView

_CHAT = f"{API}/rooms/{{roomId}}/chat"
_LAST_SEQ = 2**63 - 1


class NewMessageBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What to say. Sent again under the same `clientId`, it is the same message."""

    client_id: str
    text: str
    reply_to: str | None = None


class ChatQuery(Struct, frozen=True, rename="camel"):
    """Which messages: the newest, those right before a `roomSeq`, or those right after one."""

    before: int | None = None
    after: int | None = None
    limit: Annotated[int, Meta(description=f"1 to {MOST}.")] = USUAL


class MessageList(Struct, frozen=True, rename="camel"):
    """Messages, oldest first. `nextCursor` goes on in the direction that was asked for, as `before` or `after`."""

    items: list[MessageView]
    next_cursor: str | None


class ChatRoutes:
    """The endpoints of the chat."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint(
                method="GET",
                path=_CHAT,
                handler=self.list,
                summary="Messages of a room",
                tag="Chat",
                query=ChatQuery,
                answers={200: Said("Messages", MessageList)},
                category=Category.READ,
                codes=("permission_denied",),
            ),
            Endpoint(
                method="POST",
                path=_CHAT,
                handler=self.send,
                summary="Say something",
                tag="Chat",
                body=NewMessageBody,
                answers={201: Said("The message", MessageView)},
                codes=("permission_denied",),
                example={"clientId": "c-81", "text": "Look at that!"},
            ),
            Endpoint(
                method="DELETE",
                path=f"{_CHAT}/{{messageId}}",
                handler=self.delete,
                summary="Hide the text of a message; its place stays",
                tag="Chat",
                answers={200: Said("The message as it is now", MessageView)},
                codes=("permission_denied",),
            ),
        ]

    async def list(self, exchange: Exchange) -> Response:
        """Lists messages."""
        query = exchange.query(ChatQuery)
        _check(query)
        page = await self._application.chat.page(
            exchange.actor, exchange.room_id, before=query.before, after=query.after, limit=query.limit
        )
        messages = [MessageView.of(message) for message in page.messages]
        return json_response(MessageList(messages, _next_cursor(page, query)))

    async def send(self, exchange: Exchange) -> Response:
        """Says something."""
        body = await exchange.body(NewMessageBody)
        reply_to = ids.message_id(body.reply_to) if body.reply_to is not None else None
        new = NewMessage(body.client_id, body.text, reply_to)
        message = await self._application.chat.send(exchange.actor, exchange.room_id, new)
        return json_response(MessageView.of(message), 201)

    async def delete(self, exchange: Exchange) -> Response:
        """Hides a message."""
        message = await self._application.chat.delete(exchange.actor, exchange.room_id, exchange.message_id)
        return json_response(MessageView.of(message))


def _check(query: ChatQuery) -> None:
    if query.before is not None and query.after is not None:
        raise Invalid.field("after", "Ask for what came before or after, not for both.", "contradiction")
    for path, value in (("before", query.before), ("after", query.after)):
        if value is not None and not 0 <= value <= _LAST_SEQ:
            raise Invalid.field(path, "This is a `roomSeq`: a whole number from 0 on.", "range")
    checked_limit(query.limit)


def _next_cursor(page: MessagePage, query: ChatQuery) -> str | None:
    if not page.has_more:
        return None
    edge = page.messages[0] if query.after is None else page.messages[-1]
    return str(edge.seq)
