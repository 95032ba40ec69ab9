"""Who may get into an account, as the operator decides it: bans, sessions, and ways to sign in that were lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from synctv.application.accounts.finding import factors_of
from synctv.application.accounts.journal import NOWHERE, Journal
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.reset import LINK_SECONDS, Reset
from synctv.application.accounts.revoking import Revoking
from synctv.application.mail.post import Post
from synctv.application.operation.letters import write_to
from synctv.application.operation.naming import named, valid_reason
from synctv.application.ports.clock import Clock
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import Account, Ban
from synctv.domain.accounts.session import SignInSession
from synctv.domain.audit.entry import OPERATOR, Action
from synctv.domain.errors import Conflict, Invalid, NotFound, PreconditionFailed
from synctv.domain.ids import Micros, seconds_after

LONGEST_BAN_SECONDS = 100 * 365 * 86_400.0
_HOUR = 3_600.0


@dataclass(frozen=True, slots=True)
class ResetLink:
    """A link with which the holder chooses a new password, good for `expires_in` seconds. `sent`: by mail, too."""

    url: str
    expires_in: float
    sent: bool


@dataclass(frozen=True, slots=True)
class FactorsReset:
    """An account from which ways to prove oneself were taken away. `ways_in` are left to sign in with; with 0, only a
    reset link helps."""

    account: Account
    ways_in: int


@dataclass(frozen=True, slots=True)
class AccountAccess:
    """Accounts are named by id, username or address. What ends a session ends its connections at once."""

    transactions: Transactions
    reset: Reset
    revoking: Revoking
    notices: Notices
    post: Post
    journal: Journal
    clock: Clock
    page_url: Callable[[], str]
    """Where people reach the page, for links."""

    async def ban(self, name: str, reason: str, until: Micros | None = None) -> Account:
        """Bans an account, for good without `until`. Raises `NotFound`, and `Invalid` for an end that has passed or
        lies further away than a hundred years."""
        said = valid_reason(reason)
        now = self.clock.now()
        if until is not None and not now < until <= seconds_after(now, LONGEST_BAN_SECONDS):
            message = "A ban ends in the future, within 100 years. Leave the end out for a ban for good."
            raise Invalid.field("until", message, "range")
        async with self.transactions.write() as tx:
            account = await named(tx, name, lock=True)
            changed = replace(account.without_sessions().next_version(), ban=Ban(said, OPERATOR.name, now, until))
            await tx.accounts.update(changed, account.version)
            detail = {} if until is None else {"until": str(until)}
            await self.journal.note(tx, Action.BANNED, account, by=OPERATOR, reason=said, detail=detail)
        await self.revoking.everything(changed, "This account was banned.", banned=True)
        return changed

    async def unban(self, name: str) -> Account:
        """Lifts a ban. Raises `NotFound`, and `Conflict` where there is none."""
        async with self.transactions.write() as tx:
            account = await named(tx, name, lock=True)
            if account.ban is None:
                raise Conflict("This account is not banned.")
            changed = replace(account.next_version(), ban=None)
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.UNBANNED, account, by=OPERATOR)
        return changed

    async def require_reset(self, name: str, *, by_mail: bool = True) -> ResetLink:
        """Demands a new password: the old one signs in no more, and every session ends. The link is mailed to the
        holder unless it must not be, as where the account's address may be a thief's.

        A link that was made before is worthless with this. Raises `NotFound`, and `VersionConflict` for an account that
        changes at the same time.
        """
        async with self.transactions.read() as tx:
            account = await named(tx, name)
        changed = replace(account.without_sessions().next_version(), must_reset=True)
        # Before anything is demanded or locked: without the link, the demand would lock the holder out. Until the
        # change is stored the link opens nothing, since it is for the generation that begins with it.
        url = f"{self.page_url()}/reset#token={await self.reset.link(changed)}"
        async with self.transactions.write() as tx:
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.RESET_REQUIRED, account, by=OPERATOR)
            facts = {"url": url, "hours": f"{LINK_SECONDS / _HOUR:g}"}
            sent = by_mail and await write_to(tx, self.post, changed, LetterKind.RESET_LINK, facts)
        await self.revoking.everything(changed, "The operator asks for a new password.")
        return ResetLink(url, LINK_SECONDS, sent)

    async def reset_factors(self, name: str) -> FactorsReset:
        """Takes away second steps whose holder lost them: app, recovery codes, passkeys, and the demand for two.

        The password, the address and linked providers stay. Every session ends. Raises `NotFound`.
        """
        async with self.transactions.write() as tx:
            account = await named(tx, name, lock=True)
            changed = replace(account.without_sessions().next_version(), two_factor=False)
            await tx.accounts.update(changed, account.version)
            await tx.totp_secrets.remove(account.id)
            await tx.recovery_codes.replace(account.id, ())
            for passkey in await tx.passkeys.of_account(account.id):
                await tx.passkeys.remove(account.id, passkey.id)
            await self.journal.note(tx, Action.FACTORS_RESET, account, by=OPERATOR)
            await self.notices.factor_changed(tx, changed, NOWHERE, Action.FACTORS_RESET)
            ways_in = await self._ways_in(tx, changed)
        await self.revoking.everything(changed, "The operator reset the ways to sign in to this account.")
        return FactorsReset(changed, ways_in)

    async def remove_email(self, name: str) -> FactorsReset:
        """Takes the address away, which is not told of it: it may be a thief's. Every session ends.

        Raises `NotFound`, and `PreconditionFailed` where two-step sign-in would be left with fewer than two kinds.
        """
        async with self.transactions.write() as tx:
            account = await named(tx, name, lock=True)
            if account.email is None:
                raise NotFound("email address")
            changed = replace(account.without_sessions().next_version(), email=None)
            have = await factors_of(tx, changed, mail=self.post.open)
            if account.two_factor and not have.enough_for_two:
                raise PreconditionFailed(
                    "Two-step sign-in of this account needs the address. Take second steps away first: "
                    "synctv account reset-factors."
                )
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.EMAIL_REMOVED, account, by=OPERATOR)
            ways_in = await self._ways_in(tx, changed)
        await self.revoking.everything(changed, "The operator removed the email address of this account.")
        return FactorsReset(changed, ways_in)

    async def unlink(self, name: str, provider: str) -> FactorsReset:
        """Takes away whatever this provider vouches for. Every session ends. Raises `NotFound`."""
        async with self.transactions.write() as tx:
            account = await named(tx, name, lock=True)
            linked = [one for one in await tx.identities.of_account(account.id) if one.provider == provider]
            if not linked:
                raise NotFound("linked identity")
            changed = account.without_sessions().next_version()
            await tx.accounts.update(changed, account.version)
            for identity in linked:
                await tx.identities.remove(account.id, identity.id)
            detail = {"provider": provider}
            await self.journal.note(tx, Action.IDENTITY_UNLINKED, account, by=OPERATOR, detail=detail)
            await self.notices.factor_changed(tx, changed, NOWHERE, Action.IDENTITY_UNLINKED)
            ways_in = await self._ways_in(tx, changed)
        await self.revoking.everything(changed, "The operator unlinked a way to sign in to this account.")
        return FactorsReset(changed, ways_in)

    async def sessions(self, name: str) -> Sequence[SignInSession]:
        """The account's sessions that are alive, the one that was refreshed last first. Raises `NotFound`."""
        async with self.transactions.read() as tx:
            account = await named(tx, name)
            return await tx.sessions.alive(account.id, account.session_generation, self.clock.now())

    async def end_sessions(self, name: str) -> Account:
        """Ends every session of the account. Raises `NotFound`."""
        async with self.transactions.write() as tx:
            account = await named(tx, name, lock=True)
            changed = account.without_sessions().next_version()
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.ALL_SESSIONS_ENDED, account, by=OPERATOR)
        await self.revoking.everything(changed, "The operator ended all sessions of this account.")
        return changed

    async def _ways_in(self, tx: Transaction, account: Account) -> int:
        policy = (await tx.policies.accounts()).policy
        have = await factors_of(tx, account, mail=self.post.open)
        return have.ways_in(email_signs_in=policy.email_sign_in)
