"""A turnstile: of many callers that come at once, each gets a turn of the event loop of its own."""

from __future__ import annotations

import asyncio

from synctv.domain.errors import Unavailable

MOST_WAITING = 512


class Turnstile:
    """Lets callers on in the order in which they came, one in each turn of the loop.

    For work of a millisecond or so that would hold the loop for as many at once as have come. Nothing is held while
    the work is done, so that one whose work waits for storage keeps nobody. Whoever finds `most` waiting gets
    `Unavailable` for `what`.
    """

    def __init__(self, what: str, most: int = MOST_WAITING) -> None:
        self._what = what
        self._most = most
        self._waiting = 0
        self._lock = asyncio.Lock()

    async def turn(self) -> None:
        """Returns in a turn of the caller's own. Raises `Unavailable` when too many wait already."""
        if self._waiting >= self._most:
            raise Unavailable(self._what)
        self._waiting += 1
        try:
            # Whoever waits for the lock is woken in a later turn than the one in which it is released.
            async with self._lock:
                await asyncio.sleep(0)
        finally:
            self._waiting -= 1
