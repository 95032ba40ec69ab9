"""Things that many want at the same moment: got once, kept for a while, and failures for a moment."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from synctv.application.ports.clock import Clock
from synctv.domain.errors import TooManyCalls, UpstreamFailed, UpstreamLimited
from synctv.domain.ids import seconds_after

FAILED_SECONDS = 3.0
"""So long a failure is the answer to all who ask, so that a hundred viewers do not ask a hundred times for what is
down."""

MAX_LIMITED_SECONDS = 60.0
"""An upstream that says when it may be asked again is left alone until then, but no longer than this."""

Value = TypeVar("Value")
Failure = UpstreamFailed | TooManyCalls
"""What is the answer to all who ask: the others would but wait for it, one after the other."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long a thing is good, in seconds, and how many there may be with how many bytes altogether."""

    seconds: float
    count: int
    size: int = 1 << 40


@dataclass(slots=True)
class _Kept(Generic[Value]):
    """Whoever holds `making` makes it; the others wait. `outcome` is empty until somebody did."""

    making: asyncio.Lock = field(default_factory=asyncio.Lock)
    outcome: list[Value | Failure] = field(default_factory=list)
    size: int = 0
    until: int = 0
    users: int = 0


class Shared(Generic[Value]):
    """Values by their keys. The ones that were wanted last are kept; what somebody waits for always is.

    Who makes a value and leaves before it is there is replaced by the next who waits for it.
    """

    def __init__(self, clock: Clock, keeping: Keeping, size: Callable[[Value], int] = lambda value: 0) -> None:
        self._clock = clock
        self._keeping = keeping
        self._size_of = size
        self._kept: OrderedDict[str, _Kept[Value]] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._kept)

    async def get(self, key: str, make: Callable[[], Awaitable[Value]]) -> Value:
        """The value, made if there is none that is good. Raises what making it raises."""
        kept = self._kept.setdefault(key, _Kept())
        self._kept.move_to_end(key)
        kept.users += 1
        try:
            async with kept.making:
                if self._clock.now() >= kept.until:
                    await self._make(kept, make)
                (outcome,) = kept.outcome
        finally:
            kept.users -= 1
            self._make_room()
        if isinstance(outcome, Failure):
            # Each time that an error is raised its traceback grows, with all that the frames in it hold.
            raise outcome.with_traceback(None)
        return outcome

    async def _make(self, kept: _Kept[Value], make: Callable[[], Awaitable[Value]]) -> None:
        try:
            value = await make()
        except (UpstreamFailed, TooManyCalls) as error:
            self._note(kept, error, 0, _failed_seconds(error))
        else:
            self._note(kept, value, self._size_of(value), self._keeping.seconds)

    def _note(self, kept: _Kept[Value], outcome: Value | Failure, size: int, seconds: float) -> None:
        self._size += size - kept.size
        kept.outcome, kept.size = [outcome], size
        kept.until = seconds_after(self._clock.now(), seconds)

    def _make_room(self) -> None:
        """Forgets what is no longer good, oldest first, and more where there is too much."""
        now, keeping = self._clock.now(), self._keeping
        for key, kept in list(self._kept.items()):
            too_much = len(self._kept) > keeping.count or self._size > keeping.size
            if kept.users:
                continue
            if now < kept.until and not too_much:
                return
            self._size -= kept.size
            del self._kept[key]


def _failed_seconds(error: Failure) -> float:
    if isinstance(error, UpstreamLimited):
        return min(max(error.retry_after, FAILED_SECONDS), MAX_LIMITED_SECONDS)
    return FAILED_SECONDS
