"""What the database remembers of the server's keys, so that a replaced one is noticed when a server starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.queries import Queries, Row, select_where
from synctv.adapters.postgres.tables import KeyCheckRow
from synctv.domain.ids import Micros

_EVERY = select_where(KeyCheckRow, "true")
_SOME = select_where(KeyCheckRow, "name = ANY($1::text[])")
_ADD = """
    INSERT INTO key_checks (name, fingerprints, check_value, recorded_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (name)
"""
_ADD_MISSING = f"{_ADD} DO NOTHING"
_ADD_OR_REPLACE = f"{_ADD} DO UPDATE SET fingerprints = $2, check_value = $3, recorded_at = $4"
_FORGET_OPAQUE = """
    WITH forgotten AS (
        UPDATE accounts SET opaque_record = NULL, version = version + 1
        WHERE opaque_record IS NOT NULL RETURNING password_hash
    )
    SELECT count(password_hash) AS replaceable, count(*) - count(password_hash) AS lost FROM forgotten
"""


@dataclass(frozen=True, slots=True)
class DeadRecords:
    """What a new OPAQUE setup costs: accounts that go on with their Argon2 hash, and those that had no other record."""

    replaceable: int
    lost: int


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What is known of the key `name`, which is not the key.

    `fingerprints` tell versions of it apart, in the order that the writer gave them. `check` is something that only the
    right key opens, or None for a key that nothing is stored under.
    """

    name: str
    fingerprints: tuple[str, ...]
    check: bytes | None
    recorded_at: Micros


class KeyChecks:
    """The checks that are recorded in one database, which all replicas share. Raises `Unavailable` while it is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> Mapping[str, KeyCheck]:
        """Every recorded check, by name."""
        async with self._database.rows() as queries:
            return _by_name(await queries.rows(_EVERY))

    async def record(self, check: KeyCheck) -> None:
        """Adds or replaces a check."""
        async with self._database.rows() as queries:
            await _write(queries, _ADD_OR_REPLACE, check)

    async def record_opaque(self, check: KeyCheck) -> DeadRecords:
        """Replaces the check of the OPAQUE setup, under which every stored record was made and is dead from now on.

        All accounts lose the record in the same transaction. Those that have an Argon2 hash as well get a new one when
        they next sign in with it. The others have no password any more, so that none counts as a way to prove oneself.
        """
        async with self._database.transaction(writable=True) as queries:
            await _write(queries, _ADD_OR_REPLACE, check)
            (found,) = await queries.rows(_FORGET_OPAQUE)
            return DeadRecords(found["replaceable"], found["lost"])

    async def first(self, checks: Sequence[KeyCheck]) -> Mapping[str, KeyCheck]:
        """Records those of the checks whose names have none yet; what is recorded under all their names now.

        Of any number of servers that start at once with different keys, one has its check recorded, and all are told
        the same.
        """
        async with self._database.transaction(writable=True) as queries:
            # In one order, so that no two starters wait for each other.
            for check in sorted(checks, key=lambda check: check.name):
                await _write(queries, _ADD_MISSING, check)
            return _by_name(await queries.rows(_SOME, [check.name for check in checks]))


async def _write(queries: Queries, statement: str, check: KeyCheck) -> None:
    await queries.write(statement, check.name, check.fingerprints, check.check, check.recorded_at)


def _by_name(rows: Sequence[Row]) -> Mapping[str, KeyCheck]:
    return {row["name"]: _key_check(row) for row in rows}


def _key_check(row: Row) -> KeyCheck:
    return KeyCheck(row["name"], tuple(row["fingerprints"]), row["check_value"], Micros(row["recorded_at"]))
