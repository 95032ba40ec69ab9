"""Storage of accounts and their sign-in sessions, inside a transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from synctv.domain.accounts.account import Account
from synctv.domain.accounts.session import SignInSession
from synctv.domain.ids import AccountId, SessionId


class Accounts(ABC):
    """Accounts."""

    @abstractmethod
    async def add(self, account: Account) -> None:
        """Raises `AlreadyExists("username")` when the name is taken (compared by `username_key`)."""

    @abstractmethod
    async def get(self, account_id: AccountId) -> Account | None:
        """The account with this id."""

    @abstractmethod
    async def by_username(self, username: str) -> Account | None:
        """The account with this name (compared by `username_key`)."""

    @abstractmethod
    async def update(self, account: Account, expected_version: int) -> None:
        """Replaces it. Raises `VersionConflict` unless the stored version is the expected one."""

    @abstractmethod
    async def list(self, *, after: AccountId | None, limit: int) -> Sequence[Account]:
        """Accounts by id, from the one after `after` on."""

    @abstractmethod
    async def count(self) -> int:
        """How many there are."""

    @abstractmethod
    async def lock_first(self) -> bool:
        """Whether no account exists. Of two transactions that ask at once, one waits until the other has ended."""


class SignInSessions(ABC):
    """Sign-in sessions."""

    @abstractmethod
    async def add(self, session: SignInSession) -> None:
        """Stores a new session."""

    @abstractmethod
    async def get(self, session_id: SessionId, *, lock: bool = False) -> SignInSession | None:
        """The session; with `lock`, nobody else changes it until the transaction ends."""

    @abstractmethod
    async def update(self, session: SignInSession) -> None:
        """Replaces it."""
