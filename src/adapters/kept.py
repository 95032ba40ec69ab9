"""What others publish, kept for a while."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from synctv.application.ports.clock import Clock
from synctv.domain.errors import DomainError
from synctv.domain.ids import Micros, seconds_after

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Loaded(Generic[T]):
    value: T
    at: Micros


@dataclass(slots=True)
class _Place(Generic[T]):
    """The last good value, when it was last tried to get one, and how the last attempt ended."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    loaded: _Loaded[T] | None = None
    tried_at: Micros | None = None
    outcome: _Loaded[T] | DomainError | None = None


class Kept(Generic[T]):
    """Keeps `places` things, each for `seconds`; the one that was wanted longest ago makes room.

    Whoever wants a thing while it is being loaded waits for that and shares its outcome, the failure too: however many
    come at once, there is one call for all of them. When who made it goes away, the next in line makes it.
    """

    def __init__(self, clock: Clock, *, places: int, seconds: float, pause_seconds: float) -> None:
        self._clock = clock
        self._number = places
        self._seconds = seconds
        self._pause = pause_seconds
        self._places: OrderedDict[str, _Place[T]] = OrderedDict()

    async def get(self, name: str, load: Callable[[], Awaitable[T]]) -> T:
        """The thing, loaded where it is not there or too old. Raises what `load` raises."""
        place = self._place(name)
        if place.loaded is not None and self._within(place.loaded.at, self._seconds):
            return place.loaded.value
        return await self._load(place, load)

    async def renewed(self, name: str, load: Callable[[], Awaitable[T]]) -> T:
        """The thing, loaded anew unless that was tried less than the pause ago. Raises what `load` raises."""
        place = self._place(name)
        if place.loaded is not None and not place.lock.locked() and self._within(place.tried_at, self._pause):
            return place.loaded.value
        return await self._load(place, load)

    def _place(self, name: str) -> _Place[T]:
        place = self._places.setdefault(name, _Place())
        self._places.move_to_end(name)
        if len(self._places) > self._number:
            self._places.popitem(last=False)
        return place

    def _within(self, instant: Micros | None, seconds: float) -> bool:
        return instant is not None and self._clock.now() < seconds_after(instant, seconds)

    async def _load(self, place: _Place[T], load: Callable[[], Awaitable[T]]) -> T:
        before = place.outcome
        async with place.lock:
            outcome = place.outcome
            if outcome is None or outcome is before:  # nobody tried while this waited
                outcome = place.outcome = await self._try(place, load)
        if isinstance(outcome, DomainError):
            raise outcome.with_traceback(None)
        return outcome.value

    async def _try(self, place: _Place[T], load: Callable[[], Awaitable[T]]) -> _Loaded[T] | DomainError:
        place.tried_at = self._clock.now()
        try:
            place.loaded = _Loaded(await load(), place.tried_at)
        except DomainError as error:
            return error
        return place.loaded
