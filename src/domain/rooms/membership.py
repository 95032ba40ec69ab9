"""Membership: an account's place in a room, and how it comes about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from synctv.domain.errors import Denied, QuotaExceeded, RateLimited
from synctv.domain.ids import MICROS, AccountId, Micros, RoomId, seconds_after
from synctv.domain.rooms.permissions import NO_CHANGE, NOTHING, PermissionChange, RoomRole
from synctv.domain.rooms.room import Room

KICK_COOLDOWN_SECONDS = 600.0
REQUEST_MESSAGE_LENGTH = 300


class MembershipState(StrEnum):
    """Where a membership stands. `pending` waits for approval; `left` and `kicked` are kept for what they remember."""

    ACTIVE = "active"
    PENDING = "pending"
    LEFT = "left"
    KICKED = "kicked"


@dataclass(frozen=True, slots=True)
class Membership:
    """An account's place in a room. `returns_at` is when a kicked member may join again."""

    room_id: RoomId
    account_id: AccountId
    username: str
    role: RoomRole
    state: MembershipState
    overrides: PermissionChange
    message: str
    joined_at: Micros
    returns_at: Micros | None
    version: int

    @property
    def active(self) -> bool:
        """Whether the account is a member now."""
        return self.state is MembershipState.ACTIVE

    @property
    def lost(self) -> PermissionChange:
        """What was taken from its owner. It outlasts the membership: leaving and returning gives nothing back."""
        return replace(self.overrides, added=NOTHING)

    def left(self) -> Membership:
        """The membership after its owner left."""
        return replace(self, state=MembershipState.LEFT, version=self.version + 1)

    def kicked(self, now: Micros) -> Membership:
        """The membership after somebody removed its owner, who waits out a cooldown."""
        return replace(
            self,
            state=MembershipState.KICKED,
            role=RoomRole.MEMBER,
            overrides=self.lost,
            returns_at=seconds_after(now, KICK_COOLDOWN_SECONDS),
            version=self.version + 1,
        )

    def approved(self, now: Micros) -> Membership:
        """The membership after its request was granted."""
        return replace(self, state=MembershipState.ACTIVE, joined_at=now, version=self.version + 1)

    def with_access(self, role: RoomRole, overrides: PermissionChange) -> Membership:
        """The membership with another role and other overrides."""
        return replace(self, role=role, overrides=overrides, version=self.version + 1)


def joining(
    room: Room,
    account_id: AccountId,
    username: str,
    before: Membership | None,
    *,
    active_members: int,
    message: str,
    now: Micros,
) -> Membership:
    """The membership that joining leads to: active at once, or pending where the room wants approval.

    The password has been checked by the caller. Joining again changes nothing for who is a member already. Raises
    `RateLimited` while a kicked member's cooldown lasts and `QuotaExceeded` when the room is full.
    """
    if before is not None and before.active:
        return before
    if before is not None and before.returns_at is not None and now < before.returns_at:
        raise RateLimited((before.returns_at - now) / MICROS)
    must_have_place(room, active_members)
    owner = account_id == room.owner_id
    waits = room.settings.require_approval and not owner
    return Membership(
        room_id=room.id,
        account_id=account_id,
        username=username,
        role=RoomRole.CREATOR if owner else RoomRole.MEMBER,
        state=MembershipState.PENDING if waits else MembershipState.ACTIVE,
        overrides=before.lost if before else NO_CHANGE,
        message=message[:REQUEST_MESSAGE_LENGTH],
        joined_at=now,
        returns_at=None,
        version=before.version + 1 if before else 1,
    )


def must_have_place(room: Room, active_members: int) -> None:
    """Raises `QuotaExceeded` when the room is full."""
    if active_members >= room.settings.max_members:
        raise QuotaExceeded("members in this room", room.settings.max_members)


def must_outrank(actor: RoomRole, target: RoomRole) -> None:
    """Raises `Denied` unless the actor stands above the target."""
    if actor.rank <= target.rank:
        raise Denied("You can do this only to people below your own role in this room.")
