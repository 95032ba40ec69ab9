"""Finding rooms: by id, by invite code, in lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synctv.application.ports.rooms import RoomFilter
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.application.realtime.audience import Audience
from synctv.application.rooms.access import Access, Standing
from synctv.domain.errors import NotFound
from synctv.domain.ids import RoomId, is_typeid
from synctv.domain.rooms.actor import AccountActor, Actor, GuestActor
from synctv.domain.rooms.membership import MembershipState
from synctv.domain.rooms.permissions import RoomRole
from synctv.domain.rooms.room import Room, normal_code


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room as one actor sees it. `standing` is None for who is not in it; `now_playing` is a title."""

    room: Room
    standing: Standing | None
    online: int
    members: int
    now_playing: str | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """What somebody with the link of a room learns before entering. `role` is their own, if they are a member."""

    room: Room
    guests_allowed: bool
    online: int
    role: RoomRole | None


@dataclass(frozen=True, slots=True)
class RoomPage:
    """One page of a list; `next_cursor` is the id to go on after."""

    rooms: Sequence[RoomView]
    next_cursor: RoomId | None
    total: int


async def find_room(tx: Transaction, id_or_code: str) -> Room:
    """The room with this id or invite code. Raises `NotFound`, also for one that is not open."""
    room = None
    if is_typeid(id_or_code, "room"):
        room = await tx.rooms.get(RoomId(id_or_code))
    elif code := normal_code(id_or_code):
        room = await tx.rooms.by_code(code)
    if room is None:
        raise NotFound("room")
    room.must_be_open()
    return room


@dataclass(frozen=True, slots=True)
class Directory:
    """Shows rooms."""

    transactions: Transactions
    access: Access
    audience: Audience

    async def get(self, actor: Actor, room_id: RoomId) -> RoomView:
        """The room, for who is in it."""
        async with self.transactions.read() as tx:
            standing = await self.access.standing(tx, actor, room_id)
            return await self._view(tx, standing.room, standing)

    async def invitation(self, actor: Actor | None, id_or_code: str) -> Invitation:
        """What the room tells to somebody at its door."""
        async with self.transactions.read() as tx:
            room = await find_room(tx, id_or_code)
            membership = await tx.memberships.get(room.id, actor.id) if isinstance(actor, AccountActor) else None
        heard = await self.audience.of(room.id)
        return Invitation(
            room=room,
            guests_allowed=self.access.guests_allowed and room.admits_guests,
            online=heard.online,
            role=membership.role if membership and membership.active else None,
        )

    async def list(self, actor: Actor, *, query: str, mine: bool, before: RoomId | None, limit: int) -> RoomPage:
        """Rooms, newest first: public ones, or with `mine` those that the account belongs to."""
        if isinstance(actor, GuestActor):
            return RoomPage([], None, 0)
        filter = RoomFilter(query=query.strip()[:80], member=actor.id if mine else None)
        async with self.transactions.read() as tx:
            rooms = await tx.rooms.list(filter, before=before, limit=limit + 1)
            total = await tx.rooms.count(filter)
            views = []
            for room in rooms[:limit]:
                membership = await tx.memberships.get(room.id, actor.id)
                inside = membership is not None and membership.active
                standing = self.access.of_member(room, actor, membership) if membership and inside else None
                views.append(await self._view(tx, room, standing))
        return RoomPage(views, rooms[limit - 1].id if len(rooms) > limit else None, total)

    async def _view(self, tx: Transaction, room: Room, standing: Standing | None) -> RoomView:
        playback = await tx.playbacks.get(room.id)
        item = await tx.library.get(room.id, playback.item.id) if playback and playback.item else None
        heard = await self.audience.of(room.id)
        members = await tx.memberships.count(room.id, MembershipState.ACTIVE)
        return RoomView(room, standing, heard.online, members, item.title if item else None)
