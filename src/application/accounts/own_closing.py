"""Closing one's own account."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.accounts.client import Client
from synctv.application.accounts.closing import Closing
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.own import Own
from synctv.application.accounts.revoking import Revoking
from synctv.application.ports.transaction import Transactions
from synctv.domain.audit.entry import Action
from synctv.domain.ids import Micros
from synctv.domain.rooms.actor import AccountActor


@dataclass(frozen=True, slots=True)
class OwnClosing:
    """Only the operator can undo it."""

    transactions: Transactions
    own: Own
    closing: Closing
    revoking: Revoking
    notices: Notices
    journal: Journal

    @property
    def days(self) -> float:
        """For how long a closed account can be restored."""
        return self.closing.days

    async def close(self, actor: AccountActor, grant: str, client: Client) -> Micros:
        """Closes the account: every session and connection ends at once. Until when it can be restored.

        Raises `ReauthenticationRequired`, and `PreconditionFailed` for the last root.
        """
        await self.own.confirmed(actor, grant, client)
        async with self.transactions.write() as tx:
            # Before the account, so that two roots who close theirs wait for each other and not both.
            roots = await tx.accounts.lock_roots()
            account = await self.own.account(tx, actor)
            self.closing.must_leave_a_root(account, roots)
            closed = await self.closing.close(tx, account)
            until = self.closing.until(closed)
            await self.journal.note(tx, Action.ACCOUNT_CLOSED, account, client, session=actor.session_id)
            await self.notices.closed(tx, closed, client, until)
        await self.revoking.everything(closed, "This account was closed.")
        return until
