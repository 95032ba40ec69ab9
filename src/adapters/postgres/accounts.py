"""Accounts and sign-in sessions in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synctv.adapters.postgres.ids import ACCOUNT, SESSION
from synctv.adapters.postgres.queries import LOCK, Queries, Row, bigint, select_where
from synctv.adapters.postgres.tables import AccountRow, SignInSessionRow
from synctv.adapters.text import storable
from synctv.application.ports.accounts import Accounts, SignInSessions
from synctv.domain.accounts.account import Account, AccountStatus, GlobalRole, username_key
from synctv.domain.accounts.session import SignInSession
from synctv.domain.errors import NotFound, VersionConflict
from synctv.domain.ids import AccountId, Micros, SessionId

_FIRST_ACCOUNT_LOCK = 0x73796E6374760002
_BY_ID = select_where(AccountRow, "id = $1")
_BY_NAME = select_where(AccountRow, "username_key = $1")
_SESSION = select_where(SignInSessionRow, "id = $1")
_LOCKED_SESSION = f"{_SESSION} {LOCK}"


class PostgresAccounts(Accounts):
    """Accounts, whose names are unique by their key."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def add(self, account: Account) -> None:
        """Stores a new account."""
        await self._queries.add(AccountRow(id=ACCOUNT.store(account.id), **_account_columns(account)), "username")

    async def get(self, account_id: AccountId) -> Account | None:
        """The account with this id."""
        row = await self._queries.row(_BY_ID, ACCOUNT.find(account_id))
        return _account(row) if row else None

    async def by_username(self, username: str) -> Account | None:
        """The account with this name."""
        if not storable(username):
            return None
        row = await self._queries.row(_BY_NAME, username_key(username))
        return _account(row) if row else None

    async def update(self, account: Account, expected_version: int) -> None:
        """Replaces it. Raises `AlreadyExists("username")` when its new name is taken."""
        update = AccountRow.update(**_account_columns(account)).where(
            (AccountRow.id == ACCOUNT.find(account.id)) & (AccountRow.version == bigint(expected_version))
        )
        if await self._queries.write(update.returning(AccountRow.id)) is None:
            raise VersionConflict("account", await self.get(account.id))

    async def list(self, *, after: AccountId | None, limit: int) -> Sequence[Account]:
        """Accounts by id."""
        query = AccountRow.select().order_by(AccountRow.id).limit(max(limit, 0))
        if after is not None:
            query = query.where(AccountRow.id > ACCOUNT.find(after))
        return [_account(row) for row in await self._queries.rows(query)]

    async def count(self) -> int:
        """How many there are."""
        return int(await self._queries.value("SELECT count(*) FROM accounts"))

    async def lock_first(self) -> bool:
        """Whether no account exists, asked by one transaction at a time."""
        self._queries.must_be_writable()
        await self._queries.rows("SELECT pg_advisory_xact_lock($1)", _FIRST_ACCOUNT_LOCK)
        return bool(await self._queries.value("SELECT NOT EXISTS (SELECT FROM accounts)"))


class PostgresSignInSessions(SignInSessions):
    """Sign-in sessions."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def add(self, session: SignInSession) -> None:
        """Stores a new session. Raises `NotFound` for an account that isn't there."""
        row = SignInSessionRow(id=SESSION.store(session.id), **_session_columns(session))
        await self._queries.add(row, "session")

    async def get(self, session_id: SessionId, *, lock: bool = False) -> SignInSession | None:
        """The session; with `lock`, its row is locked."""
        if lock:
            self._queries.must_be_writable()
        row = await self._queries.row(_LOCKED_SESSION if lock else _SESSION, SESSION.find(session_id))
        return _session(row) if row else None

    async def update(self, session: SignInSession) -> None:
        """Replaces it. Raises `NotFound` for one that was never added."""
        update = SignInSessionRow.update(**_session_columns(session)).where(
            SignInSessionRow.id == SESSION.find(session.id)
        )
        if await self._queries.write(update.returning(SignInSessionRow.id)) is None:
            raise NotFound("session")


def _account_columns(account: Account) -> dict[str, Any]:
    return {
        "username": account.username,
        "username_key": username_key(account.username),
        "role": account.role.value,
        "status": account.status.value,
        "password_hash": account.password_hash,
        "session_generation": account.session_generation,
        "created_at": account.created_at,
        "version": account.version,
    }


def _account(row: Row) -> Account:
    return Account(
        id=ACCOUNT.show(row["id"]),
        username=row["username"],
        role=GlobalRole(row["role"]),
        status=AccountStatus(row["status"]),
        password_hash=row["password_hash"],
        session_generation=row["session_generation"],
        created_at=Micros(row["created_at"]),
        version=row["version"],
    )


def _session_columns(session: SignInSession) -> dict[str, Any]:
    return {
        "account_id": ACCOUNT.store(session.account_id),
        "refresh_digest": session.refresh_digest,
        "generation": session.generation,
        "created_at": session.created_at,
        "refreshed_at": session.refreshed_at,
        "expires_at": session.expires_at,
        "ended_at": session.ended_at,
        "user_agent": session.user_agent,
        "address": session.address,
    }


def _session(row: Row) -> SignInSession:
    return SignInSession(
        id=SESSION.show(row["id"]),
        account_id=ACCOUNT.show(row["account_id"]),
        refresh_digest=row["refresh_digest"],
        generation=row["generation"],
        created_at=Micros(row["created_at"]),
        refreshed_at=Micros(row["refreshed_at"]),
        expires_at=Micros(row["expires_at"]),
        ended_at=None if row["ended_at"] is None else Micros(row["ended_at"]),
        user_agent=row["user_agent"],
        address=row["address"],
    )
