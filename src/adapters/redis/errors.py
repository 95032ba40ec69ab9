"""The one place where failures of Redis become errors of the application."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from synctv.adapters.closed_handles import is_closed_handle
from synctv.domain.errors import Unavailable

FAILURES = (RedisError, OSError)
"""Whatever the driver raises when the server can't be reached, does not answer in time or refuses. Builtin timeouts are
an `OSError`."""

_log = structlog.get_logger(__name__)


@contextmanager
def calling_redis() -> Iterator[None]:
    """Stands around each call of the driver, and raises what the driver should have raised.

    It cancels the block's task at its end if it was cancelled inside and the driver kept that to itself: the driver
    writes through `asyncio.wait_for`, which before Python 3.12 loses a cancellation that comes together with the
    result, and a loop around such a call would never end. And a connection that uvloop has closed is a lost one.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    failure: Exception | None = None
    try:
        yield
    except Exception as error:
        failure = error
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError from failure
    if failure is not None and is_closed_handle(failure):
        raise RedisConnectionError("The connection was closed by the server.") from failure
    if failure is not None:
        raise failure


@contextmanager
def redis_errors() -> Iterator[None]:
    """Turns every failure of Redis into `Unavailable`. What an operator has to mend is logged, too."""
    try:
        with calling_redis():
            yield
    except FAILURES as error:
        if isinstance(error, ResponseError) and not isinstance(error, RedisConnectionError):
            _log.error("redis_refused", error=str(error))
        raise Unavailable("Redis server") from error
