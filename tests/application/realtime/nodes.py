"""Several servers on one storage that can be made to wait or to fail, for tests of the hub."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from dependency_injector import providers

from synctv.adapters.memory.clock import START, MemoryClock
from synctv.adapters.memory.revocations import MemoryRevocations
from synctv.adapters.memory.short_lived import MemoryShortLived
from synctv.application.ports.bus import EventBus
from synctv.application.ports.events import RoomEventLog
from synctv.application.ports.providers import Provider
from synctv.application.ports.revocations import Revocations
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.application.realtime.tasks import Tasks
from synctv.domain.errors import Unavailable
from synctv.domain.ids import Micros, RoomId, seconds_after
from synctv.domain.rooms.events import LoggedEvent
from tests.application.realtime.watching import settle
from tests.applications import FilmProvider, Memory, MemoryPorts, cheap_passwords, memory_container


class Gate:
    """Lets readers through, or makes them wait, or turns everybody away."""

    def __init__(self) -> None:
        self._door = asyncio.Event()
        self._door.set()
        self.away = False

    def shut(self) -> None:
        """From now on everybody waits."""
        self._door = asyncio.Event()

    def open(self) -> None:
        """Lets those through who wait, and all that follow."""
        self._door.set()

    def open_for_others(self) -> asyncio.Event:
        """Lets all through that follow. Those who wait go on when the event is set."""
        waiting, self._door = self._door, asyncio.Event()
        self._door.set()
        return waiting

    async def passed(self) -> None:
        """Returns when it is open. Raises `Unavailable` while it is `away`."""
        await self._door.wait()
        self.must_be_there()

    def must_be_there(self) -> None:
        """Raises `Unavailable` while it is `away`."""
        if self.away:
            raise Unavailable("database")


class GatedTransactions(Transactions):
    """Transactions whose readers wait at a gate."""

    def __init__(self, inner: Transactions, gate: Gate) -> None:
        self._inner = inner
        self._gate = gate

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction that may write, as long as the storage is not away."""
        self._gate.must_be_there()
        async with self._inner.write() as tx:
            yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A transaction that reads; what it has read is given out when the gate lets it."""
        async with self._inner.read() as tx:
            await self._gate.passed()
            yield tx

    async def ping(self) -> None:
        """Whether the storage answers."""
        await self._gate.passed()


class GatedLog(RoomEventLog):
    """A log that is read when a gate lets it."""

    def __init__(self, inner: RoomEventLog, gate: Gate) -> None:
        self._inner = inner
        self._gate = gate

    async def after(self, room_id: RoomId, seq: int, limit: int) -> Sequence[LoggedEvent] | None:
        """The events after `seq`."""
        await self._gate.passed()
        return await self._inner.after(room_id, seq, limit)

    async def unpublished(self, before: Micros, limit: int) -> Sequence[LoggedEvent]:
        """Events that were never marked as published."""
        await self._gate.passed()
        return await self._inner.unpublished(before, limit)

    async def mark_published(self, events: Sequence[LoggedEvent]) -> None:
        """Notes that these have been handed to the bus."""
        await self._gate.passed()
        await self._inner.mark_published(events)

    async def prune(self, before: Micros, limit: int) -> int:
        """Drops old events."""
        await self._gate.passed()
        return await self._inner.prune(before, limit)


@dataclass(frozen=True)
class Nodes:
    """Servers with the same database and bus, the gate to that database, and the clock of their short-lived state."""

    all: Sequence[Memory]
    gate: Gate
    shared_clock: MemoryClock

    async def pass_time(self, seconds: float, step: float = 0.1) -> None:
        """Moves the clocks on, and lets everything run that comes due."""
        for _ in range(round(seconds / step)):
            for product in self.all:
                product.clock.advance(step)
                await settle()

    @property
    def one(self) -> Memory:
        """The first of them."""
        return self.all[0]


@asynccontextmanager
async def nodes(
    count: int = 1,
    *,
    bus: EventBus | None = None,
    revocations: Revocations | None = None,
    lag: float = 0.0,
    films: Provider | None = None,
    **settings: Any,
) -> AsyncIterator[Nodes]:
    """So many servers at work, with items whose length nobody knows. Each clock is `lag` seconds behind the last."""
    with cheap_passwords() as passwords:
        provider = films or FilmProvider(duration=None)
        ports = MemoryPorts(passwords, providers={provider.name: provider})
        short_lived, gate = MemoryShortLived(ports.clock), Gate()
        revocations = revocations or MemoryRevocations()
        async with AsyncExitStack() as stack:
            products = []
            for number in range(count):
                clock = MemoryClock(seconds_after(START, -lag * number))
                container = memory_container(replace(ports, clock=clock), settings)
                container.bus.override(providers.Object(bus or ports.bus))
                container.revocations.override(providers.Object(revocations))
                container.short_lived.override(providers.Object(short_lived))
                container.transactions.override(providers.Object(GatedTransactions(container.transactions(), gate)))
                container.event_log.override(providers.Object(GatedLog(container.event_log(), gate)))
                products.append(Memory(container.application(), container, clock))
                tasks = await stack.enter_async_context(Tasks())
                tasks.start(products[-1].application.hub.run(), "hub")
                tasks.start(container.publisher().publish(container.event_log()), "publisher")
            yield Nodes(products, gate, ports.clock)
