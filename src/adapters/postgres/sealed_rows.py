"""Sealed columns in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.ids import ACCOUNT, CREDENTIAL, MAIL
from synctv.adapters.postgres.queries import LOCK
from synctv.application.accounts.authenticator import totp_place
from synctv.application.accounts.external import provider_place
from synctv.application.library.vault import place_of as login_place
from synctv.application.mail.packing import place_of
from synctv.application.ports.sealed_rows import ResealedBatch, SealedRows


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed bytes, or of none: under which key, in which table, and for which place by the row's id.

    `beside` are other columns of the row that the place is made of, after the id.
    """

    purpose: str
    what: str
    table: str
    id: str
    column: str
    place: Callable[..., str]
    beside: Sequence[str] = ()


COLUMNS: Sequence[SealedColumn] = (
    SealedColumn(
        "totp",
        "secrets of authenticator apps",
        "totp_secrets",
        "account_id",
        "sealed",
        lambda id: totp_place(ACCOUNT.show(id)),
    ),
    SealedColumn(
        "credentials",
        "secrets of identity providers",
        "identity_providers",
        "slug",
        "sealed_secret",
        provider_place,
    ),
    SealedColumn(
        "credentials",
        "sign-ins at media servers",
        "credentials",
        "id",
        "sealed",
        lambda id, owner, provider: login_place(CREDENTIAL.show(id), ACCOUNT.show(owner), provider),
        beside=("account_id", "provider"),
    ),
    SealedColumn("mail", "letters", "outgoing_mail", "id", "sealed", lambda id: place_of(MAIL.show(id))),
)
"""Every sealed column. What is sealed somewhere else gets a line here, or is lost with its key."""


class PostgresSealedRows(SealedRows):
    """The sealed bytes of one column."""

    def __init__(self, database: Database, column: SealedColumn) -> None:
        self._database = database
        self._place = column.place
        self._beside = column.beside
        self.purpose = column.purpose
        self.what = column.what
        # Names of our own, never anybody's text.
        mark = f"substring({column.column} FROM 1 FOR $2)"
        self._count = f"SELECT count(*) FROM {column.table} WHERE {mark} <> ALL($1::bytea[])"  # noqa: S608
        shown = [f"{column.id} AS id", f"{column.id}::text AS at", f"{column.column} AS sealed", *column.beside]
        self._some = f"""
            SELECT {", ".join(shown)} FROM {column.table}
            WHERE {mark} <> $1 AND ($3::text IS NULL OR {column.id}::text > $3)
            ORDER BY {column.id}::text LIMIT $4 {LOCK}
        """  # noqa: S608
        self._replace = f"UPDATE {column.table} SET {column.column} = $2 WHERE {column.id} = $1"  # noqa: S608

    async def count_but(self, marks: Collection[bytes]) -> int:
        """How many begin with none of these marks."""
        async with self._database.rows() as queries:
            return int(await queries.value(self._count, list(marks), max(map(len, marks), default=0)))

    async def reseal(
        self, mark: bytes, again: Callable[[bytes, str], bytes | None], *, after: str | None, limit: int
    ) -> ResealedBatch:
        """One batch, by the text of its ids."""
        resealed = unreadable = 0
        async with self._database.transaction(writable=True) as queries:
            rows = await queries.rows(self._some, mark, len(mark), after, limit)
            for row in rows:
                place = self._place(row["id"], *(row[name] for name in self._beside))
                sealed = again(row["sealed"], place)
                if sealed is None:
                    unreadable += 1
                    continue
                await queries.write(self._replace, row["id"], sealed)
                resealed += 1
        return ResealedBatch(resealed, unreadable, rows[-1]["at"] if len(rows) == limit else None)


def sealed_rows(database: Database) -> Sequence[SealedRows]:
    """All that is stored sealed in a database."""
    return [PostgresSealedRows(database, column) for column in COLUMNS]
