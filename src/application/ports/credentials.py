"""Storage of logins at provider servers, inside a transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from synctv.domain.ids import AccountId, CredentialId
from synctv.domain.library.credential import Credential


class CredentialStore(ABC):
    """Credentials. They go with their account."""

    @abstractmethod
    async def add(self, credential: Credential) -> None:
        """Stores a new one. Raises `NotFound` for an account that isn't there, and `AlreadyExists("sign-in")` when the
        account has one of this provider, server and label already."""

    @abstractmethod
    async def get(self, credential_id: CredentialId, *, lock: bool = False) -> Credential | None:
        """The credential, whoever owns it; with `lock`, nobody else changes it until the transaction ends."""

    @abstractmethod
    async def of_account(self, owner: AccountId) -> Sequence[Credential]:
        """The account's credentials, oldest first."""

    @abstractmethod
    async def update(self, credential: Credential, expected_version: int) -> None:
        """Replaces its secret, its state, when it was checked, and its version; the rest never changes.

        Raises `VersionConflict`, also for one that isn't there.
        """

    @abstractmethod
    async def remove(self, owner: AccountId, credential_id: CredentialId) -> bool:
        """Removes a credential of this account; whether it was there."""

    @abstractmethod
    async def page(self, after: CredentialId | None, limit: int) -> Sequence[Credential]:
        """Everybody's credentials in the order of their ids, from the one after `after` on, at most `limit`."""

    @abstractmethod
    async def reseal(self, credential_id: CredentialId, before: bytes, after: bytes) -> bool:
        """Replaces the sealed bytes if they are still `before`; whether they were. Neither the version nor anything
        else changes: it is the same secret under another key."""
