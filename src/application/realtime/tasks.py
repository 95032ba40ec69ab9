"""Tasks with an owner: what one of them raises is logged, and ends no other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from synctv.application.ports.clock import Clock
from synctv.domain.errors import DomainError, Unavailable
from synctv.domain.ids import seconds_after

log = logging.getLogger(__name__)

AGAIN_SECONDS = 1.0
"""Work that must go on begins again so long after it failed."""


class Tasks:
    """Runs coroutines within one `async with`; leaving it cancels those that still run."""

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Tasks:
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *exception: Any) -> None:
        for task in list(self._running):
            task.cancel()
        # The group is not told what ended the block: it would wrap it, and hide it from who expects it.
        await self._group.__aexit__(None, None, None)

    def start(self, work: Coroutine[Any, Any, object], name: str) -> asyncio.Task[None]:
        """Runs a coroutine in the background."""
        task = self._group.create_task(_guarded(work, name), name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        # One that is cancelled before its first step would leave the work behind, never awaited.
        task.add_done_callback(lambda _: work.close())
        return task

    def keep(self, work: Callable[[], Coroutine[Any, Any, object]], name: str, clock: Clock) -> asyncio.Task[None]:
        """Runs what must go on for as long as the block lasts: when it fails it is begun again a little later."""
        return self.start(_kept(work, name, clock), name)


async def _kept(work: Callable[[], Coroutine[Any, Any, object]], name: str, clock: Clock) -> None:
    while True:
        await _guarded(work(), name)
        await clock.sleep_until(seconds_after(clock.now(), AGAIN_SECONDS))


async def _guarded(work: Coroutine[Any, Any, object], name: str) -> None:
    try:
        await work
    except Unavailable as error:
        log.warning("%s had to give up: %s", name, error)
    except DomainError as error:
        log.info("%s was refused: %s", name, error)
    except Exception:
        log.exception("%s failed", name)
