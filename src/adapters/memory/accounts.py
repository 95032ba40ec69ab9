"""Accounts and sign-in sessions in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from synctv.adapters.memory.paging import page_after
from synctv.adapters.memory.purging import without_account
from synctv.adapters.memory.store import State, View, with_entry, without
from synctv.application.ports.accounts import AccountFilter, Accounts, SignInSessions
from synctv.domain.accounts.account import Account, GlobalRole, username_key
from synctv.domain.accounts.email import email_key
from synctv.domain.accounts.session import SignInSession
from synctv.domain.errors import AlreadyExists, Conflict, NotFound, VersionConflict
from synctv.domain.ids import AccountId, Micros, SessionId


class MemoryAccounts(Accounts):
    """Accounts, with their names and addresses as further keys."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, account: Account) -> None:
        """Stores a new account."""
        if account.id in self._view.state.accounts:
            raise AlreadyExists("username")
        self._store(account)

    async def get(self, account_id: AccountId, *, lock: bool = False, even_closed: bool = False) -> Account | None:
        """The account; writers take turns anyway."""
        if lock:
            self._view.must_be_writable()
        return self._found(account_id, even_closed=even_closed)

    async def by_username(self, username: str, *, even_closed: bool = False) -> Account | None:
        """The account with this name."""
        return self._found(self._view.state.usernames.get(username_key(username)), even_closed=even_closed)

    async def by_email(self, email: str, *, even_closed: bool = False) -> Account | None:
        """The account with this address."""
        return self._found(self._view.state.emails.get(email_key(email)), even_closed=even_closed)

    async def update(self, account: Account, expected_version: int) -> None:
        """Replaces it. Raises `AlreadyExists` when its new name or address is taken."""
        stored = self._view.state.accounts.get(account.id)
        if stored is None or stored.version != expected_version:
            raise VersionConflict("account", stored)
        self._store(account)

    async def remove(self, account_id: AccountId) -> None:
        """Forgets it with its factors, identities and sessions.

        Raises `Conflict` when a room or a membership belongs to it, and `NotFound` for one that isn't there.
        """
        self._view.must_be_writable()
        self._view.must_have_account(account_id)
        state = self._view.state
        if _belongings(state, account_id):
            raise Conflict("Rooms or memberships belong to this account, so it can't be forgotten. Ban it instead.")
        self._view.change(without_account(state, account_id))

    async def lock_roots(self) -> Sequence[Account]:
        """The roots; writers take turns anyway."""
        self._view.must_be_writable()
        accounts = self._view.state.accounts.values()
        return [one for one in accounts if one.role is GlobalRole.ROOT and one.closed_at is None]

    async def list(self, filter: AccountFilter, *, after: AccountId | None, limit: int) -> Sequence[Account]:
        """Accounts by id."""
        return page_after(((account.id, account) for account in self._matching(filter)), after, limit)

    async def count(self, filter: AccountFilter) -> int:
        """How many the filter takes."""
        return sum(1 for _ in self._matching(filter))

    async def lock_first(self) -> bool:
        """Whether no account exists; writers take turns anyway."""
        self._view.must_be_writable()
        return not self._view.state.accounts

    def _found(self, account_id: AccountId | None, *, even_closed: bool) -> Account | None:
        account = self._view.state.accounts.get(account_id) if account_id else None
        return account if account is None or even_closed or account.closed_at is None else None

    def _matching(self, filter: AccountFilter) -> Iterable[Account]:
        return (account for account in self._view.state.accounts.values() if _takes(filter, account))

    def _store(self, account: Account) -> None:
        state = self._view.state
        usernames = _claimed(state.usernames, username_key(account.username), account.id, "username")
        address = None if account.email is None else email_key(account.email)
        emails = _claimed(state.emails, address, account.id, "email address")
        accounts = with_entry(state.accounts, account.id, account)
        self._view.change(replace(state, accounts=accounts, usernames=usernames, emails=emails))


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

    async def alive(self, account_id: AccountId, generation: int, now: Micros) -> Sequence[SignInSession]:
        """The account's sessions that are alive, newest refresh first."""
        sessions = self._view.state.sessions.values()
        found = [one for one in sessions if one.account_id == account_id and one.alive(now, generation)]
        return sorted(found, key=lambda session: (session.refreshed_at, session.id), reverse=True)

    async def prune(self, before: Micros, limit: int) -> int:
        """Forgets sessions that ended or ran out before an instant, the oldest first."""
        state = self._view.state
        ends = sorted((_end(session), session.id) for session in state.sessions.values())
        dropped = {id for end, id in ends[: max(limit, 0)] if end < before}
        self._view.change(replace(state, sessions=without(state.sessions, dropped)))
        return len(dropped)

    def _store(self, session: SignInSession) -> None:
        state = self._view.state
        self._view.change(replace(state, sessions=with_entry(state.sessions, session.id, session)))


def _claimed(
    keys: Mapping[str, AccountId], key: str | None, account_id: AccountId, what: str
) -> Mapping[str, AccountId]:
    """The keys after the account has taken this one and given back the one that it had."""
    if key is not None and keys.get(key, account_id) != account_id:
        raise AlreadyExists(what)
    others = {taken: id for taken, id in keys.items() if id != account_id}
    return others if key is None else {**others, key: account_id}


def _takes(filter: AccountFilter, account: Account) -> bool:
    plain = account.password is not None and account.password.plain_only and account.closed_at is None
    asked = (
        (filter.plain_only, plain),
        (filter.pending, account.pending),
        (filter.banned, account.ban is not None),
        (filter.closed, account.closed_at is not None),
    )
    if any(wanted and not so for wanted, so in asked):
        return False
    named = username_key(filter.query) in username_key(account.username)
    return named or (account.email is not None and email_key(filter.query) in email_key(account.email))


def _belongings(state: State, account_id: AccountId) -> bool:
    member = any(account_id in members for members in state.memberships.values())
    return member or any(room.owner_id == account_id for room in state.rooms.values())


def _end(session: SignInSession) -> Micros:
    return session.expires_at if session.ended_at is None else min(session.ended_at, session.expires_at)
