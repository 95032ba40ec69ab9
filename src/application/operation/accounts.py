"""What the operator does to accounts. Whoever has the machine may do all of it, so nothing here asks who it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from synctv.application.accounts.finding import factors_of, find
from synctv.application.accounts.journal import NOWHERE, Journal
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.passwords import Passwords
from synctv.application.accounts.reset import LINK_SECONDS, Reset
from synctv.application.accounts.revoking import Revoking
from synctv.application.mail.post import Post
from synctv.application.operation.operators import PAGE_SIZE, page_size
from synctv.application.ports.accounts import EVERY_ACCOUNT, AccountFilter
from synctv.application.ports.audit import AuditFilter
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.letters import Letter, LetterKind
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import REASON_LENGTH, Account, Ban, GlobalRole, Language
from synctv.domain.accounts.factors import FactorSet
from synctv.domain.accounts.passwords import valid_credentials
from synctv.domain.accounts.session import SignInSession
from synctv.domain.audit.entry import OPERATOR, Action, AuditEntry
from synctv.domain.errors import Conflict, Invalid, NotFound
from synctv.domain.ids import AccountId, AuditId, Micros, is_typeid
from synctv.domain.text import one_line

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One page of accounts; `next_after` is the id to go on after, None on the last page."""

    accounts: Sequence[Account]
    next_after: AccountId | None
    total: int


@dataclass(frozen=True, slots=True)
class OperatedAccount:
    """An account with what it can prove itself with now."""

    account: Account
    have: FactorSet


@dataclass(frozen=True, slots=True)
class ResetLink:
    """A link with which the holder chooses a new password, good for `expires_in` seconds. `sent`: by mail, too."""

    url: str
    expires_in: float
    sent: bool


@dataclass(frozen=True, slots=True)
class OperatedAccounts:
    """Accounts are named by id, username or address."""

    transactions: Transactions
    passwords: Passwords
    reset: Reset
    revoking: Revoking
    notices: Notices
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
            account = await self._found(tx, name)
            return OperatedAccount(account, await factors_of(tx, account, mail=self.post.open))

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
            await self.journal.note(
                tx, Action.ACCOUNT_CREATED, account, by=OPERATOR, detail={"role": account.role.value}
            )
        return account

    async def set_role(self, name: str, role: GlobalRole) -> Account:
        """Changes what an account may do on the whole server; it holds at once. Raises `NotFound`."""
        async with self.transactions.write() as tx:
            account = await self._found(tx, name, lock=True)
            changed = replace(account.next_version(), role=role)
            await tx.accounts.update(changed, account.version)
            detail = {"before": account.role.value, "role": role.value}
            await self.journal.note(tx, Action.ROLE_CHANGED, account, by=OPERATOR, detail=detail)
        return changed

    async def ban(self, name: str, reason: str, until: Micros | None = None) -> Account:
        """Bans an account: its sessions and connections end at once. Raises `NotFound`, and `Invalid` for an end that
        has passed."""
        said = valid_reason(reason)
        now = self.clock.now()
        if until is not None and until <= now:
            raise Invalid.field("until", "The end of a ban lies in the future.", "range")
        async with self.transactions.write() as tx:
            account = await self._found(tx, name, lock=True)
            ban = Ban(said, OPERATOR.name, now, until)
            changed = replace(account.without_sessions().next_version(), ban=ban)
            await tx.accounts.update(changed, account.version)
            detail = {} if until is None else {"until": str(until)}
            await self.journal.note(tx, Action.BANNED, account, by=OPERATOR, reason=said, detail=detail)
        await self.revoking.everything(changed, "This account was banned.", banned=True)
        return changed

    async def unban(self, name: str) -> Account:
        """Lifts a ban. Raises `NotFound`, and `Conflict` where there is none."""
        async with self.transactions.write() as tx:
            account = await self._found(tx, name, lock=True)
            if account.ban is None:
                raise Conflict("This account is not banned.")
            changed = replace(account.next_version(), ban=None)
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.UNBANNED, account, by=OPERATOR)
        return changed

    async def require_reset(self, name: str) -> ResetLink:
        """Demands a new password: the old one signs in no more, and every session ends. Raises `NotFound`."""
        async with self.transactions.write() as tx:
            account = await self._found(tx, name, lock=True)
            changed = replace(account.without_sessions().next_version(), must_reset=True)
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.RESET_REQUIRED, account, by=OPERATOR)
            token = await self.reset.link(changed)
            url = f"{self.page_url()}/reset#token={token}"
            sent = await self._send(tx, changed, LetterKind.RESET_LINK, {"url": url, "hours": "24"})
        await self.revoking.everything(changed, "The operator asks for a new password.")
        return ResetLink(url, LINK_SECONDS, sent)

    async def reset_factors(self, name: str) -> Account:
        """Takes away second steps whose holder lost them: app, recovery codes, passkeys, and the demand for two.

        The password and the address stay. Every session ends. Raises `NotFound`.
        """
        async with self.transactions.write() as tx:
            account = await self._found(tx, name, lock=True)
            changed = replace(account.without_sessions().next_version(), two_factor=False)
            await tx.accounts.update(changed, account.version)
            await tx.totp_secrets.remove(account.id)
            await tx.recovery_codes.replace(account.id, ())
            for passkey in await tx.passkeys.of_account(account.id):
                await tx.passkeys.remove(account.id, passkey.id)
            await self.journal.note(tx, Action.FACTORS_RESET, account, by=OPERATOR)
            await self.notices.factor_changed(tx, changed, NOWHERE, Action.FACTORS_RESET)
        await self.revoking.everything(changed, "The operator reset the ways to sign in to this account.")
        return changed

    async def sessions(self, name: str) -> Sequence[SignInSession]:
        """The account's sessions that are alive. Raises `NotFound`."""
        async with self.transactions.read() as tx:
            account = await self._found(tx, name)
            return await tx.sessions.alive(account.id, account.session_generation, self.clock.now())

    async def end_sessions(self, name: str) -> Account:
        """Ends every session of the account. Raises `NotFound`."""
        async with self.transactions.write() as tx:
            account = await self._found(tx, name, lock=True)
            changed = account.without_sessions().next_version()
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.ALL_SESSIONS_ENDED, account, by=OPERATOR)
        await self.revoking.everything(changed, "The operator ended all sessions of this account.")
        return changed

    async def approve(self, name: str) -> Account:
        """Lets a sign-up in. Raises `NotFound`, and `Conflict` for an account that waits for nothing."""
        async with self.transactions.write() as tx:
            account = await self._pending(tx, name)
            changed = replace(account.next_version(), pending=False)
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.SIGN_UP_APPROVED, account, by=OPERATOR)
            await self._send(tx, changed, LetterKind.SIGN_UP_APPROVED, {"url": self.page_url()})
        return changed

    async def reject(self, name: str, reason: str) -> None:
        """Turns a sign-up down: nothing of it is kept but the log. Raises as `approve`."""
        said = valid_reason(reason)
        async with self.transactions.write() as tx:
            account = await self._pending(tx, name)
            await self.journal.note(tx, Action.SIGN_UP_REJECTED, account, by=OPERATOR, reason=said)
            await self._send(tx, account, LetterKind.SIGN_UP_REJECTED, {"reason": said})
            await tx.accounts.remove(account.id)

    async def audit(
        self,
        name: str | None = None,
        action: Action | None = None,
        before: AuditId | None = None,
        limit: int = PAGE_SIZE,
    ) -> Sequence[AuditEntry]:
        """The audit log, newest first: all of it, or that of one account. Raises `Invalid` and `NotFound`."""
        size = page_size(limit)
        async with self.transactions.read() as tx:
            party = None
            if name is not None:
                # Also of one whose sign-up was turned down, of which only the log is left.
                party = name if is_typeid(name, "usr") else (await self._found(tx, name)).id
            return await tx.audit.list(AuditFilter(party, action), before=before, limit=size)

    async def _pending(self, tx: Transaction, name: str) -> Account:
        account = await self._found(tx, name, lock=True)
        if not account.pending:
            raise Conflict("This account does not wait for approval.")
        return account

    async def _found(self, tx: Transaction, name: str, *, lock: bool = False) -> Account:
        text = name.strip()
        if is_typeid(text, "usr"):
            account = await tx.accounts.get(AccountId(text), lock=lock)
        else:
            found = (await find(tx, text)).account
            account = await tx.accounts.get(found.id, lock=True) if found and lock else found
        if account is None:
            raise NotFound("account")
        return account

    async def _send(self, tx: Transaction, account: Account, kind: LetterKind, facts: dict[str, str]) -> bool:
        if account.email is None or not self.post.open:
            return False
        language = account.language or Language.ENGLISH
        letter = Letter(kind, account.email, language, {"username": account.username, **facts})
        await self.post.put(tx, letter, DAY)
        return True


def valid_reason(text: str, path: str = "reason") -> str:
    """A reason on one line, or `Invalid`."""
    reason = one_line(text)
    if len(reason) > REASON_LENGTH:
        raise Invalid.field(path, f"A reason has at most {REASON_LENGTH} characters.", "length")
    return reason
