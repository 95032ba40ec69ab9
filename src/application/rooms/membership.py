"""Membership: joining, leaving, and what people who run a room do about its members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synctv.application.limits.limits import Category, Limits
from synctv.application.ports.clock import Clock
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.application.rooms.access import Access, Standing
from synctv.domain.errors import Conflict, Denied, Invalid, NotFound, VersionConflict
from synctv.domain.ids import AccountId, RoomId
from synctv.domain.rooms.actor import AccountActor, Actor
from synctv.domain.rooms.events import MemberChange, MemberChanged
from synctv.domain.rooms.membership import Membership, MembershipState, joining, must_have_place, must_outrank
from synctv.domain.rooms.permissions import Permission, PermissionChange, Permissions, RoomRole
from synctv.domain.rooms.room import Room


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member, with what the role and the overrides come to."""

    membership: Membership
    permissions: Permissions


@dataclass(frozen=True, slots=True)
class MemberPage:
    """One page of members; `next_cursor` is the account to go on after."""

    members: Sequence[MemberView]
    next_cursor: AccountId | None
    total: int


@dataclass(frozen=True, slots=True)
class AccessEdit:
    """What changes of a member's access; None leaves a part as it is."""

    role: RoomRole | None = None
    added: Permissions | None = None
    removed: Permissions | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """What happens between accounts and rooms."""

    transactions: Transactions
    access: Access
    passwords: PasswordHasher
    limits: Limits
    clock: Clock

    async def join(self, actor: Actor, room_id: RoomId, password: str | None, message: str) -> Membership:
        """Joins, or asks to: the membership is then pending. Joining again as a member changes nothing.

        Raises `NotFound`, `Denied` for a wrong or missing password, `RateLimited`, `QuotaExceeded` for a full room.
        """
        if not isinstance(actor, AccountActor):
            raise Denied("Guests can't join. Sign in first.")
        await self.limits.check(Category.WRITE, f"join:{actor.id}")
        async with self.transactions.read() as tx:
            room = await _open_room(tx, room_id)
            before = await tx.memberships.get(room_id, actor.id)
        if before is not None and before.active:
            return before
        await self._check_password(room, actor, password)
        async with self.transactions.write() as tx:
            current = await _open_room(tx, room_id, lock=True)
            if current.password_hash != room.password_hash:
                raise Conflict("The room's password has just been changed. Enter the new one.")
            return await self._join(tx, current, actor, message)

    async def leave(self, actor: Actor, room_id: RoomId) -> None:
        """Leaves, or takes a request to join back. The creator can't leave: they can delete the room."""
        if not isinstance(actor, AccountActor):
            raise Denied("Guests leave by closing the page.")
        async with self.transactions.write() as tx:
            await _open_room(tx, room_id, lock=True)
            membership = await tx.memberships.get(room_id, actor.id)
            if membership is None or membership.state not in (MembershipState.ACTIVE, MembershipState.PENDING):
                raise Denied("You are not in this room. Join it first.")
            if membership.role is RoomRole.CREATOR:
                raise Conflict("You created this room, so you can't leave it. Delete it instead.")
            await tx.memberships.save(membership.left())
            await self._told(tx, room_id, actor.id, MemberChange.LEFT)

    async def list(self, actor: Actor, room_id: RoomId, *, after: AccountId | None, limit: int) -> MemberPage:
        """Members by the age of their accounts."""
        return await self._page(actor, room_id, MembershipState.ACTIVE, Permission.VIEW_MEMBERS, after, limit)

    async def requests(self, actor: Actor, room_id: RoomId, *, after: AccountId | None, limit: int) -> MemberPage:
        """Who waits for approval."""
        return await self._page(actor, room_id, MembershipState.PENDING, Permission.REVIEW_JOIN_REQUESTS, after, limit)

    async def decide(self, actor: Actor, room_id: RoomId, account_id: AccountId, *, approve: bool) -> None:
        """Grants or refuses a request to join.

        Raises `NotFound` when nobody of that id waits, `QuotaExceeded` when approving and the room is full.
        """
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id, lock=True)
            standing.require(Permission.REVIEW_JOIN_REQUESTS)
            membership = await tx.memberships.get(room_id, account_id)
            if membership is None or membership.state is not MembershipState.PENDING:
                raise NotFound("request")
            if approve:
                must_have_place(standing.room, await tx.memberships.count(room_id, MembershipState.ACTIVE))
            decided = membership.approved(self.clock.now()) if approve else membership.left()
            await tx.memberships.save(decided)
            await self._told(tx, room_id, account_id, MemberChange.JOINED if approve else MemberChange.REJECTED)

    async def kick(self, actor: Actor, room_id: RoomId, account_id: AccountId) -> None:
        """Removes a member, who can come back after a cooldown."""
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id, lock=True)
            standing.require(Permission.REMOVE_MEMBERS)
            membership = await self._member(tx, room_id, account_id)
            must_outrank(standing.role, membership.role)
            await tx.memberships.save(membership.kicked(self.clock.now()))
            await self._told(tx, room_id, account_id, MemberChange.KICKED)

    async def change_access(
        self, actor: Actor, room_id: RoomId, account_id: AccountId, edit: AccessEdit, expected_version: int | None
    ) -> MemberView:
        """Changes a member's role and overrides, below the actor's own rank and within the actor's own permissions."""
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id, lock=True)
            standing.require(Permission.MANAGE_MEMBER_PERMISSIONS)
            membership = await self._member(tx, room_id, account_id)
            if expected_version is not None and expected_version != membership.version:
                raise VersionConflict("member")
            must_outrank(standing.role, membership.role)
            changed = _edited(standing, membership, edit)
            await tx.memberships.save(changed)
            await self._told(tx, room_id, account_id, MemberChange.ACCESS)
            return MemberView(changed, self.access.permissions_of(standing.room, changed))

    async def _page(
        self,
        actor: Actor,
        room_id: RoomId,
        state: MembershipState,
        permission: Permission,
        after: AccountId | None,
        limit: int,
    ) -> MemberPage:
        async with self.transactions.read() as tx:
            standing = await self.access.standing(tx, actor, room_id)
            standing.require(permission)
            found = await tx.memberships.of_room(room_id, state, after=after, limit=limit + 1)
            total = await tx.memberships.count(room_id, state)
        views = [MemberView(one, self.access.permissions_of(standing.room, one)) for one in found[:limit]]
        return MemberPage(views, found[limit - 1].account_id if len(found) > limit else None, total)

    async def _join(self, tx: Transaction, room: Room, actor: AccountActor, message: str) -> Membership:
        before = await tx.memberships.get(room.id, actor.id)
        members = await tx.memberships.count(room.id, MembershipState.ACTIVE)
        membership = joining(
            room, actor.id, actor.name, before, active_members=members, message=message, now=self.clock.now()
        )
        if membership is before:
            return membership
        await tx.memberships.save(membership)
        change = MemberChange.JOINED if membership.active else MemberChange.REQUESTED
        await self._told(tx, room.id, actor.id, change)
        return membership

    async def _check_password(self, room: Room, actor: AccountActor, password: str | None) -> None:
        if room.password_hash is None or actor.id == room.owner_id:
            return
        if password is None:
            raise Denied("This room has a password. Enter it to join.")
        await self.limits.check(Category.AUTH, f"room-password:{room.id}:{actor.id}")
        if not await self.passwords.verify(password, room.password_hash):
            raise Denied("The room's password is wrong.")

    async def _member(self, tx: Transaction, room_id: RoomId, account_id: AccountId) -> Membership:
        membership = await tx.memberships.get(room_id, account_id)
        if membership is None or not membership.active:
            raise NotFound("member")
        return membership

    async def _told(self, tx: Transaction, room_id: RoomId, account_id: AccountId, change: MemberChange) -> None:
        await tx.events.append(room_id, lambda _: MemberChanged(account_id, change), self.clock.now())


async def _open_room(tx: Transaction, room_id: RoomId, *, lock: bool = False) -> Room:
    room = await tx.rooms.get(room_id, lock=lock)
    if room is None:
        raise NotFound("room")
    room.must_be_open()
    return room


def _edited(standing: Standing, membership: Membership, edit: AccessEdit) -> Membership:
    role = edit.role or membership.role
    if role not in (RoomRole.ADMIN, RoomRole.MEMBER):
        raise Invalid.field("role", "A member's role is admin or member.", "choice")
    must_outrank(standing.role, role)
    before = membership.overrides
    overrides = PermissionChange(
        added=before.added if edit.added is None else edit.added,
        removed=before.removed if edit.removed is None else edit.removed,
    )
    given = (overrides.added - before.added) | (before.removed - overrides.removed)
    if beyond := given - standing.permissions:
        names = ", ".join(sorted(beyond))
        raise Denied(f"You can't give what you don't have yourself: {names}.")
    return membership.with_access(role, overrides)
