"""Storage of identity providers and of the identities that sign in to accounts, inside a transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from synctv.domain.accounts.identities import IdentityProvider, LinkedIdentity
from synctv.domain.ids import AccountId, IdentityId


class Identities(ABC):
    """Linked identities."""

    @abstractmethod
    async def add(self, identity: LinkedIdentity) -> None:
        """Raises `AlreadyExists("identity")` when this provider's subject belongs to an account already."""

    @abstractmethod
    async def find(self, provider: str, subject: str) -> LinkedIdentity | None:
        """The identity with this subject of this provider."""

    @abstractmethod
    async def of_account(self, account_id: AccountId) -> Sequence[LinkedIdentity]:
        """The account's identities, oldest first."""

    @abstractmethod
    async def count(self, provider: str) -> int:
        """How many identities this provider vouches for."""

    @abstractmethod
    async def update(self, identity: LinkedIdentity) -> None:
        """Replaces it. Raises `NotFound` for one that isn't there."""

    @abstractmethod
    async def remove(self, account_id: AccountId, identity_id: IdentityId) -> bool:
        """Removes an identity of this account; whether it was there."""


class IdentityProviders(ABC):
    """The providers that the operator set up."""

    @abstractmethod
    async def get(self, slug: str, *, lock: bool = False) -> IdentityProvider | None:
        """The provider with this short name, also when it is switched off; with `lock`, nobody else changes it until
        the transaction ends."""

    @abstractmethod
    async def all(self) -> Sequence[IdentityProvider]:
        """Every provider, by slug."""

    @abstractmethod
    async def save(self, provider: IdentityProvider) -> None:
        """Adds or replaces it."""

    @abstractmethod
    async def remove(self, slug: str) -> bool:
        """Removes it with the identities that it vouched for; whether it was there."""
