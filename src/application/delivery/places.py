"""Places for what takes memory while it is fetched: so many at once, however many want one, and shared by all hosts."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager

SLOW_SECONDS = 5.0
"""Who waits longer for an upstream to begin leaves the place to others meanwhile: nothing is in memory yet."""

TIMES_FREE = 2
"""A host that has so many times the places that are free gets no more."""


class Places:
    """So many places. Who wants one for a host waits in that host's line, and the lines are served in turn.

    A slice holds its place for as long as its host takes to send it. So that a slow host, which has many slices on
    their way, keeps the others from none: one that has twice as many places as are free gets no more. Of twelve it
    has eight, beside it a second one three, and there is still one for a third. A host that has none waits only while
    all are taken.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._free = count
        self._held: Counter[str] = Counter()
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @property
    def roomy(self) -> bool:
        """Whether there is room for what nobody waits for yet."""
        return self._free > 0 and not self._lines and self._count - self._free < max(1, self._count // 2)

    async def take(self, host: str) -> None:
        """Takes one for the host, when it is its turn."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(host, deque()).append(turn)
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._leave_line(host, turn)
            else:
                self.give_back(host)  # it came at the very moment
            raise

    def give_back(self, host: str) -> None:
        """Gives back one that was taken for this host."""
        self._held[host] -= 1
        if not self._held[host]:
            del self._held[host]
        self._free += 1
        self._admit()

    def _admit(self) -> None:
        while (host := next(filter(self._may, self._lines), None)) is not None:
            turn = self._lines[host].popleft()
            self._lines.move_to_end(host)
            if not self._lines[host]:
                del self._lines[host]
            if not turn.cancelled():
                self._free -= 1
                self._held[host] += 1
                turn.set_result(None)

    def _may(self, host: str) -> bool:
        return self._free > 0 and self._held[host] < TIMES_FREE * self._free

    def _leave_line(self, host: str, turn: asyncio.Future[None]) -> None:
        line = self._lines.get(host, deque())
        if turn in line:
            line.remove(turn)
            if not line:
                del self._lines[host]


class Place:
    """At most one of the places, for one who may leave and enter again, always for the same host."""

    def __init__(self, places: Places, host: str) -> None:
        self._places = places
        self._host = host
        self._held = False

    async def enter(self) -> None:
        """Returns when it has a place."""
        if not self._held:
            await self._places.take(self._host)
            self._held = True

    def leave(self) -> None:
        """Has no place any more. More often does nothing."""
        if self._held:
            self._held = False
            self._places.give_back(self._host)

    @contextmanager
    def left_if_slow(self) -> Iterator[None]:
        """Leaves the place while the block takes longer than usual. Whoever needs it after that enters again."""
        timer = asyncio.get_running_loop().call_later(SLOW_SECONDS, self.leave)
        try:
            yield
        finally:
            timer.cancel()
