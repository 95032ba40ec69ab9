"""Forgetting closed accounts for good, inside a transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod

from synctv.domain.accounts.account import Account
from synctv.domain.ids import AccountId, Micros


class Purging(ABC):
    """Takes an account out of everything that is stored, but for the audit log."""

    @abstractmethod
    async def due(self, before: Micros) -> Account | None:
        """The account that was closed first, if before this instant, which nobody else changes until the transaction
        ends. Those that somebody else holds are passed over."""

    @abstractmethod
    async def purge(self, account_id: AccountId, limit: int) -> bool:
        """Forgets a closed account with all that is only its own: its factors, identities, sessions, credentials,
        memberships, and its rooms with everything in them. What it left in rooms of others stays there under
        `FORMER_NAME`.

        At most about `limit` rows of a kind are worked on. False where there is more to do: the account is there until
        a later call returns True. Raises `NotFound` for one that isn't there or isn't closed.
        """
