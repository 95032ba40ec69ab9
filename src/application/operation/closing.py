"""Accounts as the operator closes them and restores them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from synctv.application.accounts.closing import Closing
from synctv.application.accounts.journal import NOWHERE, Journal
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.revoking import Revoking
from synctv.application.mail.post import Post
from synctv.application.operation.letters import write_to
from synctv.application.operation.naming import named, valid_reason
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.transaction import Transactions
from synctv.domain.accounts.account import Account
from synctv.domain.audit.entry import OPERATOR, Action
from synctv.domain.ids import Micros


@dataclass(frozen=True, slots=True)
class AccountClosing:
    """Accounts are named by id, username or address."""

    transactions: Transactions
    closing: Closing
    revoking: Revoking
    notices: Notices
    post: Post
    journal: Journal
    page_url: Callable[[], str]
    """Where people reach the page, for links."""

    def until(self, account: Account) -> Micros | None:
        """Until when a closed account can be restored; None for one that is not closed."""
        return None if account.closed_at is None else self.closing.until(account)

    async def close(self, name: str, reason: str) -> Account:
        """Closes an account: its sessions and connections end at once.

        Raises `NotFound`, `Invalid`, `Conflict` for one that is closed or waits for approval, and `PreconditionFailed`
        for the last root.
        """
        said = valid_reason(reason)
        async with self.transactions.write() as tx:
            roots = await tx.accounts.lock_roots()
            account = await named(tx, name, lock=True, even_closed=True)
            self.closing.must_leave_a_root(account, roots)
            closed = await self.closing.close(tx, account)
            await self.journal.note(tx, Action.ACCOUNT_CLOSED, account, by=OPERATOR, reason=said)
            await self.notices.closed(tx, closed, NOWHERE, self.closing.until(closed))
        await self.revoking.everything(closed, "The operator closed this account.")
        return closed

    async def restore(self, name: str) -> Account:
        """Opens a closed account again, with what closing it has hidden. Raises `NotFound` and `Conflict`."""
        async with self.transactions.write() as tx:
            account = await named(tx, name, lock=True, even_closed=True)
            restored = await self.closing.restore(tx, account)
            await self.journal.note(tx, Action.ACCOUNT_RESTORED, account, by=OPERATOR)
            await write_to(tx, self.post, restored, LetterKind.ACCOUNT_RESTORED, {"url": self.page_url()})
        return restored
