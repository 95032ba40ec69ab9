"""Publishing committed events: to this process at once, to the others over the bus, and again what was left over."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from synctv.application.ports.bus import EventBus, Told
from synctv.application.ports.clock import Clock
from synctv.application.ports.events import RoomEventLog
from synctv.domain.errors import Unavailable
from synctv.domain.ids import seconds_after
from synctv.domain.rooms.events import LoggedEvent

QUEUED_EVENTS = 10_000
RELAY_EVERY_SECONDS = 2.0
RELAY_AFTER_SECONDS = 5.0
RELAY_BATCH = 500
PRUNE_EVERY_SECONDS = 30.0
PRUNE_BATCH = 10_000


class Publisher:
    """Is told of every commit (`Committed` of the transactions), and hands the events on.

    Nothing is lost when the bus or this process goes away: an event stays unpublished in the log until it was handed
    over, and the relay of any node makes up for it. It may then arrive twice, which receivers tell by its number.
    """

    def __init__(self, bus: EventBus, clock: Clock, log_window: float) -> None:
        """`log_window`: for how many seconds published events stay in the log, for clients that come back."""
        self._bus = bus
        self._clock = clock
        self._window = log_window
        self._queue: deque[LoggedEvent] = deque(maxlen=QUEUED_EVENTS)
        self._filled = asyncio.Event()
        self._local: Callable[[LoggedEvent], None] | None = None

    def listen(self, local: Callable[[LoggedEvent], None]) -> None:
        """Tells this process's hub of every commit of this process, without the way over the bus."""
        self._local = local

    def committed(self, events: Sequence[LoggedEvent]) -> None:
        """Takes the events of a commit. When the queue is full the oldest are left to the relay."""
        for event in events:
            if self._local is not None:
                self._local(event)
        self._queue.extend(events)
        self._filled.set()

    async def publish(self, log: RoomEventLog) -> None:
        """Publishes what commits bring, until cancelled."""
        while True:
            await self._filled.wait()
            self._filled.clear()
            batch = list(self._queue)
            self._queue.clear()
            try:
                await self._hand_over(log, batch)
            except Unavailable:
                await self._pause(RELAY_EVERY_SECONDS)

    async def relay(self, log: RoomEventLog) -> None:
        """Publishes what was left over and drops what is older than the window, until cancelled."""
        next_prune = self._clock.now()
        while True:
            await self._pause(RELAY_EVERY_SECONDS)
            try:
                await self._hand_over(log, await self._left_over(log))
                if self._clock.now() >= next_prune:
                    next_prune = seconds_after(self._clock.now(), PRUNE_EVERY_SECONDS)
                    await log.prune(seconds_after(self._clock.now(), -self._window), PRUNE_BATCH)
            except Unavailable:
                continue

    async def _left_over(self, log: RoomEventLog) -> Sequence[LoggedEvent]:
        return await log.unpublished(seconds_after(self._clock.now(), -RELAY_AFTER_SECONDS), RELAY_BATCH)

    async def _hand_over(self, log: RoomEventLog, events: Sequence[LoggedEvent]) -> None:
        for event in events:
            await self._bus.publish(event.room_id, Told(event))
        if events:
            await log.mark_published(events)

    async def _pause(self, seconds: float) -> None:
        await self._clock.sleep_until(seconds_after(self._clock.now(), seconds))
