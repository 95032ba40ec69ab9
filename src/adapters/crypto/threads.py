"""Slow computations on threads of their own, with a bound on how many may wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from synctv.domain.errors import Unavailable

T = TypeVar("T")


class BoundedThreads:
    """`workers` calls at once; `waiting` more may queue, and one beyond those is refused with `Unavailable`.

    The bound keeps what the work needs at `workers` times its cost, and a flood of calls from delaying everybody
    without end. `what` is what the person is told to be unavailable, `name` begins the names of the threads.
    """

    def __init__(self, what: str, name: str, *, workers: int, waiting: int) -> None:
        self._what = what
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._places = BoundedSemaphore(workers + waiting)

    async def run(self, work: Callable[[], T]) -> T:
        """What the work returns or raises. It must let go of the interpreter's lock to leave the loop its time."""
        if not self._places.acquire(blocking=False):
            raise Unavailable(self._what)
        try:
            future = self._threads.submit(work)
        except RuntimeError as error:  # closed: the server is stopping
            self._places.release()
            raise Unavailable(self._what) from error
        # The place is free when the work is, not when a caller who went away stops waiting for it.
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Drops what waits, and returns when the threads have ended."""
        self._threads.shutdown(wait=True, cancel_futures=True)
