"""A management server over a memory store, and a client of it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from grpclib.client import Channel

from synctv.adapters.crypto.passwords import FAST, Argon2PasswordHasher
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.ids import MemoryIds
from synctv.adapters.memory.short_lived import MemoryShortLived
from synctv.adapters.memory.store import MemoryStore
from synctv.adapters.memory.transaction import MemoryTransactions
from synctv.application.operation.operators import LiveCounts, Operators, ServerFacts
from synctv.application.realtime.audience import Audience
from synctv.domain.ids import AccountId, Micros, RoomId
from synctv.domain.playback.playback import nothing_yet
from synctv.domain.rooms.actor import ActorKind, ActorRef
from synctv.domain.rooms.room import Room, RoomStatus, Visibility, room_code
from synctv.domain.rooms.settings import RoomSettings
from synctv.entrypoints.management.server import serving
from synctv.entrypoints.management.service import ManagementService
from synctv.entrypoints.wire.synctv.v1 import ManagementStub


@dataclass(slots=True)
class Server:
    """What a test needs of the server: its parts, its folder, and what it was told."""

    folder: Path
    clock: MemoryClock
    passwords: Argon2PasswordHasher
    stops: list[bool] = field(default_factory=list)
    ready: bool = True
    live: Callable[[], LiveCounts] = lambda: LiveCounts(connections=3, viewed_rooms=2)
    operators: Operators = field(init=False)

    def __post_init__(self) -> None:
        facts = ServerFacts("1.2.3", "memory", redis=False, started_at=Micros(self.clock.now() - 1_500_000))
        self.operators = Operators(
            transactions=MemoryTransactions(MemoryStore(), lambda _: None),
            passwords=self.passwords,
            clock=self.clock,
            ids=MemoryIds(),
            audience=Audience(MemoryShortLived(self.clock)),
            live=lambda: self.live(),  # noqa: PLW0108 - a test may change it later
            facts=facts,
        )

    @property
    def path(self) -> Path:
        return self.folder / "management.sock"

    async def is_ready(self) -> bool:
        return self.ready

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with serving(ManagementService(self.operators, self.stops.append), self.is_ready, self.path):
            yield

    async def add_room(self, name: str, status: RoomStatus = RoomStatus.ACTIVE) -> Room:
        ids = self.operators.ids
        room = Room(
            id=RoomId(ids.new("room")),
            code=room_code(ids.random(64)),
            name=name,
            description="",
            visibility=Visibility.PUBLIC,
            password_hash=None,
            owner=ActorRef(AccountId(ids.new("usr")), "ada", ActorKind.ACCOUNT),
            settings=RoomSettings(),
            status=status,
            guest_version=1,
            created_at=self.clock.now(),
            version=1,
        )
        async with self.operators.transactions.write() as tx:
            await tx.rooms.add(room)
            await tx.playbacks.add(room.id, nothing_yet(self.clock.now()))
        return room


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="synctv-") as name:
        yield Path(name)


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    passwords = Argon2PasswordHasher(FAST)
    yield Server(folder, MemoryClock(), passwords)
    passwords.close()


@pytest.fixture
async def channel(server: Server) -> AsyncIterator[Channel]:
    """An open connection to the running server."""
    async with server.running(), Channel(path=str(server.path)) as opened:
        yield opened


@pytest.fixture
def management(channel: Channel) -> ManagementStub:
    return ManagementStub(channel)
