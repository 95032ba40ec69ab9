"""Taking along what is kept of one's own account, and closing it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import TypeVar

import msgspec
from blacksheep import Response
from msgspec import Struct

from synctv.application.accounts.own_export import ExportBegun
from synctv.application.application import Application
from synctv.application.delivery.answer import MediaAnswer
from synctv.application.limits.limits import Category
from synctv.domain.rooms.actor import AccountActor
from synctv.entrypoints.http import cookies
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.endpoint import API, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.export_views import (
    ExportedItemView,
    ExportedMembershipView,
    ExportedMessageView,
    ExportedRoomView,
    ExportHeadView,
    ExportView,
)
from synctv.entrypoints.http.media_response import media_response
from synctv.entrypoints.http.own_sessions import ActivityView
from synctv.entrypoints.http.security_views import OWN
from synctv.entrypoints.views import Instant, instant

_HEADERS = {
    "content-type": "application/json",
    "content-disposition": 'attachment; filename="synctv-account.json"',
    "cache-control": "no-store",
}

_Value = TypeVar("_Value")
_encoder = msgspec.json.Encoder()


class ClosedView(Struct, frozen=True, rename="camel"):
    """Until when the operator can restore the account."""

    restorable_until: Instant


class OwnDataRoutes:
    """The endpoints of leaving."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint(
                method="GET",
                path=f"{API}/me/export",
                handler=self.export,
                summary="Download everything that is kept of your account",
                tag=OWN,
                answers={200: Said("All of it, but for secrets. A download that was cut is no valid JSON", ExportView)},
                category=Category.AUTH,
                granted=True,
                codes=("permission_denied",),
            ),
            Endpoint(
                method="POST",
                path=f"{API}/me/close",
                handler=self.close,
                summary="Close your account; every session ends, and its rooms are hidden",
                tag=OWN,
                answers={200: Said("Closed", ClosedView)},
                category=Category.AUTH,
                granted=True,
                codes=("permission_denied", "precondition_failed"),
            ),
        ]

    async def export(self, exchange: Exchange) -> Response:
        """Sends it piece by piece. Asking for the headers alone takes no grant, and shows nothing."""
        actor, request = exchange.account, exchange.request
        if request.method == "HEAD":
            return media_response(request, MediaAnswer(200, _HEADERS))
        begun = await self._application.export.begin(actor, exchange.grant, exchange.client)
        return media_response(request, MediaAnswer(200, _HEADERS, self._pieces(actor, begun)))

    async def close(self, exchange: Exchange) -> Response:
        """Closes the account, and takes the browser's sign-in."""
        until = await self._application.closing.close(exchange.account, exchange.grant, exchange.client)
        response = json_response(ClosedView(instant(until)))
        cookies.REFRESH.forget(response, secure=exchange.secure)
        return response

    async def _pieces(self, actor: AccountActor, begun: ExportBegun) -> AsyncGenerator[bytes, None]:
        """The text of an `ExportView`, never more than a page of it at once."""
        export = self._application.export
        yield _encoder.encode(ExportHeadView.of(begun, actor))[:-1]
        lists = (
            _list("rooms", export.rooms(actor), ExportedRoomView.of),
            _list("memberships", export.memberships(actor), ExportedMembershipView.of),
            _list("items", export.items(actor), ExportedItemView.of),
            _list("messages", export.messages(actor), ExportedMessageView.of),
            _list("activity", export.activity(actor), lambda entry: ActivityView.of(entry, actor)),
        )
        for pieces in lists:
            async for piece in pieces:
                yield piece
        yield b"}"


async def _list(
    name: str, pages: AsyncIterator[Sequence[_Value]], view: Callable[[_Value], Struct]
) -> AsyncIterator[bytes]:
    """One more field of an object that is being written: a list, a page at a time."""
    before = f',"{name}":['.encode()
    async for page in pages:
        yield before + b",".join(_encoder.encode(view(value)) for value in page)
        before = b","
    yield b"]" if before == b"," else before + b"]"
