"""A PostgreSQL for tests: yours, one in a container, or the embedded one; and a fresh database in it per test.

Taken in this order: the server named by SYNCTV_TEST_POSTGRES_URL (its role must be allowed to create databases),
testcontainers where Docker answers, the embedded binaries. None of them is an error, never a skipped test.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]

from synctv.adapters.postgres.embedded.errors import EmbeddedPostgresError
from synctv.adapters.postgres.embedded.server import EmbeddedPostgres
from synctv.adapters.postgres.embedded.settings import EmbeddedSettings
from tests.servers.containers import docker_answers
from tests.servers.scratch import scratch_folder

URL_VARIABLE: Final = "SYNCTV_TEST_POSTGRES_URL"
IMAGE: Final = "postgres:18"

Prepare = Callable[[str], Awaitable[None]]
"""Fills the database at an address (say, runs the migrations) and closes its connections."""


class PostgresServer:
    """A server in which tests get databases of their own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._templates: dict[Prepare | None, str] = {}
        self._making = asyncio.Lock()

    @asynccontextmanager
    async def fresh_database(self, prepare: Prepare | None = None) -> AsyncIterator[str]:
        """The address of a database that nobody else has, dropped afterwards with whatever is connected to it.

        `prepare` runs once per session, on a template that is then copied: pass the same function each time.
        """
        template = "template0" if prepare is None else await self._template(prepare)
        name = await self._create(template)
        try:
            yield self._address(name)
        finally:
            await self._drop(name)

    async def drop_templates(self) -> None:
        """Leave nothing behind in a server that lives on."""
        for name in self._templates.values():
            await self._drop(name)

    async def _template(self, prepare: Prepare) -> str:
        async with self._making:
            if prepare not in self._templates:
                name = await self._create("template0")
                self._templates[prepare] = name
                await prepare(self._address(name))
            return self._templates[prepare]

    async def _create(self, template: str) -> str:
        name = f"synctv_test_{secrets.token_hex(6)}"
        await self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    async def _drop(self, name: str) -> None:
        await self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _address(self, name: str) -> str:
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))


@asynccontextmanager
async def postgres_server() -> AsyncIterator[PostgresServer]:
    """The server for a whole session of tests."""
    async with _any_server() as url:
        server = PostgresServer(url)
        yield server
        await server.drop_templates()


@asynccontextmanager
async def postgres_for_tests() -> AsyncIterator[str]:
    """A server and one fresh database in it, for what runs outside pytest."""
    async with postgres_server() as server, server.fresh_database() as url:
        yield url


@asynccontextmanager
async def _any_server() -> AsyncIterator[str]:
    if url := os.environ.get(URL_VARIABLE):
        yield url
    elif docker_answers():
        async with _container() as url:
            yield url
    else:
        async with _embedded() as url:
            yield url


@asynccontextmanager
async def _container() -> AsyncIterator[str]:
    from testcontainers.community.postgres import PostgresContainer

    container = PostgresContainer(IMAGE, driver=None)
    await asyncio.to_thread(container.start)
    try:
        yield container.get_connection_url()
    finally:
        await asyncio.to_thread(container.stop)


@asynccontextmanager
async def _embedded() -> AsyncIterator[str]:
    with scratch_folder() as folder:
        # Nothing here has to survive a loss of power.
        careless = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "100"}
        server = EmbeddedPostgres(folder / "data", settings=EmbeddedSettings(options=careless))
        try:
            await server.start()
        except EmbeddedPostgresError as error:
            raise RuntimeError(
                f"There is no PostgreSQL for the tests. Set {URL_VARIABLE} to a throw-away server or start Docker, "
                f"or let the embedded one start, which said: {error}"
            ) from error
        try:
            yield server.url
        finally:
            await server.stop()
