"""Storage of rooms and memberships, inside a transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from synctv.domain.ids import AccountId, RoomId
from synctv.domain.rooms.membership import Membership, MembershipState
from synctv.domain.rooms.room import Room


@dataclass(frozen=True, slots=True)
class RoomFilter:
    """Which rooms a list holds: active ones that are public or, with `member`, that this account belongs to or owns.

    `query` is looked for in names, without regard to case. `everything` (for operators) takes all rooms of any state,
    `owner` all that this account created and that are not deleted.
    """

    query: str = ""
    member: AccountId | None = None
    everything: bool = False
    owner: AccountId | None = None


class Rooms(ABC):
    """Rooms."""

    @abstractmethod
    async def add(self, room: Room) -> None:
        """Raises `AlreadyExists("room code")` when the code is taken."""

    @abstractmethod
    async def get(self, room_id: RoomId, *, lock: bool = False) -> Room | None:
        """The room, whatever its status; with `lock`, nobody else changes it until the transaction ends."""

    @abstractmethod
    async def by_code(self, code: str) -> Room | None:
        """The room with this invite code, whatever its status."""

    @abstractmethod
    async def update(self, room: Room, expected_version: int) -> None:
        """Replaces it. Raises `VersionConflict` unless the stored version is the expected one."""

    @abstractmethod
    async def list(self, filter: RoomFilter, *, before: RoomId | None, limit: int) -> Sequence[Room]:
        """Rooms, newest first, from the one after `before` on."""

    @abstractmethod
    async def count(self, filter: RoomFilter) -> int:
        """How many rooms the filter takes."""

    @abstractmethod
    async def owned_by(self, account_id: AccountId) -> int:
        """How many rooms that are not deleted this account created."""


class Memberships(ABC):
    """Memberships, one at most per room and account. While an account is closed, its memberships are as good as gone
    for every method here; once it is restored, they are what they were."""

    @abstractmethod
    async def get(self, room_id: RoomId, account_id: AccountId) -> Membership | None:
        """The membership in whatever state. Its `username` is the account's name now."""

    @abstractmethod
    async def save(self, membership: Membership) -> None:
        """Adds or replaces it. Raises `VersionConflict` unless the stored version is one lower (or none, for 1)."""

    @abstractmethod
    async def of_room(
        self, room_id: RoomId, state: MembershipState, *, after: AccountId | None, limit: int
    ) -> Sequence[Membership]:
        """The memberships in this state, by account id, from the one after `after` on."""

    @abstractmethod
    async def of_account(self, account_id: AccountId, *, after: RoomId | None, limit: int) -> Sequence[Membership]:
        """The account's memberships that are active or pending, by room id, from the one after `after` on."""

    @abstractmethod
    async def among(self, room_id: RoomId, account_ids: Collection[AccountId]) -> Mapping[AccountId, Membership]:
        """The memberships of these accounts, in whatever state."""

    @abstractmethod
    async def count(self, room_id: RoomId, state: MembershipState) -> int:
        """How many are in this state."""
