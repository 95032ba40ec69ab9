"""Access: what an actor is and may do in a room."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.ports.transaction import Transaction
from synctv.domain.errors import Denied, NotFound, Unauthenticated
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import AccountActor, Actor, GuestActor
from synctv.domain.rooms.membership import Membership
from synctv.domain.rooms.permissions import Permission, Permissions, RoleDefaults, RoomRole, effective, require
from synctv.domain.rooms.room import Room


@dataclass(frozen=True, slots=True)
class Standing:
    """An actor's place in a room at one moment."""

    room: Room
    actor: Actor
    role: RoomRole
    permissions: Permissions

    def require(self, permission: Permission) -> None:
        """Raises `Denied` unless the actor has the permission."""
        require(self.permissions, permission)

    def may(self, permission: Permission) -> bool:
        """Whether the actor has the permission."""
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class Access:
    """Answers with the server's policy: the roles' default permissions, and whether there may be guests at all."""

    defaults: RoleDefaults
    guests_allowed: bool

    async def standing(self, tx: Transaction, actor: Actor, room_id: RoomId, *, lock: bool = False) -> Standing:
        """The actor's standing. With `lock`, the room stays as it is until the transaction ends.

        Raises `NotFound` for a room that is unavailable, `Denied` for an account that is no member, and
        `Unauthenticated` for a guest whose access has ended.
        """
        room = await tx.rooms.get(room_id, lock=lock)
        if room is None:
            raise NotFound("room")
        room.must_be_open()
        if isinstance(actor, GuestActor):
            return self.of_guest(room, actor)
        membership = await tx.memberships.get(room_id, actor.id)
        if membership is None or not membership.active:
            raise Denied("You are not in this room. Join it first.")
        return self.of_member(room, actor, membership)

    def of_guest(self, room: Room, guest: GuestActor) -> Standing:
        """A guest's standing. Raises `Unauthenticated` when its access has ended."""
        if guest.room_id != room.id:
            raise NotFound("room")
        if not (self.guests_allowed and room.admits_guests and guest.guest_version == room.guest_version):
            raise Unauthenticated("Your access as a guest has ended. Ask for a new invitation, or sign in.")
        role = RoomRole.GUEST
        return Standing(room, guest, role, effective(role, self.defaults, room.settings.permissions))

    def of_member(self, room: Room, actor: AccountActor, membership: Membership) -> Standing:
        """A member's standing."""
        permissions = effective(membership.role, self.defaults, room.settings.permissions, membership.overrides)
        return Standing(room, actor, membership.role, permissions)

    def permissions_of(self, room: Room, membership: Membership) -> Permissions:
        """What a member may do."""
        return effective(membership.role, self.defaults, room.settings.permissions, membership.overrides)
