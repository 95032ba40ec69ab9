"""Storage of accounts and their sign-in sessions, inside a transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from synctv.domain.accounts.account import Account
from synctv.domain.accounts.session import SignInSession
from synctv.domain.ids import AccountId, Micros, SessionId


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which accounts a list holds: `query` is looked for in names and addresses without regard to case.

    `pending`, `banned` and `closed` take only those that wait for review, that have a ban (over or not), or that are
    closed; `plain_only` those that are not closed and whose password has no OPAQUE record.
    """

    query: str = ""
    pending: bool = False
    banned: bool = False
    closed: bool = False
    plain_only: bool = False


EVERY_ACCOUNT = AccountFilter()


class Accounts(ABC):
    """Accounts. A closed one is as good as gone for whoever does not ask for `even_closed`, but for its name and its
    address, which stay taken until it is purged."""

    @abstractmethod
    async def add(self, account: Account) -> None:
        """Raises `AlreadyExists("username")` when the name is taken (compared by `username_key`), and
        `AlreadyExists("email address")` when the address is (compared by `email_key`)."""

    @abstractmethod
    async def get(self, account_id: AccountId, *, lock: bool = False, even_closed: bool = False) -> Account | None:
        """The account with this id; with `lock`, nobody else changes it until the transaction ends."""

    @abstractmethod
    async def by_username(self, username: str, *, even_closed: bool = False) -> Account | None:
        """The account with this name (compared by `username_key`)."""

    @abstractmethod
    async def by_email(self, email: str, *, even_closed: bool = False) -> Account | None:
        """The account with this address (compared by `email_key`)."""

    @abstractmethod
    async def update(self, account: Account, expected_version: int) -> None:
        """Replaces it. Raises `VersionConflict` unless the stored version is the expected one, and `AlreadyExists` as
        `add` does."""

    @abstractmethod
    async def remove(self, account_id: AccountId) -> None:
        """Forgets a sign-up that was never approved, with its factors, identities and sessions.

        Raises `Conflict` when anything else belongs to the account, and `NotFound` for one that isn't there.
        """

    @abstractmethod
    async def lock_roots(self) -> Sequence[Account]:
        """The root accounts that are not closed, which nobody else changes until the transaction ends."""

    @abstractmethod
    async def list(self, filter: AccountFilter, *, after: AccountId | None, limit: int) -> Sequence[Account]:
        """Accounts by id, from the one after `after` on, closed ones included."""

    @abstractmethod
    async def count(self, filter: AccountFilter) -> int:
        """How many the filter takes."""

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

    @abstractmethod
    async def alive(self, account_id: AccountId, generation: int, now: Micros) -> Sequence[SignInSession]:
        """The account's sessions that are alive, the one that was refreshed last first."""

    @abstractmethod
    async def prune(self, before: Micros, limit: int) -> int:
        """Forgets sessions that ended or ran out before an instant; how many were forgotten."""
