"""Closing an account and opening it again: what is hidden with it, and comes back with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from synctv.application.accounts.client import Client
from synctv.application.ports.clock import Clock
from synctv.application.ports.letters import Letter, LetterKind
from synctv.application.ports.transaction import Transaction
from synctv.domain.accounts.account import Account, must_leave_a_root
from synctv.domain.ids import Micros, RoomId, seconds_after
from synctv.domain.rooms.events import MemberChange, MemberChanged, RoomChanged, RoomDeleted
from synctv.domain.rooms.membership import Membership
from synctv.domain.rooms.room import Room, RoomStatus

PAGE = 200
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Closing:
    """In the caller's transaction. A closed account can be restored for `days`, and is purged then.

    Its rooms are hidden with a status of their own, so that those that their owner deleted stay deleted when it comes
    back. Its memberships are hidden by its being closed, so that each is what it was. Its logins at other servers are
    forgotten: nobody should be able to act over there in the name of somebody who has gone.
    """

    clock: Clock
    days: float

    def until(self, account: Account) -> Micros:
        """Until when the closed account can be restored."""
        return seconds_after(account.closed_at or self.clock.now(), self.days * DAY)

    def letter(self, account: Account, to: str, client: Client) -> Letter:
        """What whoever wants to sign up with the address of a closed account is told there."""
        said = {"at": str(account.closed_at), "until": str(self.until(account)), "address": "?"}
        facts = {"username": account.username, **said}
        return Letter(LetterKind.ACCOUNT_CLOSED, to, client.language_for(account), facts)

    def must_leave_a_root(self, account: Account, roots: Sequence[Account]) -> None:
        """Raises `PreconditionFailed` for the last account that runs the whole server. The roots are locked."""
        must_leave_a_root(account, roots, self.clock.now())

    async def close(self, tx: Transaction, account: Account) -> Account:
        """The account, closed; everybody in its rooms is told. It is locked. Raises `Conflict` as `Account.closed`."""
        now = self.clock.now()
        closed = account.closed(now)
        # In the order of the rooms, so that two who meet wait for each other and not both.
        async for membership in _memberships(tx, account):
            await self._leave(tx, account, membership, now)
        for credential in await tx.credentials.of_account(account.id):
            await tx.credentials.remove(account.id, credential.id)
        await tx.accounts.update(closed, account.version)
        return closed

    async def restore(self, tx: Transaction, account: Account) -> Account:
        """The account, open again with what closing it has hidden. It is locked. Raises `Conflict` for one that is not
        closed."""
        now = self.clock.now()
        restored = account.restored()
        await tx.accounts.update(restored, account.version)
        async for membership in _memberships(tx, restored):
            await self._return(tx, restored, membership, now)
        return restored

    async def _leave(self, tx: Transaction, account: Account, membership: Membership, now: Micros) -> None:
        room = await _own_room(tx, account, membership.room_id, RoomStatus.ACTIVE)
        if room is None:
            change = MemberChanged(account.id, MemberChange.LEFT)
            await tx.events.append(membership.room_id, lambda _: change, now)
            return
        await tx.rooms.update(room.closed(), room.version)
        await tx.events.append(room.id, lambda _: RoomDeleted(), now)

    async def _return(self, tx: Transaction, account: Account, membership: Membership, now: Micros) -> None:
        room = await _own_room(tx, account, membership.room_id, RoomStatus.CLOSED)
        if room is not None:
            await tx.rooms.update(room.reopened(), room.version)
            await tx.events.append(room.id, lambda _: RoomChanged(room.guest_version), now)
        what = MemberChange.JOINED if membership.active else MemberChange.REQUESTED
        await tx.events.append(membership.room_id, lambda _: MemberChanged(account.id, what), now)


async def _memberships(tx: Transaction, account: Account) -> AsyncIterator[Membership]:
    """All of them, a page at a time, by room."""
    after: RoomId | None = None
    while True:
        page = await tx.memberships.of_account(account.id, after=after, limit=PAGE)
        for membership in page:
            yield membership
        if len(page) < PAGE:
            return
        after = page[-1].room_id


async def _own_room(tx: Transaction, account: Account, room_id: RoomId, status: RoomStatus) -> Room | None:
    """The room, locked, if it is the account's own and in this state."""
    room = await tx.rooms.get(room_id)
    if room is None or room.owner_id != account.id:
        return None
    locked = await tx.rooms.get(room_id, lock=True)
    return locked if locked is not None and locked.status is status else None
