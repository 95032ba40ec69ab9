"""A connection that ended just before something was written to it counts as lost, whatever the loop says."""

from __future__ import annotations

import asyncio

import pytest
import uvloop

from synctv.adapters.closed_handles import is_closed_handle
from synctv.adapters.postgres.errors import postgres_errors
from synctv.adapters.redis.errors import FAILURES, calling_redis, redis_errors
from synctv.domain.errors import Unavailable


@pytest.fixture
def error() -> RuntimeError:
    """What uvloop raises."""

    async def write_too_late() -> None:
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.transport.abort()
            while True:
                writer.writelines([b"too late"])
                await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, pytest.raises(RuntimeError) as raised:
        runner.run(write_too_late())
    return raised.value


def test_the_word_of_uvloop_is_known(error: RuntimeError) -> None:
    assert is_closed_handle(error)
    assert not is_closed_handle(RuntimeError("a mistake of ours"))


async def test_redis_is_away_then(error: RuntimeError) -> None:
    with pytest.raises(FAILURES), calling_redis():
        raise error
    with pytest.raises(Unavailable), redis_errors():
        raise error


def test_the_database_is_away_then(error: RuntimeError) -> None:
    with pytest.raises(Unavailable), postgres_errors():
        raise error


async def test_a_mistake_of_ours_stays_one() -> None:
    with pytest.raises(RuntimeError, match="a mistake of ours"), redis_errors():
        raise RuntimeError("a mistake of ours")
