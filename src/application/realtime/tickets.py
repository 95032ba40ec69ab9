"""Tickets: how a browser, which can't set headers on a WebSocket, says who it is without a token in a URL."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from synctv.application.ports.ids import Ids
from synctv.application.ports.short_lived import ShortLived
from synctv.application.ports.transaction import Transactions
from synctv.application.rooms.access import Access
from synctv.domain.errors import Unauthenticated
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import Actor


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket and for how many seconds it can be spent."""

    text: str
    expires_in: float


@dataclass(frozen=True, slots=True)
class Tickets:
    """Issues tickets and takes them back: each for one room, once, within `ttl` seconds, at any replica.

    A ticket stands for the token that it was made with, so that whatever ends the token ends the ticket.
    """

    transactions: Transactions
    access: Access
    short_lived: ShortLived
    ids: Ids
    ttl: float = 30.0

    async def issue(self, actor: Actor, token: str, room_id: RoomId) -> Ticket:
        """A ticket for who may be in the room now."""
        async with self.transactions.read() as tx:
            await self.access.standing(tx, actor, room_id)
        text = self.ids.secret()
        await self.short_lived.put(_key(text), f"{room_id} {token}".encode(), self.ttl)
        return Ticket(text, self.ttl)

    async def spend(self, ticket: str, room_id: RoomId) -> str:
        """The token that the ticket stands for. Raises `Unauthenticated` for one that is unknown, spent or over."""
        value = await self.short_lived.take(_key(ticket))
        if value is not None:
            room, _, token = value.decode().partition(" ")
            if room == room_id:
                return token
        raise Unauthenticated("This ticket is not valid. Get a new one.")


def _key(ticket: str) -> str:
    return "ticket:" + sha256(ticket.encode()).hexdigest()
