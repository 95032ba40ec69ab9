"""Storage of what accounts prove themselves with beside their password, inside a transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence

from synctv.domain.accounts.factors import Passkey, TotpSecret
from synctv.domain.ids import AccountId, Micros, PasskeyId


class Passkeys(ABC):
    """Passkeys."""

    @abstractmethod
    async def add(self, passkey: Passkey) -> None:
        """Raises `AlreadyExists("passkey")` when its credential id belongs to any account already."""

    @abstractmethod
    async def by_credential(self, credential_id: bytes, *, lock: bool = False) -> Passkey | None:
        """The passkey with this credential id; with `lock`, nobody else changes it until the transaction ends."""

    @abstractmethod
    async def of_account(self, account_id: AccountId) -> Sequence[Passkey]:
        """The account's passkeys, oldest first."""

    @abstractmethod
    async def update(self, passkey: Passkey) -> None:
        """Replaces it. Raises `NotFound` for one that isn't there."""

    @abstractmethod
    async def remove(self, account_id: AccountId, passkey_id: PasskeyId) -> bool:
        """Removes a passkey of this account; whether it was there."""


class TotpSecrets(ABC):
    """Authenticator apps, one at most per account."""

    @abstractmethod
    async def get(self, account_id: AccountId, *, lock: bool = False) -> TotpSecret | None:
        """The account's; with `lock`, nobody else changes it until the transaction ends."""

    @abstractmethod
    async def save(self, secret: TotpSecret) -> None:
        """Adds or replaces it."""

    @abstractmethod
    async def remove(self, account_id: AccountId) -> bool:
        """Removes it; whether it was there."""


class RecoveryCodes(ABC):
    """The codes that stand in for an authenticator app that was lost, as digests."""

    @abstractmethod
    async def replace(self, account_id: AccountId, digests: Collection[bytes]) -> None:
        """Makes these the account's codes, whatever it had."""

    @abstractmethod
    async def use(self, account_id: AccountId, digest: bytes, now: Micros) -> bool:
        """Uses a code up; whether it was there and unused. Of any number of callers at once, one gets True."""

    @abstractmethod
    async def left(self, account_id: AccountId) -> int:
        """How many are unused."""
