"""What the operator of a server sees of it, through the management socket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synctv.application.ports.accounts import EVERY_ACCOUNT
from synctv.application.ports.clock import Clock
from synctv.application.ports.rooms import RoomFilter
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.application.realtime.audience import Audience
from synctv.domain.errors import Invalid, NotFound
from synctv.domain.ids import MICROS, Micros, RoomId, is_typeid
from synctv.domain.rooms.membership import MembershipState
from synctv.domain.rooms.room import Room, normal_code

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class OperatedRoom:
    """A room of any state as the operator sees it: active members, open connections, and the title that plays."""

    room: Room
    members: int
    online: int
    now_playing: str | None


@dataclass(frozen=True, slots=True)
class OperatedRoomPage:
    """One page of rooms, newest first; `next_before` is the id to go on after, None on the last page."""

    rooms: Sequence[OperatedRoom]
    next_before: RoomId | None
    total: int


@dataclass(frozen=True, slots=True)
class LiveCounts:
    """What this process serves now: open connections, and the rooms that they are in."""

    connections: int
    viewed_rooms: int


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What does not change while the server runs. `storage` is the kind of storage, `redis` whether one is used."""

    version: str
    storage: str
    redis: bool
    started_at: Micros


@dataclass(frozen=True, slots=True)
class Stats:
    """The server in figures. Accounts and rooms are those of the storage, connections those of this process."""

    accounts: int
    rooms: int
    connections: int
    viewed_rooms: int
    uptime_seconds: float
    version: str
    storage: str
    redis: bool


@dataclass(frozen=True, slots=True)
class Operators:
    """The operator has the machine, so nothing here asks who it is: the entrypoint lets only the operator in."""

    transactions: Transactions
    clock: Clock
    audience: Audience
    live: Callable[[], LiveCounts]
    facts: ServerFacts

    async def list_rooms(
        self, query: str = "", before: RoomId | None = None, limit: int = PAGE_SIZE
    ) -> OperatedRoomPage:
        """Rooms of any state whose name contains `query`. Raises `Invalid` for a limit beyond 1 to 200."""
        size = page_size(limit)
        wanted = RoomFilter(query=query.strip(), everything=True)
        async with self.transactions.read() as tx:
            found = await tx.rooms.list(wanted, before=before, limit=size + 1)
            rooms = [await self._operated(tx, room) for room in found[:size]]
            total = await tx.rooms.count(wanted)
        return OperatedRoomPage(rooms, found[size - 1].id if len(found) > size else None, total)

    async def get_room(self, id_or_code: str) -> OperatedRoom:
        """The room with this id or invite code, of any state. Raises `NotFound`."""
        async with self.transactions.read() as tx:
            room = await _found(tx, id_or_code.strip())
            if room is None:
                raise NotFound("room")
            return await self._operated(tx, room)

    async def stats(self) -> Stats:
        """The server in figures."""
        async with self.transactions.read() as tx:
            accounts = await tx.accounts.count(EVERY_ACCOUNT)
            rooms = await tx.rooms.count(RoomFilter(everything=True))
        live = self.live()
        return Stats(
            accounts=accounts,
            rooms=rooms,
            connections=live.connections,
            viewed_rooms=live.viewed_rooms,
            uptime_seconds=(self.clock.now() - self.facts.started_at) / MICROS,
            version=self.facts.version,
            storage=self.facts.storage,
            redis=self.facts.redis,
        )

    async def _operated(self, tx: Transaction, room: Room) -> OperatedRoom:
        members = await tx.memberships.count(room.id, MembershipState.ACTIVE)
        playback = await tx.playbacks.get(room.id)
        item = await tx.library.get(room.id, playback.item.id) if playback and playback.item else None
        heard = await self.audience.of(room.id)
        return OperatedRoom(room, members, heard.online, item.title if item else None)


async def _found(tx: Transaction, id_or_code: str) -> Room | None:
    if is_typeid(id_or_code, "room"):
        return await tx.rooms.get(RoomId(id_or_code))
    code = normal_code(id_or_code)
    return await tx.rooms.by_code(code) if code else None


def page_size(limit: int) -> int:
    """The limit. Raises `Invalid` for one beyond 1 to 200."""
    if not 1 <= limit <= MAX_PAGE_SIZE:
        raise Invalid.field("limit", f"A page has 1 to {MAX_PAGE_SIZE} entries.", "range")
    return limit
