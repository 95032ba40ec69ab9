"""Bringing the database to the version of this code."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]

from synctv.adapters.postgres.engine import migrating
from synctv.adapters.postgres.errors import CannotUseDatabase, DatabaseTooNew

APP_NAME = "synctv"

_ID = re.compile(r'^ID = "(.+)"$', re.MULTILINE)
_LOCK_KEY = 0x73796E6374760001
"""`synctv` and a one: the advisory lock that whoever migrates holds."""
_WAIT_FOR_OTHERS_SECONDS = 300.0
_CLOSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """Ids of migrations, in their order. `unknown` ones were applied by a newer version."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]


def migrations_folder() -> Path:
    """Inside the package where it is installed from a wheel, beside `src` in a checkout."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def known_migrations() -> tuple[str, ...]:
    """The ids of this code's migrations, in their order."""
    texts = (path.read_text(encoding="utf-8") for path in migrations_folder().glob("*.py"))
    return tuple(sorted(found[1] for text in texts if (found := _ID.search(text))))


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
        # Nobody who has nothing to do waits for others.
        if not (await _checked(connection)).pending:
            return ()
        await _lock(connection)
        pending = (await _checked(connection)).pending
        if pending:
            await _run(connect_arguments)
        return pending


async def _lock(connection: Any) -> None:
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK_KEY, timeout=_WAIT_FOR_OTHERS_SECONDS)
    except TimeoutError as error:
        raise CannotUseDatabase(
            "Another process has been changing this database for minutes. Wait until it is done and start again."
        ) from error


async def _run(connect_arguments: Mapping[str, Any]) -> None:
    # Costs a third of a second and many megabytes, and is hardly ever needed.
    from piccolo.apps.migrations.commands.forwards import run_forwards

    said = io.StringIO()
    try:
        with migrating(connect_arguments), _import_path(), redirect_stdout(said):
            result = await run_forwards(APP_NAME)
    except asyncpg.PostgresError as error:
        raise CannotUseDatabase(f"Bringing the database up to date failed and was undone: {error}.") from error
    if not result.success:
        raise CannotUseDatabase(f"Bringing the database up to date failed: {result.message or said.getvalue()}")


async def _checked(connection: Any) -> MigrationStatus:
    status = await _status(connection)
    if status.unknown:
        raise DatabaseTooNew(list(status.unknown))
    return status


async def _status(connection: Any) -> MigrationStatus:
    applied = await _applied(connection)
    known = known_migrations()
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
    where = _where(connect_arguments["dsn"])
    try:
        connection = await asyncpg.connect(**connect_arguments)
        try:
            yield connection
        finally:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                await connection.close(timeout=_CLOSE_SECONDS)
    except TimeoutError as error:
        raise CannotUseDatabase(f"The database{where} does not answer in time. See whether it runs.") from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
        reason = str(error).rstrip(".")
        raise CannotUseDatabase(
            f"The database{where} can't be used: {reason}. See whether it runs, and check its address and password."
        ) from error


def _where(url: str) -> str:
    """For messages: everything of the address but who signs in and how."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return f" at {parts.hostname}{port}{parts.path}" if parts.hostname else ""


@contextmanager
def _import_path() -> Iterator[None]:
    """Takes back what Piccolo does to the import path each time that it loads migrations."""
    before = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = before
