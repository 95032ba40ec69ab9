"""The connection to one PostgreSQL database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from synctv.adapters.postgres.errors import postgres_errors
from synctv.adapters.postgres.migration import MigrationStatus, migrate, migration_status
from synctv.adapters.postgres.queries import Queries

_CLOSE_SECONDS = 5.0
_GRACE_SECONDS = 5.0
"""How much later than the server the client gives up waiting for a statement."""
_IDLE_IN_TRANSACTION_SECONDS = 60.0
"""A process that freezes inside a transaction loses it, so that its locks hold nobody up for longer."""
_SESSION = {"application_name": "synctv", "TimeZone": "UTC"}
_DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class DatabaseLimits:
    """How many connections there are at most, and how long to wait at most, in seconds.

    `connect` bounds making a connection and also waiting for a free one; `statement` includes waiting for locks.
    """

    connections: int = 10
    connect: float = 5.0
    statement: float = 10.0


class Database:
    """A pool of connections, which are made when they are needed and made anew after they broke.

    So it outlives the server: while that is away everything raises `Unavailable`, and afterwards it works again.
    """

    def __init__(self, pool: Any, connect_arguments: Mapping[str, Any], limits: DatabaseLimits) -> None:
        self._pool = pool
        self._connect_arguments = connect_arguments
        self._limits = limits

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, limits: DatabaseLimits | None = None) -> AsyncIterator[Database]:
        """The database at a `postgresql://` URL, until the block is left. Nothing is connected to yet."""
        limits = limits or DatabaseLimits()
        pool = await asyncpg.create_pool(
            **_for_pool(url, limits), min_size=0, max_size=limits.connections, reset=_nothing_to_reset
        )
        try:
            yield cls(pool, _for_one(url, limits), limits)
        finally:
            await _close(pool)

    async def moved(self, url: str) -> None:
        """The database is reached at another address from now on. Transactions under way end where they began."""
        self._connect_arguments = _for_one(url, self._limits)
        self._pool.set_connect_args(**_for_pool(url, self._limits))
        await self._pool.expire_connections()

    async def migrate(self) -> tuple[str, ...]:
        """Brings the database to the version of this code, and returns the ids of the migrations that this took.

        Any number of processes may do this at once. Raises `CannotUseDatabase`, of which `DatabaseTooNew` says that a
        newer version wrote it.
        """
        return await migrate(self._connect_arguments)

    async def status(self) -> MigrationStatus:
        """How the database stands to this code. Raises `CannotUseDatabase`."""
        return await migration_status(self._connect_arguments)

    async def ping(self) -> None:
        """Returns when the database answers a query; raises `Unavailable` otherwise."""
        async with self._connection() as connection:
            with postgres_errors():
                await connection.fetchval("SELECT 1", timeout=self._limits.connect)

    @asynccontextmanager
    async def transaction(self, *, writable: bool) -> AsyncIterator[Queries]:
        """Statements of one transaction, which the end of the block commits and an exception rolls back.

        When it only reads, all its statements see the database as it is at the first one. When it writes, each
        statement sees what is committed by then, and rows are locked where a repository says so. Raises what
        `postgres_errors` raises. A block that swallows the error of a failed statement can't commit: it raises that
        error at its end.

        Cancelled in the very moment of the commit, it may have been committed; its events are then found in the log.
        """
        async with self._connection() as connection:
            transaction = (
                connection.transaction()
                if writable
                else connection.transaction(isolation="repeatable_read", readonly=True)
            )
            with postgres_errors():
                await transaction.start()
            queries = Queries(connection, writable=writable)
            try:
                yield queries
                if queries.failure is not None:
                    raise queries.failure
            except BaseException:
                with suppress(*_DRIVER_ERRORS):  # a connection that broke has nothing to roll back
                    await transaction.rollback()
                raise
            finally:
                queries.end()
            with postgres_errors():
                await transaction.commit()

    @asynccontextmanager
    async def rows(self) -> AsyncIterator[Queries]:
        """Statements that are each a transaction of their own. Raises what `postgres_errors` raises."""
        async with self._connection() as connection:
            queries = Queries(connection, writable=True)
            try:
                yield queries
            finally:
                queries.end()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        with postgres_errors():
            connection = await self._pool.acquire(timeout=self._limits.connect)
        try:
            yield connection
        finally:
            with suppress(*_DRIVER_ERRORS):  # what can't be handed back in order is closed, and another one is made
                await self._pool.release(connection, timeout=self._limits.connect)


def _for_one(url: str, limits: DatabaseLimits) -> dict[str, Any]:
    """For a connection beside the pool, which may run statements for as long as a migration takes."""
    return {"dsn": url, "timeout": limits.connect, "server_settings": _SESSION}


def _for_pool(url: str, limits: DatabaseLimits) -> dict[str, Any]:
    settings = {
        **_SESSION,
        "statement_timeout": _milliseconds(limits.statement),
        "idle_in_transaction_session_timeout": _milliseconds(_IDLE_IN_TRANSACTION_SECONDS),
    }
    one = _for_one(url, limits)
    return {**one, "server_settings": settings, "command_timeout": limits.statement + _GRACE_SECONDS}


def _milliseconds(seconds: float) -> str:
    return str(max(1, round(seconds * 1_000)))


async def _nothing_to_reset(_connection: Any) -> None:
    """No statement here changes the session, so handing a connection back costs no round trip."""


async def _close(pool: Any) -> None:
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await pool.close()
    except TimeoutError:
        pool.terminate()
