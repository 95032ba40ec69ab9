"""Accounts and sign-in sessions in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from piccolo.columns.combination import WhereRaw

from synctv.adapters.postgres.documents import document
from synctv.adapters.postgres.ids import ACCOUNT, SESSION
from synctv.adapters.postgres.queries import LOCK, Queries, Row, bigint, select_where
from synctv.adapters.postgres.tables import AccountRow, SignInSessionRow
from synctv.adapters.serialization.codec import decode
from synctv.adapters.text import storable
from synctv.application.ports.accounts import AccountFilter, Accounts, SignInSessions
from synctv.domain.accounts.account import Account, Ban, GlobalRole, Language, PasswordRecords, username_key
from synctv.domain.accounts.email import email_key
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.session import DIGEST_BYTES, Rotation, SignInSession
from synctv.domain.errors import AlreadyExists, Conflict, NotFound, VersionConflict
from synctv.domain.ids import AccountId, Micros, SessionId

_FIRST_ACCOUNT_LOCK = 0x73796E6374760002
_BY_ID = select_where(AccountRow, "id = $1 AND ($2 OR closed_at IS NULL)")
_LOCKED = f"{_BY_ID} {LOCK}"
_BY_NAME = select_where(AccountRow, "username_key = $1 AND ($2 OR closed_at IS NULL)")
_BY_EMAIL = select_where(AccountRow, "email_key = $1 AND ($2 OR closed_at IS NULL)")
# In one order, so that two who ask at once wait for each other and not both.
_ROOTS = f"""
    {select_where(AccountRow, "role = 'root' AND closed_at IS NULL")} ORDER BY id {LOCK}
"""
_ID_OR_NAME_TAKEN = "SELECT EXISTS (SELECT FROM accounts WHERE id = $1 OR username_key = $2)"
# Unlike `LOCK`, this waits for those who are just adding something that refers to the account, and they for it.
_LOCK_TO_REMOVE = "SELECT id FROM accounts WHERE id = $1 FOR UPDATE"
_HAS_BELONGINGS = """
    SELECT EXISTS (SELECT FROM memberships WHERE account_id = $1) OR EXISTS (SELECT FROM rooms WHERE owner_id = $2)
"""
_REMOVE = "DELETE FROM accounts WHERE id = $1"
_SESSION = select_where(SignInSessionRow, "id = $1")
_LOCKED_SESSION = f"{_SESSION} {LOCK}"
_ALIVE = f"""
    {select_where(SignInSessionRow, "account_id = $1 AND generation = $2 AND ended_at IS NULL AND expires_at > $3")}
    ORDER BY refreshed_at DESC, id DESC
"""
_PRUNE = """
    WITH dropped AS (
        DELETE FROM sign_in_sessions WHERE id IN (
            SELECT id FROM sign_in_sessions WHERE LEAST(ended_at, expires_at) < $1
            ORDER BY LEAST(ended_at, expires_at) LIMIT $2 FOR UPDATE SKIP LOCKED
        )
        RETURNING 1
    )
    SELECT count(*) FROM dropped
"""


class PostgresAccounts(Accounts):
    """Accounts, whose names and addresses are unique by their keys."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def add(self, account: Account) -> None:
        """Stores a new account."""
        row = AccountRow(id=ACCOUNT.store(account.id), **_account_columns(account))
        try:
            await self._queries.add(row, "email address")
        except AlreadyExists:
            if await self._queries.value(_ID_OR_NAME_TAKEN, row.id, row.username_key):
                raise AlreadyExists("username") from None
            raise

    async def get(self, account_id: AccountId, *, lock: bool = False, even_closed: bool = False) -> Account | None:
        """The account with this id; with `lock`, its row is locked."""
        if lock:
            self._queries.must_be_writable()
        row = await self._queries.row(_LOCKED if lock else _BY_ID, ACCOUNT.find(account_id), even_closed)
        return account_of(row) if row else None

    async def by_username(self, username: str, *, even_closed: bool = False) -> Account | None:
        """The account with this name."""
        return await self._by(_BY_NAME, username_key(username), even_closed=even_closed)

    async def by_email(self, email: str, *, even_closed: bool = False) -> Account | None:
        """The account with this address."""
        return await self._by(_BY_EMAIL, email_key(email), even_closed=even_closed)

    async def update(self, account: Account, expected_version: int) -> None:
        """Replaces it. Raises `AlreadyExists` when its new name or address is taken."""
        update = AccountRow.update(**_account_columns(account)).where(
            (AccountRow.id == ACCOUNT.find(account.id)) & (AccountRow.version == bigint(expected_version))
        )
        if await self._queries.write(update.returning(AccountRow.id)) is None:
            raise VersionConflict("account", await self.get(account.id, even_closed=True))

    async def remove(self, account_id: AccountId) -> None:
        """Forgets it; its factors, identities and sessions go with it.

        Raises `Conflict` when a room or a membership belongs to it, and `NotFound` for one that isn't there.
        """
        account = ACCOUNT.find(account_id)
        if await self._queries.write(_LOCK_TO_REMOVE, account) is None:
            raise NotFound("account")
        if await self._queries.value(_HAS_BELONGINGS, account, account_id):
            raise Conflict("Rooms or memberships belong to this account, so it can't be forgotten. Ban it instead.")
        await self._queries.write(_REMOVE, account)

    async def lock_roots(self) -> Sequence[Account]:
        """The roots, whose rows are locked."""
        self._queries.must_be_writable()
        return [account_of(row) for row in await self._queries.rows(_ROOTS)]

    async def list(self, filter: AccountFilter, *, after: AccountId | None, limit: int) -> Sequence[Account]:
        """Accounts by id. A search by name reads all of them, which only operators may ask for."""
        query = AccountRow.select().where(*_conditions(filter)).order_by(AccountRow.id).limit(max(limit, 0))
        if after is not None:
            query = query.where(AccountRow.id > ACCOUNT.find(after))
        return [account_of(row) for row in await self._queries.rows(query)]

    async def count(self, filter: AccountFilter) -> int:
        """How many the filter takes."""
        return int(await self._queries.value(AccountRow.count().where(*_conditions(filter))))

    async def lock_first(self) -> bool:
        """Whether no account exists, asked by one transaction at a time."""
        self._queries.must_be_writable()
        await self._queries.rows("SELECT pg_advisory_xact_lock($1)", _FIRST_ACCOUNT_LOCK)
        return bool(await self._queries.value("SELECT NOT EXISTS (SELECT FROM accounts)"))

    async def _by(self, statement: str, key: str, *, even_closed: bool) -> Account | None:
        row = await self._queries.row(statement, key, even_closed) if storable(key) else None
        return account_of(row) if row else None


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

    async def alive(self, account_id: AccountId, generation: int, now: Micros) -> Sequence[SignInSession]:
        """The account's sessions that are alive, newest refresh first."""
        rows = await self._queries.rows(_ALIVE, ACCOUNT.find(account_id), bigint(generation), bigint(now))
        return [_session(row) for row in rows]

    async def prune(self, before: Micros, limit: int) -> int:
        """Forgets sessions that ended or ran out before an instant, the oldest first, but for those in use."""
        self._queries.must_be_writable()
        return int(await self._queries.value(_PRUNE, bigint(before), max(limit, 0)))


def _conditions(filter: AccountFilter) -> Sequence[Any]:
    conditions: list[Any] = []
    if filter.pending:
        conditions.append(WhereRaw("pending"))
    if filter.plain_only:
        conditions.append(WhereRaw("password_hash IS NOT NULL AND opaque_record IS NULL AND closed_at IS NULL"))
    if filter.closed:
        conditions.append(AccountRow.closed_at.is_not_null())
    if filter.banned:
        conditions.append(AccountRow.ban.is_not_null())
    if not storable(filter.query):
        conditions.append(WhereRaw("false"))
    elif filter.query:
        found = "(strpos(username_key, {}) > 0 OR strpos(email_key, {}) > 0)"
        conditions.append(WhereRaw(found, username_key(filter.query), email_key(filter.query)))
    return conditions


def _account_columns(account: Account) -> dict[str, Any]:
    password, email = account.password, account.email
    return {
        "username": account.username,
        "username_key": username_key(account.username),
        "role": account.role.value,
        "password_hash": password.argon2 if password else None,
        "opaque_record": password.opaque if password else None,
        "session_generation": account.session_generation,
        "pending": account.pending,
        "ban": document(account.ban) if account.ban else None,
        "must_reset": account.must_reset,
        "email": email,
        "email_key": None if email is None else email_key(email),
        "language": account.language.value if account.language else None,
        "two_factor": account.two_factor,
        "closed_at": account.closed_at,
        "created_at": account.created_at,
        "version": account.version,
    }


def account_of(row: Row) -> Account:
    """The account of a row."""
    argon2, opaque = row["password_hash"], row["opaque_record"]
    return Account(
        id=ACCOUNT.show(row["id"]),
        username=row["username"],
        role=GlobalRole(row["role"]),
        created_at=Micros(row["created_at"]),
        version=row["version"],
        session_generation=row["session_generation"],
        pending=row["pending"],
        ban=None if row["ban"] is None else decode(Ban, row["ban"]),
        password=None if argon2 is None and opaque is None else PasswordRecords(argon2, opaque),
        must_reset=row["must_reset"],
        email=row["email"],
        language=None if row["language"] is None else Language(row["language"]),
        two_factor=row["two_factor"],
        closed_at=None if row["closed_at"] is None else Micros(row["closed_at"]),
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
        "methods": sorted(factor.value for factor in session.methods),
        "family_digest": session.family_digest,
        "rotation": _joined(session.rotation) if session.rotation else None,
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
        methods=frozenset(Factor(name) for name in row["methods"]),
        family_digest=row["family_digest"],
        rotation=None if row["rotation"] is None else _parted(row["rotation"]),
    )


def _joined(rotation: Rotation) -> bytes:
    return rotation.digest + rotation.salt + rotation.client


def _parted(stored: bytes) -> Rotation:
    return Rotation(*(stored[start : start + DIGEST_BYTES] for start in range(0, 3 * DIGEST_BYTES, DIGEST_BYTES)))
