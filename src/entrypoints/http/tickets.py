"""Tickets, with which a browser opens its realtime connection."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from blacksheep import Response
from msgspec import Meta, Struct

from synctv.application.application import Application
from synctv.entrypoints.http import ids
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.endpoint import API, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.realtime_url import realtime_url


class TicketBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The room to connect to."""

    room_id: str


class TicketView(Struct, frozen=True, rename="camel"):
    """A ticket, good once, and the address that spends it."""

    ticket: str
    expires_in: Annotated[float, Meta(description="Seconds.")]
    url: str


class TicketRoutes:
    """The endpoint of tickets."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """The only one."""
        return [
            Endpoint(
                method="POST",
                path=f"{API}/tickets",
                handler=self.issue,
                summary="Get a ticket for a realtime connection",
                tag="Realtime",
                body=TicketBody,
                answers={201: Said("The ticket", TicketView)},
                codes=("permission_denied", "not_found"),
                example={"roomId": "room_01jh1qmzmaexwrnk0zx5xcd5vj"},
            )
        ]

    async def issue(self, exchange: Exchange) -> Response:
        """Issues a ticket for the caller's own token."""
        body = await exchange.body(TicketBody)
        room_id = ids.room_id(body.room_id)
        ticket = await self._application.tickets.issue(exchange.actor, exchange.token or "", room_id)
        url = f"{realtime_url(exchange)}/ws/v1/rooms/{room_id}?ticket={quote(ticket.text, safe='')}"
        return json_response(TicketView(ticket.text, ticket.expires_in, url), 201)
