"""Rooms coming into being, changing and going."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.transaction import Transactions
from synctv.application.rooms.access import Access, Standing
from synctv.domain.accounts.account import GlobalRole
from synctv.domain.errors import AlreadyExists, Denied, Invalid, NotFound, QuotaExceeded, TokenExpired, VersionConflict
from synctv.domain.ids import RoomId
from synctv.domain.playback.playback import nothing_yet
from synctv.domain.rooms.actor import AccountActor, Actor
from synctv.domain.rooms.events import RoomChanged, RoomDeleted
from synctv.domain.rooms.membership import joining, must_outrank
from synctv.domain.rooms.permissions import Permission, RoleChanges, RoomRole
from synctv.domain.rooms.room import (
    Room,
    RoomStatus,
    Visibility,
    room_code,
    valid_description,
    valid_room_name,
)
from synctv.domain.rooms.settings import RoomSettings

PASSWORD_LENGTH = 64
CODE_ATTEMPTS = 5


class Keep(Enum):
    """Says that a field stays as it is, where None means something else."""

    KEEP = "keep"


KEEP = Keep.KEEP


@dataclass(frozen=True, slots=True)
class NewRoom:
    """What a person says of the room that they make."""

    name: str
    description: str = ""
    visibility: Visibility = Visibility.UNLISTED
    password: str | None = None
    settings: RoomSettings | None = None


@dataclass(frozen=True, slots=True)
class RoomEdit:
    """What a person changes of a room. `password` None takes it away; `settings` makes new ones of the present ones."""

    name: str | Keep = KEEP
    description: str | Keep = KEEP
    visibility: Visibility | Keep = KEEP
    password: str | Keep | None = KEEP
    settings: Callable[[RoomSettings], RoomSettings] | Keep = KEEP


@dataclass(frozen=True, slots=True)
class RoomLifecycle:
    """Makes, edits and deletes rooms."""

    transactions: Transactions
    access: Access
    passwords: PasswordHasher
    clock: Clock
    ids: Ids
    max_rooms: int

    async def create(self, actor: Actor, new: NewRoom) -> RoomId:
        """Makes a room, with the actor as its creator and first member.

        Raises `Invalid`, `Denied` for guests, `QuotaExceeded` past the server's number of rooms for one account.
        """
        if not isinstance(actor, AccountActor):
            raise Denied("Guests can't create rooms. Sign in first.")
        name, description = valid_room_name(new.name), valid_description(new.description)
        settings = (new.settings or RoomSettings()).checked()
        password_hash = await self._hashed(new.password)
        for attempt in range(CODE_ATTEMPTS):
            room = Room(
                id=RoomId(self.ids.new("room")),
                code=room_code(self.ids.random(64)),
                name=name,
                description=description,
                visibility=new.visibility,
                password_hash=password_hash,
                owner=actor.ref,
                settings=settings,
                status=RoomStatus.ACTIVE,
                guest_version=1,
                created_at=self.clock.now(),
                version=1,
            )
            try:
                await self._add(actor, room)
            except AlreadyExists:
                if attempt == CODE_ATTEMPTS - 1:
                    raise
                continue
            break
        return room.id

    async def edit(self, actor: Actor, room_id: RoomId, edit: RoomEdit, expected_version: int | None) -> None:
        """Changes a room. What roles may do changes only below the actor's own role, and within their own permissions.

        Raises `Denied`, `Invalid`, and `VersionConflict` when somebody else changed the room meanwhile.
        """
        async with self.transactions.read() as tx:
            (await self.access.standing(tx, actor, room_id)).require(Permission.MANAGE_ROOM_SETTINGS)
        password_hash = await self._hashed(edit.password) if edit.password is not KEEP else KEEP
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id, lock=True)
            standing.require(Permission.MANAGE_ROOM_SETTINGS)
            room = standing.room
            if expected_version is not None and expected_version != room.version:
                raise VersionConflict("room", room)
            changed = room.changed(
                name=room.name if edit.name is KEEP else valid_room_name(edit.name),
                description=room.description if edit.description is KEEP else valid_description(edit.description),
                visibility=room.visibility if edit.visibility is KEEP else edit.visibility,
                password_hash=room.password_hash if password_hash is KEEP else password_hash,
                settings=room.settings if edit.settings is KEEP else edit.settings(room.settings).checked(),
            )
            _check_role_changes(standing, room.settings.permissions, changed.settings.permissions)
            await tx.rooms.update(changed, room.version)
            await tx.events.append(room_id, lambda _: RoomChanged(changed.guest_version), self.clock.now())

    async def delete(self, actor: Actor, room_id: RoomId) -> None:
        """Hides a room from everybody. Its creator may, and the server's operators."""
        async with self.transactions.write() as tx:
            room = await tx.rooms.get(room_id, lock=True)
            if room is None:
                raise NotFound("room")
            room.must_be_open()
            operator = isinstance(actor, AccountActor) and actor.role.rank >= GlobalRole.ADMIN.rank
            if not operator:
                (await self.access.standing(tx, actor, room_id)).require(Permission.DELETE_ROOM)
            await tx.rooms.update(room.deleted(), room.version)
            await tx.events.append(room_id, lambda _: RoomDeleted(), self.clock.now())

    async def _add(self, actor: AccountActor, room: Room) -> None:
        now = self.clock.now()
        async with self.transactions.write() as tx:
            # Locked, so that no room is made for an account that is closed at the same time.
            if await tx.accounts.get(actor.id, lock=True) is None:
                raise TokenExpired("This account is gone.")
            if await tx.rooms.owned_by(actor.id) >= self.max_rooms:
                raise QuotaExceeded("rooms of yours", self.max_rooms)
            await tx.rooms.add(room)
            await tx.memberships.save(joining(room, actor.id, actor.name, None, active_members=0, message="", now=now))
            await tx.playbacks.add(room.id, nothing_yet(now))

    async def _hashed(self, password: str | Keep | None) -> str | None:
        if password is None or password is KEEP:
            return None
        if not 1 <= len(password) <= PASSWORD_LENGTH:
            raise Invalid.field("password", f"A room's password has 1 to {PASSWORD_LENGTH} characters.", "length")
        return await self.passwords.hash(password)


def _check_role_changes(standing: Standing, before: RoleChanges, after: RoleChanges) -> None:
    for role in (RoomRole.ADMIN, RoomRole.MEMBER, RoomRole.GUEST):
        old, new = before.of(role), after.of(role)
        if old == new:
            continue
        must_outrank(standing.role, role)
        granted = (new.added - old.added) | (old.removed - new.removed)
        if beyond := granted - standing.permissions:
            names = ", ".join(sorted(beyond))
            raise Denied(f"You can't give what you don't have yourself: {names}.")
