"""Bringing the database to the version of this code."""

from __future__ import annotations

import io
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from piccolo.apps.migrations.commands.base import BaseMigrationManager
from piccolo.apps.migrations.commands.forwards import run_forwards

from synctv.adapters.postgres.errors import CannotUseDatabase, DatabaseTooNew
from synctv.adapters.postgres.piccolo_app import APP_NAME, migrations_folder
from synctv.adapters.postgres.piccolo_conf import migrating

_LOCK_KEY = 0x73796E6374760001
"""`synctv` and a one: the advisory lock that whoever migrates holds."""
_WAIT_FOR_OTHERS_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """Ids of migrations, in their order. `unknown` ones were applied by a newer version."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]


async def migration_status(connect_arguments: Mapping[str, Any]) -> MigrationStatus:
    """How the database stands to this code. Raises `CannotUseDatabase` when it can't be asked."""
    async with _connected(connect_arguments) as connection:
        return await _status(connection)


async def migrate(connect_arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """Applies what is pending and returns it; any number of processes may do this at once.

    Raises `DatabaseTooNew`, and `CannotUseDatabase` when the database can't be reached or a migration fails, which
    leaves no trace.
    """
    async with _connected(connect_arguments) as connection:
        # Nobody who has nothing to do waits for others or loads the migrations.
        if not (await _checked(connection)).pending:
            return ()
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK_KEY, timeout=_WAIT_FOR_OTHERS_SECONDS)
        pending = (await _checked(connection)).pending
        if pending:
            await _run(connect_arguments)
        return pending


async def _run(connect_arguments: Mapping[str, Any]) -> None:
    said = io.StringIO()
    with migrating(connect_arguments), _import_path(), redirect_stdout(said):
        result = await run_forwards(APP_NAME)
    if not result.success:
        raise CannotUseDatabase(f"The database could not be brought up to date: {result.message or said.getvalue()}")


async def _checked(connection: Any) -> MigrationStatus:
    status = await _status(connection)
    if status.unknown:
        raise DatabaseTooNew(list(status.unknown))
    return status


async def _status(connection: Any) -> MigrationStatus:
    applied = await _applied(connection)
    with _import_path():
        known = sorted(BaseMigrationManager().get_migration_modules(str(migrations_folder())))
    return MigrationStatus(
        applied=tuple(id for id in known if id in applied),
        pending=tuple(id for id in known if id not in applied),
        unknown=tuple(sorted(applied - set(known))),
    )


async def _applied(connection: Any) -> set[str]:
    if await connection.fetchval("SELECT to_regclass('migration') IS NULL"):
        return set()
    return {row["name"] for row in await connection.fetch("SELECT name FROM migration WHERE app_name = $1", APP_NAME)}


@asynccontextmanager
async def _connected(connect_arguments: Mapping[str, Any]) -> AsyncIterator[Any]:
    try:
        connection = await asyncpg.connect(**connect_arguments)
        try:
            yield connection
        finally:
            connection.terminate()
    except TimeoutError as error:
        raise CannotUseDatabase("The database does not answer in time. See whether it is overloaded.") from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
        raise CannotUseDatabase(
            f"The database can't be used: {error}. Check its address, name and password."
        ) from error


@contextmanager
def _import_path() -> Iterator[None]:
    """Takes back what Piccolo does to the import path each time that it loads migrations."""
    before = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = before
