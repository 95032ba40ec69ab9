"""Errors as gRPC tells them: the status of the one table, the sentence as the message, the code beside it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from grpclib import GRPCError, Status
from grpclib.events import SendTrailingMetadata

from synctv.entrypoints.errors import INTERNAL, problem_of

CODE = "synctv-code"
RETRY_AFTER = "synctv-retry-after"

log = logging.getLogger(__name__)

_trailers: ContextVar[dict[str, str] | None] = ContextVar("management_trailers", default=None)


@contextmanager
def told_as_status() -> Iterator[None]:
    """Turns whatever fails inside into a gRPC status. What is not in the table is logged, and says nothing."""
    try:
        yield
    except Exception as error:
        problem = problem_of(error)
        if problem is INTERNAL:
            log.exception("A management call failed")
        trailers = {CODE: problem.code}
        if problem.retry_after is not None:
            trailers[RETRY_AFTER] = f"{problem.retry_after:g}"
        _trailers.set(trailers)
        raise GRPCError(Status[problem.grpc], problem.detail) from error


async def add_code(event: SendTrailingMetadata) -> None:
    """Adds the code of the failure to the end of the call, which runs in the same task as the call itself."""
    event.metadata.update(_trailers.get() or {})
