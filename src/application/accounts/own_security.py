"""How one's own account is protected: what there is, two-step sign-in, linked identities, and what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from synctv.application.accounts.client import Client
from synctv.application.accounts.finding import signing_in
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.own import Own
from synctv.application.accounts.sessions import Sessions
from synctv.application.ports.audit import AuditFilter
from synctv.application.ports.transaction import Transactions
from synctv.domain.accounts.account import Account, Language
from synctv.domain.accounts.factors import Factor, FactorSet, Passkey, TotpSecret, must_allow_two
from synctv.domain.accounts.identities import LinkedIdentity
from synctv.domain.audit.entry import Action, AuditEntry
from synctv.domain.errors import Invalid, NotFound
from synctv.domain.ids import AuditId, IdentityId
from synctv.domain.rooms.actor import AccountActor

MAX_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Security:
    """Everything that protects an account. `providers` are the shown names of identity providers by slug."""

    account: Account
    have: FactorSet
    passkeys: Sequence[Passkey]
    totp: TotpSecret | None
    recovery_codes: int
    identities: Sequence[LinkedIdentity]
    providers: Mapping[str, str]

    @property
    def methods(self) -> Sequence[Factor]:
        """What a grant can be had with."""
        local = [factor for factor in Factor if factor in self.have.local]
        return [*local, Factor.OAUTH] if self.have.linked else local


@dataclass(frozen=True, slots=True)
class OwnSecurity:
    """One's own protection."""

    transactions: Transactions
    own: Own
    notices: Notices
    journal: Journal
    sessions: Sessions

    async def of(self, actor: AccountActor) -> Security:
        """What there is now."""
        async with self.transactions.read() as tx:
            account = await tx.accounts.get(actor.id)
            if account is None:
                raise NotFound("account")
            providers = {provider.slug: provider.name for provider in await tx.identity_providers.all()}
            return Security(
                account=account,
                have=await self.own.factors(tx, account),
                passkeys=await tx.passkeys.of_account(actor.id),
                totp=await tx.totp_secrets.get(actor.id),
                recovery_codes=await tx.recovery_codes.left(actor.id),
                identities=await tx.identities.of_account(actor.id),
                providers=providers,
            )

    async def ask_for_two(self, actor: AccountActor, grant: str, client: Client, *, enabled: bool) -> None:
        """Turns two-step sign-in on or off. Sessions of one factor end when it is turned on; the one that asks for it
        goes on until it would be refreshed.

        Raises `ReauthenticationRequired`, and `PreconditionFailed` with fewer than two local factors.
        """
        await self.own.confirmed(actor, grant, client)
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            if enabled:
                must_allow_two(await self.own.factors(tx, account))
            if account.two_factor == enabled:
                return
            changed = replace(account.next_version(), two_factor=enabled)
            await tx.accounts.update(changed, account.version)
            action = Action.TWO_FACTOR_ENABLED if enabled else Action.TWO_FACTOR_DISABLED
            await self.journal.note(tx, action, account, client, session=actor.session_id)
            await self.notices.factor_changed(tx, changed, client, action)
            ended = await self.sessions.end_single_factor(tx, changed, actor, client) if enabled else ()
        await self.sessions.tell_ended(changed, ended, "Two-step sign-in was turned on. Sign in again.")

    async def unlink(self, actor: AccountActor, identity_id: IdentityId, grant: str, client: Client) -> None:
        """Unlinks an identity. Raises `NotFound`, `ReauthenticationRequired`, and `PreconditionFailed` for the only way
        to sign in."""
        await self.own.confirmed(actor, grant, client)
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            linked = await tx.identities.of_account(actor.id)
            identity = next((identity for identity in linked if identity.id == identity_id), None)
            if identity is None:
                raise NotFound("linked identity")
            if await signing_in(tx, [identity]):
                await self.own.must_allow_removal(tx, account, Factor.OAUTH)
            await tx.identities.remove(actor.id, identity_id)
            detail = {"provider": identity.provider}
            await self.journal.note(
                tx, Action.IDENTITY_UNLINKED, account, client, session=actor.session_id, detail=detail
            )
            await self.notices.factor_changed(tx, account, client, Action.IDENTITY_UNLINKED)

    async def speak(self, actor: AccountActor, language: Language | None) -> Account:
        """Chooses the language of letters (None: the one that the client asks for)."""
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            if account.language == language:
                return account
            changed = replace(account.next_version(), language=language)
            await tx.accounts.update(changed, account.version)
        return changed

    async def activity(self, actor: AccountActor, before: AuditId | None, limit: int) -> Sequence[AuditEntry]:
        """What was done to the account or by it, newest first. Raises `Invalid` for a limit beyond 1 to 200."""
        if not 1 <= limit <= MAX_PAGE_SIZE:
            raise Invalid.field("limit", f"A page has 1 to {MAX_PAGE_SIZE} entries.", "range")
        async with self.transactions.read() as tx:
            return await tx.audit.list(AuditFilter(party=actor.id), before=before, limit=limit)
