"""Passkeys, authenticator apps and recovery codes in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from synctv.adapters.postgres.ids import ACCOUNT, PASSKEY
from synctv.adapters.postgres.queries import LOCK, Queries, Row, select_where
from synctv.adapters.postgres.tables import PasskeyRow, TotpSecretRow
from synctv.application.ports.factors import Passkeys, RecoveryCodes, TotpSecrets
from synctv.domain.accounts.factors import Passkey, TotpSecret
from synctv.domain.errors import NotFound
from synctv.domain.ids import AccountId, Micros, PasskeyId

_PASSKEY = select_where(PasskeyRow, "credential_id = $1")
_LOCKED_PASSKEY = f"{_PASSKEY} {LOCK}"
_PASSKEYS = f"{select_where(PasskeyRow, 'account_id = $1')} ORDER BY created_at, id"
_UPDATE_PASSKEY = """
    UPDATE passkeys SET sign_count = $3, name = $4, transports = $5, synced = $6, used_at = $7
    WHERE id = $1 AND account_id = $2 RETURNING id
"""
_REMOVE_PASSKEY = "DELETE FROM passkeys WHERE account_id = $1 AND id = $2 RETURNING id"
_TOTP = select_where(TotpSecretRow, "account_id = $1")
_LOCKED_TOTP = f"{_TOTP} {LOCK}"
_SAVE_TOTP = """
    INSERT INTO totp_secrets (account_id, sealed, last_step, created_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account_id) DO UPDATE SET sealed = $2, last_step = $3, created_at = $4
"""
_REMOVE_TOTP = "DELETE FROM totp_secrets WHERE account_id = $1 RETURNING account_id"
# Without it, two sets that replace the old one at once would both stay.
_LOCK_ACCOUNT = f"SELECT id FROM accounts WHERE id = $1 {LOCK}"  # noqa: S608 - no input in it
_DROP_CODES = "DELETE FROM recovery_codes WHERE account_id = $1"
_ADD_CODES = "INSERT INTO recovery_codes (account_id, digest) SELECT $1, unnest($2::bytea[])"
# Whoever comes second waits for the first here, and then finds the code used.
_USE_CODE = """
    UPDATE recovery_codes SET used_at = $3 WHERE account_id = $1 AND digest = $2 AND used_at IS NULL RETURNING digest
"""
_CODES_LEFT = "SELECT count(*) FROM recovery_codes WHERE account_id = $1 AND used_at IS NULL"


class PostgresPasskeys(Passkeys):
    """Passkeys, whose credential ids are unique."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def add(self, passkey: Passkey) -> None:
        """Stores a new passkey. Raises `NotFound` for an account that isn't there."""
        row = PasskeyRow(
            id=PASSKEY.store(passkey.id),
            account_id=ACCOUNT.store(passkey.account_id),
            credential_id=passkey.credential_id,
            public_key=passkey.public_key,
            sign_count=passkey.sign_count,
            name=passkey.name,
            transports=list(passkey.transports),
            synced=passkey.synced,
            created_at=passkey.created_at,
            used_at=passkey.used_at,
        )
        await self._queries.add(row, "passkey")

    async def by_credential(self, credential_id: bytes, *, lock: bool = False) -> Passkey | None:
        """The passkey; with `lock`, its row is locked."""
        if lock:
            self._queries.must_be_writable()
        row = await self._queries.row(_LOCKED_PASSKEY if lock else _PASSKEY, credential_id)
        return _passkey(row) if row else None

    async def of_account(self, account_id: AccountId) -> Sequence[Passkey]:
        """The account's passkeys, oldest first."""
        return [_passkey(row) for row in await self._queries.rows(_PASSKEYS, ACCOUNT.find(account_id))]

    async def update(self, passkey: Passkey) -> None:
        """Replaces it. Its account, its credential and its key never change."""
        updated = await self._queries.write(
            _UPDATE_PASSKEY,
            PASSKEY.find(passkey.id),
            ACCOUNT.find(passkey.account_id),
            passkey.sign_count,
            passkey.name,
            passkey.transports,
            passkey.synced,
            passkey.used_at,
        )
        if updated is None:
            raise NotFound("passkey")

    async def remove(self, account_id: AccountId, passkey_id: PasskeyId) -> bool:
        """Removes a passkey of this account; whether it was there."""
        removed = await self._queries.write(_REMOVE_PASSKEY, ACCOUNT.find(account_id), PASSKEY.find(passkey_id))
        return removed is not None


class PostgresTotpSecrets(TotpSecrets):
    """Authenticator apps by account."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def get(self, account_id: AccountId, *, lock: bool = False) -> TotpSecret | None:
        """The account's; with `lock`, its row is locked."""
        if lock:
            self._queries.must_be_writable()
        row = await self._queries.row(_LOCKED_TOTP if lock else _TOTP, ACCOUNT.find(account_id))
        return _secret(row) if row else None

    async def save(self, secret: TotpSecret) -> None:
        """Adds or replaces it. Raises `NotFound` for an account that isn't there."""
        account = ACCOUNT.store(secret.account_id)
        await self._queries.write(_SAVE_TOTP, account, secret.sealed, secret.last_step, secret.created_at)

    async def remove(self, account_id: AccountId) -> bool:
        """Removes it; whether it was there."""
        return await self._queries.write(_REMOVE_TOTP, ACCOUNT.find(account_id)) is not None


class PostgresRecoveryCodes(RecoveryCodes):
    """The codes of the newest set, used up or not."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def replace(self, account_id: AccountId, digests: Collection[bytes]) -> None:
        """Makes these the account's codes. Raises `NotFound` for an account that isn't there."""
        account = ACCOUNT.store(account_id)
        if await self._queries.write(_LOCK_ACCOUNT, account) is None:
            raise NotFound("account")
        await self._queries.write(_DROP_CODES, account)
        await self._queries.write(_ADD_CODES, account, sorted(set(digests)))

    async def use(self, account_id: AccountId, digest: bytes, now: Micros) -> bool:
        """Uses a code up."""
        return await self._queries.write(_USE_CODE, ACCOUNT.find(account_id), digest, now) is not None

    async def left(self, account_id: AccountId) -> int:
        """How many are unused."""
        return int(await self._queries.value(_CODES_LEFT, ACCOUNT.find(account_id)))


def _passkey(row: Row) -> Passkey:
    return Passkey(
        id=PASSKEY.show(row["id"]),
        account_id=ACCOUNT.show(row["account_id"]),
        credential_id=row["credential_id"],
        public_key=row["public_key"],
        sign_count=row["sign_count"],
        name=row["name"],
        transports=tuple(row["transports"]),
        synced=row["synced"],
        created_at=Micros(row["created_at"]),
        used_at=None if row["used_at"] is None else Micros(row["used_at"]),
    )


def _secret(row: Row) -> TotpSecret:
    return TotpSecret(ACCOUNT.show(row["account_id"]), row["sealed"], row["last_step"], Micros(row["created_at"]))
