"""People at the hub, for tests: a connection that can be asked what it was told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TypeVar

from synctv.adapters.memory.transport import MemoryTransport
from synctv.application.realtime.connection import Connection
from synctv.application.realtime.messages import (
    Body,
    Changed,
    Mode,
    Observe,
    Query,
    Request,
    ServerMessage,
    View,
)
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import Actor
from tests.applications import Memory

M = TypeVar("M", bound=ServerMessage)
V = TypeVar("V", bound=View)


async def settle() -> None:
    """Lets everything run that can run without the clock moving."""
    for _ in range(40):
        await asyncio.sleep(0)


@dataclass
class Watcher:
    """One connection."""

    product: Memory
    transport: MemoryTransport
    connection: Connection
    _seq: int = field(default=0)

    async def ask(self, body: Body) -> ServerMessage:
        """Sends a request; its answer."""
        self._seq += 1
        self.product.application.hub.receive(self.connection, Request(self._seq, body), self.product.clock.now())
        await settle()
        answers = [one.message for one in self.transport.sent if one.seq == self._seq]
        assert len(answers) == 1, f"{body} was answered {len(answers)} times"
        return answers[0]

    async def observe(self, query: Query, name: str = "it", after_seq: int | None = None) -> ServerMessage:
        """Observes; the answer."""
        return await self.ask(Observe(name, query, Mode.SNAPSHOT, after_seq))

    def told(self, kind: type[M]) -> list[M]:
        """All messages of a kind."""
        return [one.message for one in self.transport.sent if isinstance(one.message, kind)]

    def values(self, kind: type[V], name: str = "it") -> list[V]:
        """The values that an observation brought."""
        changes = [one.value for one in self.told(Changed) if one.id == name]
        return [value for value in changes if isinstance(value, kind)]

    def seqs(self, name: str = "it") -> list[int]:
        """The room sequence numbers of an observation's pushes."""
        return [one.room_seq for one in self.told(Changed) if one.id == name]


async def connect(product: Memory, actor: Actor, room_id: RoomId) -> Watcher:
    """Connects somebody."""
    transport = MemoryTransport()
    connection = await product.application.hub.connect(actor, room_id, transport)
    assert connection is not None, transport.goodbye
    await settle()
    return Watcher(product, transport, connection)
