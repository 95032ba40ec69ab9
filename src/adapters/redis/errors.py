"""The one place where failures of Redis become errors of the application."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from synctv.domain.errors import Unavailable

FAILURES = (RedisError, OSError)
"""Whatever the driver raises when the server can't be reached, does not answer in time or refuses. Builtin timeouts are
an `OSError`."""

_log = structlog.get_logger(__name__)


@contextmanager
def heeding_cancellation() -> Iterator[None]:
    """Cancels the block's task at its end if it was cancelled inside and the driver kept that to itself.

    The driver writes through `asyncio.wait_for`, which before Python 3.12 loses a cancellation that comes together with
    the result; a loop around such a call would never end.
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
    if failure is not None:
        raise failure


@contextmanager
def redis_errors() -> Iterator[None]:
    """Turns every failure of Redis into `Unavailable`. What an operator has to mend is logged, too."""
    try:
        with heeding_cancellation():
            yield
    except FAILURES as error:
        if isinstance(error, ResponseError) and not isinstance(error, RedisConnectionError):
            _log.error("redis_refused", error=str(error))
        raise Unavailable("Redis server") from error
