"""The database on its own, without a server: how it stands to this code, and bringing it up to date."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.embedded.errors import EmbeddedPostgresError
from synctv.adapters.postgres.embedded.server import EmbeddedPostgres
from synctv.adapters.postgres.errors import CannotUseDatabase
from synctv.entrypoints.bootstrap.settings import Settings, StorageKind


class DatabaseRefused(Exception):
    """The database can't be used. The sentence says why, and what to do."""


def migration_states(settings: Settings) -> list[tuple[str, str]]:
    """Every migration with `applied`, `pending` or `unknown` (of a newer version). Raises `DatabaseRefused`."""
    return asyncio.run(_states(settings))


def bring_up_to_date(settings: Settings) -> tuple[str, ...]:
    """Applies what is pending and returns it. Raises `DatabaseRefused`."""
    return asyncio.run(_migrate(settings))


async def _states(settings: Settings) -> list[tuple[str, str]]:
    async with opened(settings) as database:
        status = await database.status()
    found = [(status.applied, "applied"), (status.pending, "pending"), (status.unknown, "unknown")]
    return [(id, state) for ids, state in found for id in ids]


async def _migrate(settings: Settings) -> tuple[str, ...]:
    async with opened(settings) as database:
        return await database.migrate()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database of these settings, for as long as the block lasts. Raises `DatabaseRefused`."""
    if settings.storage.kind is StorageKind.MEMORY:
        raise DatabaseRefused(
            "Storage in memory has no database. Choose another with --storage or SYNCTV_STORAGE__KIND."
        )
    try:
        async with _address(settings) as url, Database.open(url) as database:
            yield database
    except (EmbeddedPostgresError, CannotUseDatabase) as error:
        raise DatabaseRefused(str(error)) from error


@asynccontextmanager
async def _address(settings: Settings) -> AsyncIterator[str]:
    """The address of the given database, or of our own one, which runs for as long as it is needed."""
    given = settings.database.url
    if settings.storage.kind is StorageKind.POSTGRES and given is not None:
        yield given.get_secret_value()
        return
    async with EmbeddedPostgres(settings.data_dir, port=settings.storage.port) as server:
        yield server.url
