"""A clock that stands still until it is moved."""

from __future__ import annotations

import asyncio

from synctv.application.ports.clock import Clock
from synctv.domain.ids import Micros, seconds_after

START = Micros(1_767_225_600_000_000)
"""2026-01-01T00:00:00Z."""


class MemoryClock(Clock):
    """Moves only by `advance`, so that what takes an hour takes a test no time."""

    def __init__(self, start: Micros = START) -> None:
        self._now = start
        self._sleepers: dict[asyncio.Future[None], Micros] = {}

    def now(self) -> Micros:
        """The instant to which the clock has been moved."""
        return self._now

    async def sleep_until(self, instant: Micros) -> None:
        """Returns once the clock has been moved to the instant, or at once when it is there already."""
        if instant <= self._now:
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers[woken] = instant
        try:
            await woken
        finally:
            del self._sleepers[woken]

    def advance(self, seconds: float) -> None:
        """Moves the clock on and wakes whose instant has come, earliest first. They run when the caller awaits."""
        if seconds < 0:
            raise ValueError("a clock never goes backwards")
        self._now = seconds_after(self._now, seconds)
        due = [(instant, woken) for woken, instant in self._sleepers.items() if instant <= self._now]
        for _, woken in sorted(due, key=lambda sleeper: sleeper[0]):
            if not woken.done():
                woken.set_result(None)
