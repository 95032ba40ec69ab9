"""Credentials: people's own logins at the servers of providers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from synctv.application.accounts.client import Client
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.own import Own
from synctv.application.library.credential_checks import CredentialChecks
from synctv.application.library.login_forms import filled_in
from synctv.application.limits.throttle import Throttle
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.providers import Login, Manifest, NewLogin, Provider, SignsIn
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import Account, AccountStatus
from synctv.domain.audit.entry import Action
from synctv.domain.errors import Invalid, NotFound, QuotaExceeded, Unavailable, UpstreamCredential, UpstreamTimeout
from synctv.domain.ids import AccountId, CredentialId, RoomId
from synctv.domain.library.credential import (
    MAX_CREDENTIALS,
    SERVER_LENGTH,
    Credential,
    CredentialState,
    normal_server,
    shown_label,
)
from synctv.domain.rooms.actor import AccountActor

SIGN_IN_SECONDS = 40.0
"""A provider may need several calls, each with a limit of its own; nobody waits longer than this for all of them."""
FAILED_SIGN_INS = 20
"""So many failed sign-ins in an hour are the most of one account at one server: nobody guesses passwords from here."""

_SIGNED_OUT = (
    "the sign-in that this was added with was removed. Who added it has to sign in there again and add it anew."
)
_LEFT = (
    "who added this is no longer in the room, and their sign-in acts for nobody else. Sign in there and add it anew."
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Adds, shows, checks and removes logins, and opens them for what acts on behalf of their owner."""

    transactions: Transactions
    checks: CredentialChecks
    providers: Mapping[str, Provider]
    own: Own
    throttle: Throttle
    journal: Journal
    clock: Clock
    ids: Ids

    async def sign_in(
        self, actor: AccountActor, provider: str, form: str, fields: Mapping[str, str], client: Client
    ) -> Credential:
        """Signs in at a provider's server, and keeps the login.

        One of the same provider, server and label is renewed: what was added with it goes on. Raises `Invalid` with
        paths below `fields`, `RateLimited`, `TooManyCalls`, `QuotaExceeded`, and what providers raise.
        """
        manifest, signs_in = self._signs_in(provider)
        given = filled_in(manifest, form, fields)
        async with self.attempt(actor, manifest, given, client):
            new = await signs_in.sign_in(form, given)
        return await self.keep(actor, manifest, new, client)

    @asynccontextmanager
    async def attempt(
        self, actor: AccountActor, manifest: Manifest, fields: Mapping[str, str], client: Client
    ) -> AsyncIterator[None]:
        """While a server is asked to let somebody in: it counts as a try, and takes no longer than one may.

        Raises `RateLimited`, `TooManyCalls` and `UpstreamTimeout`.
        """
        target = f"provider sign-in\n{actor.id}\n{manifest.name}\n{_target(fields)}"
        # First a place: who waits for one in vain has tried nothing.
        async with self.checks.portions.of(actor.id):
            attempt = await self.throttle.admit(target, client.address, at_most=FAILED_SIGN_INS)
            try:
                async with asyncio.timeout(SIGN_IN_SECONDS):
                    yield
            except TimeoutError:
                await self.throttle.failed(attempt)
                raise UpstreamTimeout(_target(fields) or manifest.title, SIGN_IN_SECONDS) from None
            except Exception:
                # Whatever it was: who has no server at an address learns that no faster than who has no password.
                await self.throttle.failed(attempt)
                raise
            await self.throttle.succeeded(attempt)

    async def list(self, actor: AccountActor) -> Sequence[Credential]:
        """One's own, oldest first."""
        async with self.transactions.read() as tx:
            found = await tx.credentials.of_account(actor.id)
        return [self.checks.shown(credential) for credential in found]

    async def check(self, actor: AccountActor, credential_id: CredentialId) -> Credential:
        """Asks its server whether it is good. Raises `NotFound`, and what providers raise when there is no answer."""
        return await self.checks.now(await self._of(actor.id, credential_id))

    async def remove(self, actor: AccountActor, credential_id: CredentialId, client: Client) -> None:
        """Forgets a login. What was added with it plays no more. Raises `NotFound`."""
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            credential = await tx.credentials.get(credential_id)
            if credential is None or not await tx.credentials.remove(actor.id, credential_id):
                raise NotFound("sign-in")
            await self._note(tx, Action.CREDENTIAL_REMOVED, account, credential, actor, client)

    async def login_for(self, owner: AccountId, credential_id: CredentialId, provider: str | None = None) -> Login:
        """The login, to act for its owner.

        Raises `NotFound`, also for one of another `provider` where that is said, and `UpstreamCredential` when it can't
        be read.
        """
        credential = await self._of(owner, credential_id)
        if provider not in (None, credential.provider):
            raise NotFound("sign-in")
        return self.checks.opened(credential)

    async def lent(self, room_id: RoomId, owner: AccountId, credential_id: CredentialId, provider: str) -> Login:
        """The login, to act for its owner in a room, where they added something with it for everybody.

        Raises `UpstreamCredential` where it can't be read, was removed, or the owner is no longer in the room or may
        not act here themselves: what others see through it ends with that.
        """
        async with self.transactions.read() as tx:
            account = await tx.accounts.get(owner)
            membership = await tx.memberships.get(room_id, owner)
        active = account is not None and account.status_at(self.clock.now()) is AccountStatus.ACTIVE
        try:
            login = await self.login_for(owner, credential_id, provider)
        except NotFound:
            raise self._not_lent(provider, _SIGNED_OUT) from None
        if not active or membership is None or not membership.active:
            raise self._not_lent(provider, _LEFT)
        return login

    def _not_lent(self, name: str, reason: str) -> UpstreamCredential:
        provider = self.providers.get(name)
        return UpstreamCredential(provider.manifest.title if provider else name, reason, provider=name)

    async def matching(
        self, owner: AccountId, provider: str, server: str | None = None
    ) -> tuple[CredentialId, Login] | None:
        """The owner's login at this provider, and at this server where one is named; of several, one that works.

        What can't be read is passed over.
        """
        async with self.transactions.read() as tx:
            found = await tx.credentials.of_account(owner)
        wanted = None if server is None else normal_server(server)
        fitting = [one for one in found if one.provider == provider and wanted in (None, one.server)]
        for credential in sorted(fitting, key=_usefulness):
            with suppress(UpstreamCredential):
                return credential.id, self.checks.opened(credential)
        return None

    async def refused(self, credential_id: CredentialId) -> None:
        """Notes that its server took it no more. Never raises: whoever tells this has a failure of their own."""
        with suppress(Unavailable, NotFound):
            async with self.transactions.read() as tx:
                credential = await tx.credentials.get(credential_id)
            if credential is not None and credential.state is not CredentialState.REFUSED:
                await self.checks.note(credential, CredentialState.REFUSED)

    @asynccontextmanager
    async def using(self, credential_id: CredentialId | None, whose: str) -> AsyncIterator[None]:
        """While a provider acts for somebody (`limits.portions.person`) with this login (None: without one).

        It counts as theirs, so that it raises `TooManyCalls`. A refusal of the login is noted, and goes on.
        """
        try:
            async with self.checks.portions.of(whose):
                yield
        except UpstreamCredential:
            if credential_id is not None:
                await self.refused(credential_id)
            raise

    def _signs_in(self, name: str) -> tuple[Manifest, SignsIn]:
        provider = self.providers.get(name)
        if provider is not None and isinstance(provider, SignsIn):
            return provider.manifest, provider
        known = [name for name, one in sorted(self.providers.items()) if isinstance(one, SignsIn)]
        choices = f"There are: {', '.join(known)}." if known else "There is none."
        raise Invalid.field("provider", f"There is no provider of this name to sign in to. {choices}", "choice")

    async def _of(self, owner: AccountId, credential_id: CredentialId) -> Credential:
        async with self.transactions.read() as tx:
            credential = await tx.credentials.get(credential_id)
        if credential is None or credential.owner != owner:
            raise NotFound("sign-in")
        return credential

    async def keep(self, actor: AccountActor, manifest: Manifest, new: NewLogin, client: Client) -> Credential:
        """Keeps what signing in led to, as `sign_in` does."""
        server = normal_server(new.login.server)
        if len(server) > SERVER_LENGTH:
            raise Invalid.field("fields.server", f"An address has at most {SERVER_LENGTH} characters.", "length")
        label = shown_label(new.label) or manifest.title
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            known = await tx.credentials.of_account(actor.id)
            name = (manifest.name, server, label)
            older = next((one for one in known if (one.provider, one.server, one.label) == name), None)
            if older is None and len(known) >= MAX_CREDENTIALS:
                raise QuotaExceeded("sign-ins at providers", MAX_CREDENTIALS)
            credential = await self._store(tx, actor.id, name, new.login.secret, older)
            await self._note(tx, Action.CREDENTIAL_ADDED, account, credential, actor, client)
        return credential

    async def _store(
        self,
        tx: Transaction,
        owner: AccountId,
        name: tuple[str, str, str],
        secret: Mapping[str, str],
        older: Credential | None,
    ) -> Credential:
        provider, server, label = name
        credential_id = older.id if older else CredentialId(self.ids.new("cred"))
        sealed, now = self.checks.vault.seal(credential_id, owner, provider, secret), self.clock.now()
        if older is not None:
            renewed = older.renewed(sealed, now)
            await tx.credentials.update(renewed, older.version)
            return renewed
        credential = Credential(
            credential_id, owner, provider, server, label, sealed, CredentialState.GOOD, created_at=now, checked_at=now
        )
        await tx.credentials.add(credential)
        return credential

    async def _note(
        self,
        tx: Transaction,
        action: Action,
        account: Account,
        credential: Credential,
        actor: AccountActor,
        client: Client,
    ) -> None:
        await self.journal.note(tx, action, account, client, session=actor.session_id, detail=told_of(credential))


def told_of(credential: Credential) -> Mapping[str, str]:
    """What the audit log says of a credential."""
    detail = {"provider": credential.provider, "server": credential.server, "label": credential.label}
    return {name: value for name, value in detail.items() if value}


def _target(fields: Mapping[str, str]) -> str:
    """The host that is signed in to, whatever path of it was named; empty where there is only one."""
    return normal_server(fields.get("server", "")).rpartition("://")[2].partition("/")[0]


def _usefulness(credential: Credential) -> tuple[bool, int]:
    return credential.state is CredentialState.REFUSED, -credential.checked_at
