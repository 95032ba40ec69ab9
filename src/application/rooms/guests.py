"""Guests: visitors of one room without an account."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.accounts.sessions import TokenLifetimes
from synctv.application.limits.limits import Category, Limits
from synctv.application.limits.origin import origin
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.tokens import AccessTokens, GuestClaims
from synctv.application.ports.transaction import Transactions
from synctv.application.rooms.access import Access
from synctv.application.rooms.directory import find_room
from synctv.domain.errors import Denied
from synctv.domain.ids import GuestId, RoomId, seconds_after
from synctv.domain.rooms.actor import Actor, GuestActor, valid_display_name
from synctv.domain.rooms.events import RoomChanged
from synctv.domain.rooms.permissions import Permission


@dataclass(frozen=True, slots=True)
class Admitted:
    """A guest and its token, which holds for `expires_in` seconds."""

    guest: GuestActor
    token: str
    expires_in: float


@dataclass(frozen=True, slots=True)
class Guests:
    """Lets guests in, and out."""

    transactions: Transactions
    access: Access
    tokens: AccessTokens
    limits: Limits
    clock: Clock
    ids: Ids
    lifetimes: TokenLifetimes

    async def enter(self, room: str, display_name: str, address: str) -> Admitted:
        """Admits a guest to the room with this id or invite code.

        Raises `NotFound` for an unavailable room and `Denied` where guests may not be.
        """
        await self.limits.check(Category.AUTH, f"guest:{origin(address)}")
        name = valid_display_name(display_name)
        async with self.transactions.read() as tx:
            found = await find_room(tx, room)
        if not self.access.guests_allowed:
            raise Denied("This server takes no guests. Sign in to enter.")
        if not found.admits_guests:
            raise Denied("This room takes no guests. Sign in to enter.")
        guest = GuestActor(GuestId(self.ids.new("gst")), name, found.id, found.guest_version)
        now = self.clock.now()
        claims = GuestClaims(guest, now, seconds_after(now, self.lifetimes.guest))
        return Admitted(guest, self.tokens.issue(claims), self.lifetimes.guest)

    async def revoke(self, actor: Actor, room_id: RoomId) -> None:
        """Ends the access of every guest of the room."""
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id, lock=True)
            standing.require(Permission.MANAGE_ROOM_SETTINGS)
            version = standing.room.version
            room = standing.room.without_guests()
            await tx.rooms.update(room, version)
            await tx.events.append(room_id, lambda _: RoomChanged(room.guest_version), self.clock.now())
