"""Forgetting accounts for good, in PostgreSQL: so much at a time that no statement runs into its time limit."""

from __future__ import annotations

from synctv.adapters.postgres.accounts import account_of
from synctv.adapters.postgres.ids import ACCOUNT
from synctv.adapters.postgres.queries import Queries, bigint, select_where
from synctv.adapters.postgres.tables import AccountRow
from synctv.application.ports.purging import Purging
from synctv.domain.accounts.account import Account
from synctv.domain.errors import NotFound
from synctv.domain.ids import AccountId, Micros
from synctv.domain.rooms.actor import FORMER_NAME

_DUE = f"{select_where(AccountRow, 'closed_at < $1')} ORDER BY closed_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
_LOCK_CLOSED = "SELECT id FROM accounts WHERE id = $1 AND closed_at IS NOT NULL FOR UPDATE"
_ROOMS = "SELECT id FROM rooms WHERE owner_id = $1"
# In this order: each only refers to what comes after it.
_IN_ROOMS = (
    "room_events",
    "room_sequences",
    "chat_messages",
    "playback_history",
    "playback_answers",
    "playbacks",
    "media_items",
    "folders",
    "memberships",
)
_NAMED = (
    ("chat_messages", "author"),
    ("media_items", "added_by"),
    ("folders", "added_by"),
    ("playbacks", "changed_by"),
    ("playback_history", "played_by"),
)
_DELETE_ROOMS = "DELETE FROM rooms WHERE owner_id = $1"
_DELETE_MEMBERSHIPS = "DELETE FROM memberships WHERE account_id = $1"
_DELETE = "DELETE FROM accounts WHERE id = $1"


class PostgresPurging(Purging):
    """Purging, a batch of each kind at a time."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def due(self, before: Micros) -> Account | None:
        """The account that was closed first, whose row is locked."""
        self._queries.must_be_writable()
        row = await self._queries.row(_DUE, bigint(before))
        return account_of(row) if row else None

    async def purge(self, account_id: AccountId, limit: int) -> bool:
        """Forgets a closed account for good."""
        queries, account = self._queries, ACCOUNT.find(account_id)
        if await queries.write(_LOCK_CLOSED, account) is None:
            raise NotFound("account")
        for table in _IN_ROOMS:
            if await queries.value(_emptying(table), account_id, limit) >= limit:
                return False
        for table, actor in _NAMED:
            if await queries.value(_renaming(table, actor), account_id, FORMER_NAME, limit) >= limit:
                return False
        await queries.write(_DELETE_ROOMS, account_id)
        await queries.write(_DELETE_MEMBERSHIPS, account)
        # Its factors, identities, sessions and credentials go with it.
        await queries.write(_DELETE, account)
        return True


def _emptying(table: str) -> str:
    return _counted(f"""
        DELETE FROM {table} WHERE ctid = ANY (
            ARRAY (SELECT ctid FROM {table} WHERE room_id IN ({_ROOMS}) LIMIT $2)
        )
    """)  # noqa: S608 - no input in it


def _renaming(table: str, actor: str) -> str:
    return _counted(f"""
        UPDATE {table} SET {actor}_name = $2 WHERE ctid = ANY (
            ARRAY (SELECT ctid FROM {table} WHERE {actor}_id = $1 AND {actor}_name <> $2 LIMIT $3)
        )
    """)  # noqa: S608 - as above


def _counted(statement: str) -> str:
    return f"WITH changed AS ({statement} RETURNING 1) SELECT count(*) FROM changed"  # noqa: S608 - as above
