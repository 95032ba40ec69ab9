"""How many calls a bounded set of threads takes, and what becomes of those that wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from synctv.adapters.crypto.threads import BoundedThreads
from synctv.domain.errors import Unavailable


@contextmanager
def bounded(*, workers: int = 1, waiting: int = 0) -> Iterator[BoundedThreads]:
    made = BoundedThreads("work", "test", workers=workers, waiting=waiting)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def busy(threads: BoundedThreads) -> Iterator[None]:
    """Keeps the one thread occupied inside the block, without taking a place."""
    end = threading.Event()
    threads._threads.submit(end.wait)
    try:
        yield
    finally:
        end.set()


def one() -> int:
    return 1


async def test_work_is_done_on_a_thread_and_its_result_or_error_comes_back() -> None:
    with bounded() as threads:
        assert await threads.run(threading.get_ident) != threading.get_ident()
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 // 0)


async def test_the_loop_goes_on_while_a_thread_works() -> None:
    with bounded() as threads, busy(threads):
        working = asyncio.gather(threads.run(one))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not working.done()
        working.cancel()


async def test_one_more_than_may_wait_is_refused_and_served_later() -> None:
    with bounded(workers=1, waiting=1) as threads:
        with busy(threads):
            waiting = [asyncio.gather(threads.run(one)) for _ in range(2)]
            await asyncio.sleep(0)
            with pytest.raises(Unavailable):
                await threads.run(one)
        await asyncio.gather(*waiting)
        assert await threads.run(one) == 1


async def test_who_goes_away_while_waiting_frees_the_place() -> None:
    with bounded() as threads:
        with busy(threads):
            leaver = asyncio.gather(threads.run(one))
            await asyncio.sleep(0)
            leaver.cancel()
            await asyncio.gather(leaver, return_exceptions=True)
        assert await threads.run(one) == 1


async def test_once_closed_it_says_that_it_is_unavailable() -> None:
    with bounded() as threads:
        pass
    for _ in range(100):
        with pytest.raises(Unavailable):
            await threads.run(one)
