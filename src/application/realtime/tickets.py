"""Tickets: how a browser, which can't set headers on a WebSocket, says who it is without a token in a URL."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from synctv.application.ports.ids import Ids
from synctv.application.ports.short_lived import ShortLived
from synctv.application.ports.transaction import Transactions
from synctv.application.rooms.access import Access
from synctv.application.rooms.membership import Members
from synctv.domain.errors import Denied, Unauthenticated
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import AccountActor, Actor


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
    members: Members
    short_lived: ShortLived
    ids: Ids
    ttl: float = 30.0

    async def issue(self, actor: Actor, token: str, room_id: RoomId) -> Ticket:
        """A ticket for who may be in the room now. A room that is open to everybody takes a newcomer in with this."""
        try:
            await self._admit(actor, room_id)
        except Denied:
            if not (isinstance(actor, AccountActor) and await self._takes_in(room_id)):
                raise
            await self.members.join(actor, room_id, None, "")
        text = self.ids.secret()
        await self.short_lived.put(_key(text), f"{room_id} {token}".encode(), self.ttl)
        return Ticket(text, self.ttl)

    async def _admit(self, actor: Actor, room_id: RoomId) -> None:
        async with self.transactions.read() as tx:
            await self.access.standing(tx, actor, room_id)

    async def _takes_in(self, room_id: RoomId) -> bool:
        async with self.transactions.read() as tx:
            room = await tx.rooms.get(room_id)
        return room is not None and room.open_to_all

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
