"""Accounts as the operator makes, finds, judges and raises them. Whoever has the machine may do all of it, so nothing
here asks who it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from synctv.application.accounts.finding import factors_of
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.passwords import Passwords
from synctv.application.mail.post import Post
from synctv.application.operation.letters import write_to
from synctv.application.operation.naming import named, valid_reason
from synctv.application.operation.operators import PAGE_SIZE, page_size
from synctv.application.ports.accounts import EVERY_ACCOUNT, AccountFilter
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import Account, GlobalRole
from synctv.domain.accounts.factors import FactorSet
from synctv.domain.accounts.passwords import valid_credentials
from synctv.domain.audit.entry import OPERATOR, Action
from synctv.domain.errors import Conflict
from synctv.domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One page of accounts; `next_after` is the id to go on after, None on the last page."""

    accounts: Sequence[Account]
    next_after: AccountId | None
    total: int


@dataclass(frozen=True, slots=True)
class OperatedAccount:
    """An account with what it can prove itself with now, and how many of its sessions are alive."""

    account: Account
    have: FactorSet
    sessions: int


@dataclass(frozen=True, slots=True)
class OperatedAccounts:
    """Accounts are named by id, username or address."""

    transactions: Transactions
    passwords: Passwords
    post: Post
    journal: Journal
    clock: Clock
    ids: Ids
    page_url: Callable[[], str]
    """Where people reach the page, for links."""

    async def list(
        self, filter: AccountFilter = EVERY_ACCOUNT, after: AccountId | None = None, limit: int = PAGE_SIZE
    ) -> AccountPage:
        """Accounts in the order in which they were made. Raises `Invalid` for a limit beyond 1 to 200."""
        size = page_size(limit)
        async with self.transactions.read() as tx:
            found = await tx.accounts.list(filter, after=after, limit=size + 1)
            total = await tx.accounts.count(filter)
        return AccountPage(found[:size], found[size - 1].id if len(found) > size else None, total)

    async def get(self, name: str) -> OperatedAccount:
        """One account. Raises `NotFound`."""
        async with self.transactions.read() as tx:
            account = await named(tx, name, even_closed=True)
            have = await factors_of(tx, account, mail=self.post.open)
            alive = await tx.sessions.alive(account.id, account.session_generation, self.clock.now())
        return OperatedAccount(account, have, len(alive))

    async def create(self, username: str, password: str, role: GlobalRole = GlobalRole.USER) -> Account:
        """A new account that can sign in at once. Raises `Invalid`, and `AlreadyExists` when the name is taken."""
        async with self.transactions.read() as tx:
            policy = (await tx.policies.accounts()).policy.password
        name, secret = valid_credentials(policy, username, password)
        self.passwords.must_suit(policy, secret, name)
        account_id = AccountId(self.ids.new("usr"))
        records = await self.passwords.records(account_id, secret)
        account = Account(account_id, name, role, self.clock.now(), password=records)
        async with self.transactions.write() as tx:
            await tx.accounts.add(account)
            detail = {"role": account.role.value}
            await self.journal.note(tx, Action.ACCOUNT_CREATED, account, by=OPERATOR, detail=detail)
        return account

    async def set_role(self, name: str, role: GlobalRole) -> Account:
        """Changes what an account may do on the whole server; it holds at once. Raises `NotFound`."""
        async with self.transactions.write() as tx:
            account = await named(tx, name, lock=True)
            changed = replace(account.next_version(), role=role)
            await tx.accounts.update(changed, account.version)
            detail = {"before": account.role.value, "role": role.value}
            await self.journal.note(tx, Action.ROLE_CHANGED, account, by=OPERATOR, detail=detail)
        return changed

    async def approve(self, name: str) -> Account:
        """Lets a sign-up in. Raises `NotFound`, and `Conflict` for an account that waits for nothing."""
        async with self.transactions.write() as tx:
            account = await _waiting(tx, name)
            changed = replace(account.next_version(), pending=False)
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.SIGN_UP_APPROVED, account, by=OPERATOR)
            await write_to(tx, self.post, changed, LetterKind.SIGN_UP_APPROVED, {"url": self.page_url()})
        return changed

    async def reject(self, name: str, reason: str) -> None:
        """Turns a sign-up down: nothing of it is kept but the log. Raises as `approve`, and `Invalid`."""
        said = valid_reason(reason)
        async with self.transactions.write() as tx:
            account = await _waiting(tx, name)
            await self.journal.note(tx, Action.SIGN_UP_REJECTED, account, by=OPERATOR, reason=said)
            await write_to(tx, self.post, account, LetterKind.SIGN_UP_REJECTED, {"reason": said})
            await tx.accounts.remove(account.id)


async def _waiting(tx: Transaction, name: str) -> Account:
    account = await named(tx, name, lock=True)
    if not account.pending:
        raise Conflict("This account does not wait for approval.")
    return account
