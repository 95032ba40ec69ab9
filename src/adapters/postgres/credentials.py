"""Logins at provider servers in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from synctv.adapters.postgres.ids import ACCOUNT, CREDENTIAL
from synctv.adapters.postgres.queries import LOCK, Queries, Row, bigint, select_where
from synctv.adapters.postgres.tables import CredentialRow
from synctv.application.ports.credentials import CredentialStore
from synctv.domain.errors import VersionConflict
from synctv.domain.ids import AccountId, CredentialId, Micros
from synctv.domain.library.credential import Credential, CredentialState

_FIRST = UUID(int=0)
_ONE = select_where(CredentialRow, "id = $1")
_LOCKED = f"{_ONE} {LOCK}"
_OF_ACCOUNT = f"{select_where(CredentialRow, 'account_id = $1')} ORDER BY created_at, id"
_PAGE = f"{select_where(CredentialRow, 'id > $1')} ORDER BY id LIMIT $2"
_UPDATE = """
    UPDATE credentials SET sealed = $3, state = $4, checked_at = $5, version = $6
    WHERE id = $1 AND version = $2 RETURNING id
"""
_REMOVE = "DELETE FROM credentials WHERE account_id = $1 AND id = $2 RETURNING id"
_RESEAL = "UPDATE credentials SET sealed = $3 WHERE id = $1 AND sealed = $2 RETURNING id"


class PostgresCredentialStore(CredentialStore):
    """Credentials. No two of an account have provider, server and label in common."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def add(self, credential: Credential) -> None:
        """Stores a new one."""
        row = CredentialRow(
            id=CREDENTIAL.store(credential.id),
            account_id=ACCOUNT.store(credential.owner),
            provider=credential.provider,
            server=credential.server,
            label=credential.label,
            sealed=credential.sealed,
            state=credential.state.value,
            created_at=credential.created_at,
            checked_at=credential.checked_at,
            version=credential.version,
        )
        await self._queries.add(row, "sign-in")

    async def get(self, credential_id: CredentialId, *, lock: bool = False) -> Credential | None:
        """The credential; with `lock`, its row is locked."""
        if lock:
            self._queries.must_be_writable()
        row = await self._queries.row(_LOCKED if lock else _ONE, CREDENTIAL.find(credential_id))
        return _credential(row) if row else None

    async def of_account(self, owner: AccountId) -> Sequence[Credential]:
        """The account's credentials, oldest first."""
        return [_credential(row) for row in await self._queries.rows(_OF_ACCOUNT, ACCOUNT.find(owner))]

    async def update(self, credential: Credential, expected_version: int) -> None:
        """Replaces what may change of it."""
        updated = await self._queries.write(
            _UPDATE,
            CREDENTIAL.find(credential.id),
            bigint(expected_version),
            credential.sealed,
            credential.state.value,
            credential.checked_at,
            credential.version,
        )
        if updated is None:
            raise VersionConflict("sign-in", await self.get(credential.id))

    async def remove(self, owner: AccountId, credential_id: CredentialId) -> bool:
        """Removes a credential of this account; whether it was there."""
        return await self._queries.write(_REMOVE, ACCOUNT.find(owner), CREDENTIAL.find(credential_id)) is not None

    async def page(self, after: CredentialId | None, limit: int) -> Sequence[Credential]:
        """Everybody's, in the order of their ids."""
        start = _FIRST if after is None else CREDENTIAL.find(after)
        return [_credential(row) for row in await self._queries.rows(_PAGE, start, max(limit, 0))]

    async def reseal(self, credential_id: CredentialId, before: bytes, after: bytes) -> bool:
        """Replaces the sealed bytes if they are still `before`."""
        return await self._queries.write(_RESEAL, CREDENTIAL.find(credential_id), before, after) is not None


def _credential(row: Row) -> Credential:
    return Credential(
        id=CREDENTIAL.show(row["id"]),
        owner=ACCOUNT.show(row["account_id"]),
        provider=row["provider"],
        server=row["server"],
        label=row["label"],
        sealed=row["sealed"],
        state=CredentialState(row["state"]),
        created_at=Micros(row["created_at"]),
        checked_at=Micros(row["checked_at"]),
        version=row["version"],
    )
