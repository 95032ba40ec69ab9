"""SQL on the connection of one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from piccolo.query.base import Query
from piccolo.table import Table

from synctv.adapters.postgres.errors import postgres_errors
from synctv.domain.errors import AlreadyExists, Unavailable

Row = Mapping[str, Any]
Statement = Query[Any, Any] | str

LOCK = "FOR NO KEY UPDATE"
"""Locks a row against other writers, and not against rows that refer to it."""
_MAX_BIGINT = (1 << 63) - 1


class Queries:
    """Runs statements: SQL as text with `$1` for its arguments, or as a query that Piccolo builds.

    Usable until the transaction ends. After a statement that failed only rolling back is possible; `failure` holds why.
    """

    def __init__(self, connection: Any, *, writable: bool) -> None:
        self._connection = connection
        self._writable = writable
        self._ended = False
        self._one_at_a_time = asyncio.Lock()
        self.failure: Exception | None = None

    async def rows(self, statement: Statement, *arguments: object) -> Sequence[Row]:
        """All rows of the answer."""
        sql, values = _compiled(statement, arguments)
        async with self._one_at_a_time:
            return await self._fetch(sql, values)

    async def row(self, statement: Statement, *arguments: object) -> Row | None:
        """The first row of the answer, or None when there is none."""
        found = await self.rows(statement, *arguments)
        return found[0] if found else None

    async def value(self, statement: Statement, *arguments: object) -> Any:
        """The first column of the only row of the answer."""
        (row,) = await self.rows(statement, *arguments)
        return next(iter(row.values()))

    async def add(self, row: Table, what: str) -> None:
        """Inserts a row. Raises `AlreadyExists(what)` for one that is there, after which the transaction can go on."""
        table = type(row)
        key = table._meta.primary_key  # noqa: SLF001 - Piccolo's name for what a table tells of itself
        if await self.write(table.insert(row).on_conflict(action="DO NOTHING").returning(key)) is None:
            raise AlreadyExists(what)

    async def write(self, statement: Statement, *arguments: object) -> Row | None:
        """Runs a statement that changes something; the first row that it returns.

        Raises `RuntimeError` in a transaction that only reads.
        """
        self.must_be_writable()
        return await self.row(statement, *arguments)

    def must_be_writable(self) -> None:
        """Raises `RuntimeError` in a transaction that only reads."""
        if not self._writable:
            raise RuntimeError("This transaction only reads: begin one with write().")

    def end(self) -> None:
        """Makes this unusable."""
        self._ended = True

    async def _fetch(self, sql: str, values: Sequence[object]) -> Sequence[Row]:
        if self._ended:
            raise RuntimeError("This transaction has ended: its repositories can't be used any more.")
        if self.failure is not None:
            raise self.failure
        try:
            with postgres_errors():
                found: Sequence[Row] = await self._connection.fetch(sql, *values)
                return found
        except Exception as error:
            self.failure = error
            if isinstance(error.__cause__, TimeoutError):
                # The driver would wait for the server to confirm that it stopped, which it may never do.
                self._connection.terminate()
            raise
        except BaseException:
            self.failure = Unavailable("database")  # whoever catches a cancellation must not take this for done
            raise


def bigint(number: int) -> int:
    """The number, or the nearest one that PostgreSQL can compare with a stored one."""
    return max(-_MAX_BIGINT, min(number, _MAX_BIGINT))


def select_where(table: type[Table], condition: str) -> str:
    """SQL for all columns of the rows that meet a condition: for what runs too often to be built each time."""
    told = table._meta  # noqa: SLF001 - see above
    columns = ", ".join(f'"{column._meta.db_column_name}"' for column in told.columns)  # noqa: SLF001 - see above
    return f"SELECT {columns} FROM {told.tablename} WHERE {condition}"  # noqa: S608 - no input in it


def _compiled(statement: Statement, arguments: tuple[object, ...]) -> tuple[str, Sequence[object]]:
    if isinstance(statement, str):
        return statement, arguments
    sql, values = statement.querystrings[0].compile_string()
    return sql, values
