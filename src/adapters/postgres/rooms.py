"""Rooms and memberships in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from piccolo.columns.combination import WhereRaw

from synctv.adapters.postgres.actors import actor, actor_columns
from synctv.adapters.postgres.ids import ACCOUNT, ROOM
from synctv.adapters.postgres.queries import LOCK, Queries, Row, bigint, select_where
from synctv.adapters.postgres.tables import MembershipRow, RoomRow
from synctv.adapters.serialization.codec import decode, encode
from synctv.adapters.text import storable
from synctv.application.ports.rooms import Memberships, RoomFilter, Rooms
from synctv.domain.errors import VersionConflict
from synctv.domain.ids import AccountId, Micros, RoomId
from synctv.domain.rooms.membership import Membership, MembershipState
from synctv.domain.rooms.permissions import PermissionChange, RoomRole
from synctv.domain.rooms.room import Room, RoomStatus, Visibility, name_key
from synctv.domain.rooms.settings import RoomSettings

_BY_ID = select_where(RoomRow, "id = $1")
_LOCKED = f"{_BY_ID} {LOCK}"
_BY_CODE = select_where(RoomRow, "code = $1")

_MEMBERSHIPS = """
    SELECT room_id, account_id, username, memberships.role, state, overrides, message, joined_at, returns_at,
           memberships.version
    FROM memberships JOIN accounts ON accounts.id = account_id AND closed_at IS NULL
"""
_COUNT_MEMBERS = """
    SELECT count(*) FROM memberships JOIN accounts ON accounts.id = account_id AND closed_at IS NULL
    WHERE room_id = $1 AND state = $2
"""
_SAVE_MEMBERSHIP = """
    INSERT INTO memberships (room_id, account_id, role, state, overrides, message, joined_at, returns_at, version)
    SELECT $1::uuid, $2::uuid, $3, $4, $5::jsonb, $6, $7::bigint, $8::bigint, $9::bigint
    WHERE $9 = 1 OR EXISTS (SELECT FROM memberships WHERE room_id = $1 AND account_id = $2)
    ON CONFLICT (room_id, account_id) DO UPDATE
    SET role = $3, state = $4, overrides = $5, message = $6, joined_at = $7, returns_at = $8, version = $9
    WHERE memberships.version = $9 - 1
    RETURNING version
"""


class PostgresRooms(Rooms):
    """Rooms, whose codes are unique."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def add(self, room: Room) -> None:
        """Stores a new room."""
        fixed: dict[str, Any] = {"code": room.code, "created_at": room.created_at} | actor_columns("owner", room.owner)
        await self._queries.add(RoomRow(id=ROOM.store(room.id), **fixed, **_changing_columns(room)), "room code")

    async def get(self, room_id: RoomId, *, lock: bool = False) -> Room | None:
        """The room; with `lock`, its row is locked."""
        if lock:
            self._queries.must_be_writable()
        row = await self._queries.row(_LOCKED if lock else _BY_ID, ROOM.find(room_id))
        return _room(row) if row else None

    async def by_code(self, code: str) -> Room | None:
        """The room with this code."""
        row = await self._queries.row(_BY_CODE, code) if storable(code) else None
        return _room(row) if row else None

    async def update(self, room: Room, expected_version: int) -> None:
        """Replaces it. Its code and its owner never change."""
        update = RoomRow.update(**_changing_columns(room)).where(
            (RoomRow.id == ROOM.find(room.id)) & (RoomRow.version == bigint(expected_version))
        )
        if await self._queries.write(update.returning(RoomRow.id)) is None:
            raise VersionConflict("room", await self.get(room.id))

    async def list(self, filter: RoomFilter, *, before: RoomId | None, limit: int) -> Sequence[Room]:
        """Rooms, newest first."""
        query = RoomRow.select().where(_condition(filter)).order_by(RoomRow.id, ascending=False).limit(max(limit, 0))
        if before is not None:
            query = query.where(RoomRow.id < ROOM.find(before))
        return [_room(row) for row in await self._queries.rows(query)]

    async def count(self, filter: RoomFilter) -> int:
        """How many rooms the filter takes."""
        return int(await self._queries.value(RoomRow.count().where(_condition(filter))))

    async def owned_by(self, account_id: AccountId) -> int:
        """How many rooms of this account are left."""
        left = (RoomRow.owner_id == account_id) & (RoomRow.status != RoomStatus.DELETED.value)
        return int(await self._queries.value(RoomRow.count().where(left))) if storable(account_id) else 0


class PostgresMemberships(Memberships):
    """Memberships, which take their username from the account."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def get(self, room_id: RoomId, account_id: AccountId) -> Membership | None:
        """The membership, with the account's name of now."""
        one = f"{_MEMBERSHIPS} WHERE room_id = $1 AND account_id = $2"
        row = await self._queries.row(one, ROOM.find(room_id), ACCOUNT.find(account_id))
        return _membership(row) if row else None

    async def save(self, membership: Membership) -> None:
        """Adds or replaces it. Raises `NotFound` for a room or an account that isn't there."""
        saved = await self._queries.write(
            _SAVE_MEMBERSHIP,
            ROOM.store(membership.room_id),
            ACCOUNT.store(membership.account_id),
            membership.role.value,
            membership.state.value,
            encode(membership.overrides).decode(),
            membership.message,
            membership.joined_at,
            membership.returns_at,
            membership.version,
        )
        if saved is None:
            raise VersionConflict("membership", await self.get(membership.room_id, membership.account_id))

    async def of_room(
        self, room_id: RoomId, state: MembershipState, *, after: AccountId | None, limit: int
    ) -> Sequence[Membership]:
        """The memberships in this state, by account id."""
        page = f"""
            {_MEMBERSHIPS} WHERE room_id = $1 AND state = $2 AND ($3 OR account_id > $4)
            ORDER BY account_id LIMIT $5
        """
        start = ACCOUNT.find(after) if after is not None else None
        rows = await self._queries.rows(page, ROOM.find(room_id), state.value, after is None, start, max(limit, 0))
        return [_membership(row) for row in rows]

    async def of_account(self, account_id: AccountId, *, after: RoomId | None, limit: int) -> Sequence[Membership]:
        """The account's memberships that are active or pending, by room id."""
        page = f"""
            {_MEMBERSHIPS} WHERE account_id = $1 AND state = ANY($2::text[]) AND ($3 OR room_id > $4)
            ORDER BY room_id LIMIT $5
        """
        start = ROOM.find(after) if after is not None else None
        account, counting = ACCOUNT.find(account_id), [MembershipState.ACTIVE.value, MembershipState.PENDING.value]
        rows = await self._queries.rows(page, account, counting, after is None, start, max(limit, 0))
        return [_membership(row) for row in rows]

    async def among(self, room_id: RoomId, account_ids: Collection[AccountId]) -> Mapping[AccountId, Membership]:
        """The memberships of these accounts."""
        some = f"{_MEMBERSHIPS} WHERE room_id = $1 AND account_id = ANY($2::uuid[])"
        rows = await self._queries.rows(some, ROOM.find(room_id), ACCOUNT.find_all(account_ids))
        return {membership.account_id: membership for membership in map(_membership, rows)}

    async def count(self, room_id: RoomId, state: MembershipState) -> int:
        """How many are in this state."""
        return int(await self._queries.value(_COUNT_MEMBERS, ROOM.find(room_id), state.value))


def _condition(filter: RoomFilter) -> Any:
    named = (
        WhereRaw("strpos(name_key, {}) > 0", name_key(filter.query)) if storable(filter.query) else WhereRaw("false")
    )
    if filter.everything:
        return named
    if filter.owner is not None:
        return named & (RoomRow.owner_id == filter.owner) & (RoomRow.status != RoomStatus.DELETED.value)
    shown = named & (RoomRow.status == RoomStatus.ACTIVE.value)
    if filter.member is None:
        return shown & (RoomRow.visibility == Visibility.PUBLIC.value)
    joined = MembershipRow.select(MembershipRow.room_id).where(
        (MembershipRow.account_id == ACCOUNT.find(filter.member))
        & (MembershipRow.state == MembershipState.ACTIVE.value)
    )
    return shown & ((RoomRow.owner_id == filter.member) | RoomRow.id.is_in(joined))


def _changing_columns(room: Room) -> dict[str, Any]:
    return {
        "name": room.name,
        "name_key": name_key(room.name),
        "description": room.description,
        "visibility": room.visibility.value,
        "password_hash": room.password_hash,
        "settings": encode(room.settings).decode(),
        "status": room.status.value,
        "guest_version": room.guest_version,
        "version": room.version,
    }


def _room(row: Row) -> Room:
    return Room(
        id=ROOM.show(row["id"]),
        code=row["code"],
        name=row["name"],
        description=row["description"],
        visibility=Visibility(row["visibility"]),
        password_hash=row["password_hash"],
        owner=actor("owner", row),
        settings=decode(RoomSettings, row["settings"]),
        status=RoomStatus(row["status"]),
        guest_version=row["guest_version"],
        created_at=Micros(row["created_at"]),
        version=row["version"],
    )


def _membership(row: Row) -> Membership:
    return Membership(
        room_id=ROOM.show(row["room_id"]),
        account_id=ACCOUNT.show(row["account_id"]),
        username=row["username"],
        role=RoomRole(row["role"]),
        state=MembershipState(row["state"]),
        overrides=decode(PermissionChange, row["overrides"]),
        message=row["message"],
        joined_at=Micros(row["joined_at"]),
        returns_at=None if row["returns_at"] is None else Micros(row["returns_at"]),
        version=row["version"],
    )
