"""Whether a login still works: as it was noted, and as its server says now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from synctv.application.library.vault import Vault
from synctv.application.limits.portions import Portions
from synctv.application.ports.clock import Clock
from synctv.application.ports.providers import Login, Provider, SignsIn
from synctv.application.ports.sealing import CannotOpen
from synctv.application.ports.transaction import Transactions
from synctv.domain.errors import NotFound, UpstreamCredential, UpstreamFailed
from synctv.domain.library.credential import Credential, CredentialState

_KEY_IS_GONE = (
    "this server's key for stored sign-ins has changed, so the one that was kept can't be read. Sign in to it again."
)


@dataclass(frozen=True, slots=True)
class CredentialChecks:
    """Looks at credentials, whoever owns them."""

    transactions: Transactions
    vault: Vault
    providers: Mapping[str, Provider]
    clock: Clock
    portions: Portions

    def opened(self, credential: Credential) -> Login:
        """The login. Raises `UpstreamCredential` where it can't be read any more; nothing is deleted then."""
        try:
            return self.vault.open(credential)
        except CannotOpen:
            raise UpstreamCredential(self._host(credential), _KEY_IS_GONE) from None

    def shown(self, credential: Credential) -> Credential:
        """As to be shown: of what can't be read, or has no provider any more, nobody knows whether it is good."""
        try:
            self.vault.open(credential)
        except CannotOpen:
            usable = False
        else:
            usable = credential.provider in self.providers
        return credential if usable else replace(credential, state=CredentialState.UNKNOWN)

    async def now(self, credential: Credential) -> Credential:
        """Asks its server, and notes what it says: good or refused.

        Raises what providers raise when there is no answer, and `UpstreamCredential` for what can't be read.
        """
        provider = self.providers.get(credential.provider)
        if provider is None or not isinstance(provider, SignsIn):
            raise UpstreamFailed(credential.provider, "this server no longer has this provider.")
        login = self.opened(credential)
        try:
            async with self.portions.of(credential.owner):
                await provider.check(login)
        except UpstreamCredential:
            return await self.note(credential, CredentialState.REFUSED)
        return await self.note(credential, CredentialState.GOOD)

    async def note(self, credential: Credential, state: CredentialState) -> Credential:
        """Notes the state of the credential as it was read; one that was renewed since stays as it is.

        Raises `NotFound` for one that was removed since.
        """
        async with self.transactions.write() as tx:
            stored = await tx.credentials.get(credential.id, lock=True)
            if stored is None:
                raise NotFound("sign-in")
            if stored.version != credential.version:
                return stored
            noted = stored.found(state, self.clock.now())
            await tx.credentials.update(noted, stored.version)
            return noted

    def _host(self, credential: Credential) -> str:
        provider = self.providers.get(credential.provider)
        return shown_host(credential.server) or (provider.manifest.title if provider else credential.provider)


def shown_host(server: str) -> str:
    """A server's address as a sentence names it."""
    return server.partition("://")[2]
