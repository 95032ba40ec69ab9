"""Calls to other servers, counted for each part of the product that makes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch, FetchRequest, FetchResponse, FetchStream, StreamRequest
from synctv.domain.delivery.upstream_status import failure
from synctv.domain.errors import DomainError
from synctv.domain.ids import MICROS

GOOD = "ok"
ABANDONED = "abandoned"
"""Who asked has left before there was an answer."""


@dataclass(slots=True)
class CallTally:
    """Calls of one caller since the start.

    `outcomes` counts those that are over by what came of them: `ok`, or the code of the error that the answer or its
    lack means. `seconds` is the sum of the times until an answer was there, read whole or, where it is streamed, its
    headers. `received_bytes` are those of bodies, decompressed.
    """

    running: int = 0
    seconds: float = 0.0
    received_bytes: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


class Calls:
    """The tallies of all callers. Callers are parts of the product, so that there are few."""

    def __init__(self) -> None:
        self._tallies: dict[str, CallTally] = {}

    def of(self, caller: str) -> CallTally:
        """The tally of one caller."""
        return self._tallies.setdefault(caller, CallTally())

    def by_caller(self) -> Mapping[str, CallTally]:
        """All that there are now. May be called from any thread."""
        return self._tallies.copy()

    def metered(self, fetch: Fetch, clock: Clock, caller: str) -> MeteredFetch:
        """The same fetch for one caller, whose calls are counted."""
        return MeteredFetch(fetch, self.of(caller), clock)


class MeteredFetch(Fetch):
    """Calls through another fetch, and counts."""

    def __init__(self, inner: Fetch, tally: CallTally, clock: Clock) -> None:
        self._inner = inner
        self._tally = tally
        self._clock = clock

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        """The answer of the other fetch."""
        with _counted(self._tally) as call, self._timed():
            answer = await self._inner.fetch(request)
            self._tally.received_bytes += len(answer.body)
            call.outcome = self._meaning(answer.status)
            return answer

    @asynccontextmanager
    async def stream(self, request: StreamRequest) -> AsyncIterator[FetchStream]:
        """The answer of the other fetch, its body counted as it is read."""
        with _counted(self._tally) as call:
            async with AsyncExitStack() as stack:
                with self._timed():
                    stream = await stack.enter_async_context(self._inner.stream(request))
                call.outcome = self._meaning(stream.status)
                yield _MeteredStream(stream, self._tally, call)

    def _meaning(self, status: int) -> str:
        return GOOD if status < 400 else failure("", status, None, self._clock.now()).code

    @contextmanager
    def _timed(self) -> Iterator[None]:
        began = self._clock.now()
        try:
            yield
        finally:
            self._tally.seconds += (self._clock.now() - began) / MICROS


@dataclass(slots=True)
class _Call:
    outcome: str = ABANDONED


class _MeteredStream(FetchStream):
    """A body whose bytes are counted. One that fails is a call that failed."""

    def __init__(self, inner: FetchStream, tally: CallTally, call: _Call) -> None:
        self.status, self.headers, self.url = inner.status, inner.headers, inner.url
        self._inner = inner
        self._tally = tally
        self._call = call

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives."""
        try:
            async for chunk in self._inner.chunks():
                self._tally.received_bytes += len(chunk)
                yield chunk
        except DomainError as error:
            self._call.outcome = error.code
            raise


@contextmanager
def _counted(tally: CallTally) -> Iterator[_Call]:
    """Counts a call while the block runs, and what came of it once it is left."""
    call = _Call()
    tally.running += 1
    try:
        yield call
    except DomainError as error:
        if call.outcome == ABANDONED:
            call.outcome = error.code
        raise
    finally:
        tally.running -= 1
        tally.outcomes[call.outcome] += 1
