"""Linked identities and their providers in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from synctv.adapters.memory.store import View, with_entry, without
from synctv.application.ports.identities import Identities, IdentityProviders
from synctv.domain.accounts.identities import IdentityProvider, LinkedIdentity
from synctv.domain.errors import AlreadyExists, NotFound
from synctv.domain.ids import AccountId, IdentityId


class MemoryIdentities(Identities):
    """Linked identities."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, identity: LinkedIdentity) -> None:
        """Stores a new link. Raises `NotFound` for an account or a provider that isn't there."""
        self._view.must_have_account(identity.account_id)
        state = self._view.state
        if identity.provider not in state.identity_providers:
            raise NotFound("identity provider")
        if identity.id in state.identities or await self.find(identity.provider, identity.subject):
            raise AlreadyExists("identity")
        self._view.change(replace(state, identities=with_entry(state.identities, identity.id, identity)))

    async def find(self, provider: str, subject: str) -> LinkedIdentity | None:
        """The identity with this subject of this provider."""
        identities = self._view.state.identities.values()
        return next((one for one in identities if (one.provider, one.subject) == (provider, subject)), None)

    async def of_account(self, account_id: AccountId) -> Sequence[LinkedIdentity]:
        """The account's identities, oldest first."""
        found = [one for one in self._view.state.identities.values() if one.account_id == account_id]
        return sorted(found, key=lambda identity: (identity.linked_at, identity.id))

    async def count(self, provider: str) -> int:
        """How many identities this provider vouches for."""
        return sum(one.provider == provider for one in self._view.state.identities.values())

    async def update(self, identity: LinkedIdentity) -> None:
        """Replaces what can change of it: how it is shown, and when it was used."""
        state = self._view.state
        stored = state.identities.get(identity.id)
        if stored is None or stored.account_id != identity.account_id:
            raise NotFound("identity")
        kept = replace(stored, shown=identity.shown, used_at=identity.used_at)
        self._view.change(replace(state, identities=with_entry(state.identities, identity.id, kept)))

    async def remove(self, account_id: AccountId, identity_id: IdentityId) -> bool:
        """Removes an identity of this account; whether it was there."""
        self._view.must_be_writable()
        state = self._view.state
        stored = state.identities.get(identity_id)
        if stored is None or stored.account_id != account_id:
            return False
        self._view.change(replace(state, identities=without(state.identities, {identity_id})))
        return True


class MemoryIdentityProviders(IdentityProviders):
    """Providers by slug."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def get(self, slug: str, *, lock: bool = False) -> IdentityProvider | None:
        """The provider with this short name; writers take turns anyway."""
        if lock:
            self._view.must_be_writable()
        return self._view.state.identity_providers.get(slug)

    async def all(self) -> Sequence[IdentityProvider]:
        """Every provider, by slug."""
        return sorted(self._view.state.identity_providers.values(), key=lambda provider: provider.slug)

    async def save(self, provider: IdentityProvider) -> None:
        """Adds or replaces it."""
        state = self._view.state
        providers = with_entry(state.identity_providers, provider.slug, provider)
        self._view.change(replace(state, identity_providers=providers))

    async def remove(self, slug: str) -> bool:
        """Removes it with the identities that it vouched for; whether it was there."""
        state = self._view.state
        self._view.change(
            replace(
                state,
                identity_providers=without(state.identity_providers, {slug}),
                identities={id: one for id, one in state.identities.items() if one.provider != slug},
            )
        )
        return slug in state.identity_providers
