"""Accounts and sign-in sessions in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from synctv.adapters.memory.paging import page_after
from synctv.adapters.memory.store import View, with_entry
from synctv.application.ports.accounts import Accounts, SignInSessions
from synctv.domain.accounts.account import Account, username_key
from synctv.domain.accounts.session import SignInSession
from synctv.domain.errors import AlreadyExists, NotFound, VersionConflict
from synctv.domain.ids import AccountId, SessionId


class MemoryAccounts(Accounts):
    """Accounts, with their names as a second key."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, account: Account) -> None:
        """Stores a new account."""
        if account.id in self._view.state.accounts:
            raise AlreadyExists("username")
        self._store(account)

    async def get(self, account_id: AccountId) -> Account | None:
        """The account with this id."""
        return self._view.state.accounts.get(account_id)

    async def by_username(self, username: str) -> Account | None:
        """The account with this name."""
        account_id = self._view.state.usernames.get(username_key(username))
        return self._view.state.accounts[account_id] if account_id else None

    async def update(self, account: Account, expected_version: int) -> None:
        """Replaces it. Raises `AlreadyExists("username")` when its new name is taken."""
        stored = self._view.state.accounts.get(account.id)
        if stored is None or stored.version != expected_version:
            raise VersionConflict("account", stored)
        self._store(account)

    async def list(self, *, after: AccountId | None, limit: int) -> Sequence[Account]:
        """Accounts by id."""
        return page_after(self._view.state.accounts.items(), after, limit)

    async def count(self) -> int:
        """How many there are."""
        return len(self._view.state.accounts)

    async def lock_first(self) -> bool:
        """Whether no account exists; writers take turns anyway."""
        self._view.must_be_writable()
        return not self._view.state.accounts

    def _store(self, account: Account) -> None:
        state, key = self._view.state, username_key(account.username)
        if state.usernames.get(key, account.id) != account.id:
            raise AlreadyExists("username")
        others = {name: id for name, id in state.usernames.items() if id != account.id}
        accounts = with_entry(state.accounts, account.id, account)
        self._view.change(replace(state, accounts=accounts, usernames={**others, key: account.id}))


class MemorySignInSessions(SignInSessions):
    """Sign-in sessions."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, session: SignInSession) -> None:
        """Stores a new session. Raises `NotFound` for an account that isn't there."""
        self._view.must_have_account(session.account_id)
        if session.id in self._view.state.sessions:
            raise AlreadyExists("session")
        self._store(session)

    async def get(self, session_id: SessionId, *, lock: bool = False) -> SignInSession | None:
        """The session; writers take turns anyway."""
        if lock:
            self._view.must_be_writable()
        return self._view.state.sessions.get(session_id)

    async def update(self, session: SignInSession) -> None:
        """Replaces it. Raises `NotFound` for one that was never added."""
        if session.id not in self._view.state.sessions:
            raise NotFound("session")
        self._store(session)

    def _store(self, session: SignInSession) -> None:
        state = self._view.state
        self._view.change(replace(state, sessions=with_entry(state.sessions, session.id, session)))
