"""The machine's clock."""

from __future__ import annotations

import asyncio
import time

from synctv.application.ports.clock import Clock
from synctv.domain.ids import MICROS, Micros

_LONGEST_SLEEP_SECONDS = 60.0


class SystemClock(Clock):
    """The wall clock as it was when this was made, and from there on a clock that nobody sets.

    So a correction of the wall clock moves no playback and no deadline until the next start. Where the machine has a
    steady clock that goes on while it is suspended, that one is used.
    """

    def __init__(self) -> None:
        self._offset = time.time_ns() - _steady_ns()

    def now(self) -> Micros:
        """The instant now."""
        return Micros((self._offset + _steady_ns()) // 1_000)

    async def sleep_until(self, instant: Micros) -> None:
        """Returns at the instant, never earlier; at most 60 s late when the machine was suspended meanwhile."""
        while (left := (instant - self.now()) / MICROS) > 0:  # noqa: ASYNC110 - it is time that is waited for
            await asyncio.sleep(min(left, _LONGEST_SLEEP_SECONDS))


if hasattr(time, "CLOCK_BOOTTIME"):

    def _steady_ns() -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

else:

    def _steady_ns() -> int:
        return time.perf_counter_ns()
