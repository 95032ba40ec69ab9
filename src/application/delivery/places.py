"""Places for what takes memory while it is fetched: so many at once, however many want one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

SLOW_SECONDS = 5.0
"""Who waits longer for an upstream to begin leaves the place to others meanwhile: nothing is in memory yet."""


class Places:
    """So many places. Who wants one waits in line."""

    def __init__(self, count: int) -> None:
        self._free = asyncio.Semaphore(count)
        self._half = max(1, count // 2)
        self._taken = 0

    @property
    def roomy(self) -> bool:
        """Whether there is room for what nobody waits for yet."""
        return self._taken < self._half and not self._free.locked()

    async def take(self) -> None:
        """Takes one, when there is one."""
        await self._free.acquire()
        self._taken += 1

    def give_back(self) -> None:
        """Gives back one that was taken."""
        self._taken -= 1
        self._free.release()


class Place:
    """At most one of the places, for one who may leave and enter again."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._held = False

    async def enter(self) -> None:
        """Returns when it has a place."""
        if not self._held:
            await self._places.take()
            self._held = True

    def leave(self) -> None:
        """Has no place any more. More often does nothing."""
        if self._held:
            self._held = False
            self._places.give_back()

    @contextmanager
    def left_if_slow(self) -> Iterator[None]:
        """Leaves the place while the block takes longer than usual. Whoever needs it after that enters again."""
        timer = asyncio.get_running_loop().call_later(SLOW_SECONDS, self.leave)
        try:
            yield
        finally:
            timer.cancel()
