"""Servers for all tests: started when the first test asks for one, shared by the session, fresh for each test."""

from __future__ import annotations

import gc
import signal
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.containers import LENT

if TYPE_CHECKING:
    from types import FrameType

    # Loaded by the fixtures, so that tests without servers don't wait for drivers and container clients.
    from tests.servers.identity import MockProvider
    from tests.servers.postgres import PostgresServer
    from tests.servers.redis import RedisServer


def pytest_configure() -> None:
    """Collects garbage less often: looking through all that a product loads takes longer than most tests."""
    gc.set_threshold(20_000, 50, 100)
    _be_interrupted_by_our_own_handler()


def _be_interrupted_by_our_own_handler() -> None:
    """Keeps asyncio from exchanging Python's handler for one that knows the task, and back, at each run of a loop.

    `signal` returns the handler that was there, and before Python 3.13 writes it out in order to find that it is no
    constant: with the task, and with the whole product that a fixture's task has as its result.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def containers() -> Iterator[None]:
    """Takes back what a test built its product in."""
    with LENT.given_back():
        yield


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_server() -> AsyncIterator[PostgresServer]:
    """The session's PostgreSQL; `fresh_database(prepare)` gives prepared copies."""
    from tests.servers import postgres

    async with postgres.postgres_server() as server:
        yield server


@pytest.fixture
async def postgres_url(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """The address of an empty PostgreSQL database that only this test uses."""
    async with postgres_server.fresh_database() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """The session's Redis."""
    from tests.servers import redis

    with redis.redis_server() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of an empty Redis database that only this test uses."""
    return redis_server.fresh_database()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def mock_identity_provider() -> AsyncIterator[MockProvider]:
    """The session's OpenID provider, a real one; tests register clients of their own with it."""
    from tests.servers import identity

    async with identity.mock_provider() as provider:
        yield provider
