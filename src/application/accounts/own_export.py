"""Everything that is kept of one's own account, to take along."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from synctv.application.accounts.client import Client
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.own import Own
from synctv.application.accounts.own_security import OwnSecurity, Security
from synctv.application.ports.audit import AuditFilter
from synctv.application.ports.clock import Clock
from synctv.application.ports.rooms import RoomFilter
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.session import SignInSession
from synctv.domain.audit.entry import Action, AuditEntry
from synctv.domain.chat.message import Message
from synctv.domain.errors import TokenExpired
from synctv.domain.ids import Micros
from synctv.domain.library.credential import Credential
from synctv.domain.library.item import MediaItem
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.membership import Membership
from synctv.domain.rooms.room import Room

PAGE = 200

_Value = TypeVar("_Value")
_Read = Callable[[Transaction, _Value | None], Awaitable[Sequence[_Value]]]


@dataclass(frozen=True, slots=True)
class ExportBegun:
    """What there are few of, as of `at`."""

    at: Micros
    security: Security
    sessions: Sequence[SignInSession]
    credentials: Sequence[Credential]


@dataclass(frozen=True, slots=True)
class Joined:
    """A membership with the room that it is of; None for a room that is gone."""

    membership: Membership
    room: Room | None


@dataclass(frozen=True, slots=True)
class OwnExport:
    """What there may be many of comes page by page, each read in a transaction of its own: nobody who takes an export
    slowly holds one open, and none is ever in memory as a whole. Each page is true of the moment at which it was read.
    """

    transactions: Transactions
    own: Own
    security: OwnSecurity
    notices: Notices
    journal: Journal
    clock: Clock

    async def begin(self, actor: AccountActor, grant: str, client: Client) -> ExportBegun:
        """Begins an export; the holder is told by mail. Raises `ReauthenticationRequired`."""
        await self.own.confirmed(actor, grant, client)
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            await self.journal.note(tx, Action.ACCOUNT_EXPORTED, account, client, session=actor.session_id)
            await self.notices.factor_changed(tx, account, client, Action.ACCOUNT_EXPORTED)
            now = self.clock.now()
            sessions = await tx.sessions.alive(account.id, account.session_generation, now)
            credentials = await tx.credentials.of_account(account.id)
        return ExportBegun(now, await self.security.of(actor), sessions, credentials)

    def rooms(self, actor: AccountActor) -> AsyncIterator[Sequence[Room]]:
        """The rooms that the account created, newest first."""
        mine = RoomFilter(owner=actor.id)
        return self._pages(actor, lambda tx, last: tx.rooms.list(mine, before=last.id if last else None, limit=PAGE))

    def memberships(self, actor: AccountActor) -> AsyncIterator[Sequence[Joined]]:
        """Its memberships that are active or pending, by room."""

        async def read(tx: Transaction, last: Joined | None) -> Sequence[Joined]:
            after = last.membership.room_id if last else None
            found = await tx.memberships.of_account(actor.id, after=after, limit=PAGE)
            return [Joined(one, await tx.rooms.get(one.room_id)) for one in found]

        return self._pages(actor, read)

    def items(self, actor: AccountActor) -> AsyncIterator[Sequence[MediaItem]]:
        """What it added to any room, oldest first."""
        return self._pages(
            actor, lambda tx, last: tx.library.added_by(actor.id, after=last.id if last else None, limit=PAGE)
        )

    def messages(self, actor: AccountActor) -> AsyncIterator[Sequence[Message]]:
        """What it wrote in any room, oldest first."""
        return self._pages(
            actor, lambda tx, last: tx.chat.written_by(actor.id, after=last.id if last else None, limit=PAGE)
        )

    def activity(self, actor: AccountActor) -> AsyncIterator[Sequence[AuditEntry]]:
        """What was done to it or by it, newest first."""
        about = AuditFilter(party=actor.id)
        return self._pages(actor, lambda tx, last: tx.audit.list(about, before=last.id if last else None, limit=PAGE))

    async def _pages(self, actor: AccountActor, read: _Read[_Value]) -> AsyncIterator[Sequence[_Value]]:
        """Page after page. Raises `TokenExpired` when the account's sessions end on the way."""
        last: _Value | None = None
        while True:
            async with self.transactions.read() as tx:
                await _must_be_signed_in(tx, actor)
                page = await read(tx, last)
            if page:
                yield page
            if len(page) < PAGE:
                return
            last = page[-1]


async def _must_be_signed_in(tx: Transaction, actor: AccountActor) -> None:
    account, session = await tx.accounts.get(actor.id), await tx.sessions.get(actor.session_id)
    over = session is None or session.ended_at is not None
    if over or account is None or account.session_generation != actor.generation:
        raise TokenExpired("This session has ended, so the export was broken off. Sign in and begin again.")
