"""The one place where failures of Redis become errors of the application."""

from __future__ import annotations

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
def redis_errors() -> Iterator[None]:
    """Turns every failure of Redis into `Unavailable`. What an operator has to mend is logged, too."""
    try:
        yield
    except FAILURES as error:
        if isinstance(error, ResponseError) and not isinstance(error, RedisConnectionError):
            _log.error("redis_refused", error=str(error))
        raise Unavailable("Redis server") from error
