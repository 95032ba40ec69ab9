"""Rooms and memberships in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from synctv.adapters.memory.paging import page_after, page_before
from synctv.adapters.memory.store import View, with_entry, with_part
from synctv.application.ports.rooms import Memberships, RoomFilter, Rooms
from synctv.domain.errors import AlreadyExists, VersionConflict
from synctv.domain.ids import AccountId, RoomId
from synctv.domain.rooms.membership import Membership, MembershipState
from synctv.domain.rooms.room import Room, RoomStatus, Visibility, name_key


class MemoryRooms(Rooms):
    """Rooms, with their codes as a second key."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, room: Room) -> None:
        """Stores a new room."""
        state = self._view.state
        if room.code in state.codes or room.id in state.rooms:
            raise AlreadyExists("room code")
        rooms = with_entry(state.rooms, room.id, room)
        self._view.change(replace(state, rooms=rooms, codes={**state.codes, room.code: room.id}))

    async def get(self, room_id: RoomId, *, lock: bool = False) -> Room | None:
        """The room; writers take turns anyway."""
        if lock:
            self._view.must_be_writable()
        return self._view.state.rooms.get(room_id)

    async def by_code(self, code: str) -> Room | None:
        """The room with this code."""
        room_id = self._view.state.codes.get(code)
        return self._view.state.rooms[room_id] if room_id else None

    async def update(self, room: Room, expected_version: int) -> None:
        """Replaces it. Its code never changes."""
        state = self._view.state
        stored = state.rooms.get(room.id)
        if stored is None or stored.version != expected_version:
            raise VersionConflict("room", stored)
        kept = replace(room, code=stored.code, owner=stored.owner, created_at=stored.created_at)
        self._view.change(replace(state, rooms=with_entry(state.rooms, room.id, kept)))

    async def list(self, filter: RoomFilter, *, before: RoomId | None, limit: int) -> Sequence[Room]:
        """Rooms, newest first."""
        return page_before(((room.id, room) for room in self._matching(filter)), before, limit)

    async def count(self, filter: RoomFilter) -> int:
        """How many rooms the filter takes."""
        return sum(1 for _ in self._matching(filter))

    async def owned_by(self, account_id: AccountId) -> int:
        """How many rooms of this account are left."""
        rooms = self._view.state.rooms.values()
        return sum(1 for room in rooms if room.owner_id == account_id and room.status is not RoomStatus.DELETED)

    def _matching(self, filter: RoomFilter) -> Iterable[Room]:
        query = name_key(filter.query)
        return (
            room
            for room in self._view.state.rooms.values()
            if query in name_key(room.name) and self._shown(room, filter)
        )

    def _shown(self, room: Room, filter: RoomFilter) -> bool:
        if filter.everything:
            return True
        if filter.owner is not None:
            return room.owner_id == filter.owner and room.status is not RoomStatus.DELETED
        if room.status is not RoomStatus.ACTIVE:
            return False
        if filter.member is None:
            return room.visibility is Visibility.PUBLIC
        membership = self._view.state.memberships.get(room.id, {}).get(filter.member)
        return room.owner_id == filter.member or (membership is not None and membership.active)


class MemoryMemberships(Memberships):
    """Memberships by room and account."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def get(self, room_id: RoomId, account_id: AccountId) -> Membership | None:
        """The membership, with the account's name of now."""
        membership = self._of(room_id).get(account_id)
        return self._named(membership) if membership else None

    async def save(self, membership: Membership) -> None:
        """Adds or replaces it. Raises `NotFound` for a room or an account that isn't there."""
        self._view.must_have_room(membership.room_id)
        self._view.must_have_account(membership.account_id)
        stored = self._stored(membership.room_id).get(membership.account_id)
        if membership.version != (stored.version + 1 if stored else 1):
            raise VersionConflict("membership", self._named(stored) if stored else None)
        state = self._view.state
        memberships = with_part(state.memberships, membership.room_id, membership.account_id, membership)
        self._view.change(replace(state, memberships=memberships))

    async def of_room(
        self, room_id: RoomId, state: MembershipState, *, after: AccountId | None, limit: int
    ) -> Sequence[Membership]:
        """The memberships in this state, by account id."""
        found = ((account_id, one) for account_id, one in self._of(room_id).items() if one.state is state)
        return [self._named(membership) for membership in page_after(found, after, limit)]

    async def of_account(self, account_id: AccountId, *, after: RoomId | None, limit: int) -> Sequence[Membership]:
        """The account's memberships that are active or pending, by room id."""
        rooms = self._view.state.memberships
        found = ((id, one) for id in rooms if (one := self._of(id).get(account_id)) is not None and _counts(one))
        return [self._named(membership) for membership in page_after(found, after, limit)]

    async def among(self, room_id: RoomId, account_ids: Collection[AccountId]) -> Mapping[AccountId, Membership]:
        """The memberships of these accounts."""
        found = self._of(room_id)
        return {account_id: self._named(found[account_id]) for account_id in account_ids if account_id in found}

    async def count(self, room_id: RoomId, state: MembershipState) -> int:
        """How many are in this state."""
        return sum(1 for membership in self._of(room_id).values() if membership.state is state)

    def _of(self, room_id: RoomId) -> Mapping[AccountId, Membership]:
        accounts = self._view.state.accounts
        return {id: one for id, one in self._stored(room_id).items() if accounts[id].closed_at is None}

    def _stored(self, room_id: RoomId) -> Mapping[AccountId, Membership]:
        return self._view.state.memberships.get(room_id, {})

    def _named(self, membership: Membership) -> Membership:
        return replace(membership, username=self._view.state.accounts[membership.account_id].username)


def _counts(membership: Membership) -> bool:
    return membership.state in (MembershipState.ACTIVE, MembershipState.PENDING)
