"""Databases for the tests of the PostgreSQL adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from synctv.adapters.postgres.database import Database
from tests.contracts.storage import migrated
from tests.servers.postgres import PostgresServer


@pytest.fixture
async def migrated_url(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """The address of an empty database at the newest version."""
    async with postgres_server.fresh_database(migrated) as url:
        yield url


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    """An empty database at the newest version."""
    async with Database.open(migrated_url) as database:
        yield database
