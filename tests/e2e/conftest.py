"""Whole servers for the end-to-end tests, each on free ports with a data folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.adapters.redis.server import OwnRedis
from tests.servers.films import film_address
from tests.servers.redis import redis_binary
from tests.servers.scratch import scratch_folder
from tests.servers.synctv import Setting, SynctvServer, synctv_server


class Launch(Protocol):
    """Starts a server and waits until it is ready; the test's end stops it. The same name is the same data folder."""

    def __call__(
        self, settings: Mapping[str, Setting] | None = None, *, name: str = "data", parts: Sequence[str] = ()
    ) -> Awaitable[SynctvServer]:
        """The server."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for servers, which may run as another user than the tests."""
    with scratch_folder() as found:
        yield found


@pytest.fixture
async def launch(folder: Path) -> AsyncIterator[Launch]:
    """Starts servers."""
    async with AsyncExitStack() as stack:

        async def start(
            settings: Mapping[str, Setting] | None = None, *, name: str = "data", parts: Sequence[str] = ()
        ) -> SynctvServer:
            return await stack.enter_async_context(synctv_server(folder / name, settings, parts))

        yield start


@pytest.fixture
async def film() -> AsyncIterator[str]:
    """The address of a film that servers may look at."""
    async with film_address() as url:
        yield url


@pytest.fixture
def redis(folder: Path) -> Iterator[OwnRedis]:
    """A Redis that a test may stop and start."""
    own = folder / "redis"
    own.mkdir()
    server = OwnRedis(redis_binary(), own)
    server.start()
    try:
        yield server
    finally:
        server.stop()
