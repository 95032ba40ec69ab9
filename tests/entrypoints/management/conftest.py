"""A management server over a memory store, and a client of it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from grpclib.client import Channel

from synctv.adapters.memory.clock import MemoryClock
from synctv.application.application import Application
from synctv.application.operation.operators import LiveCounts, ServerFacts
from synctv.application.ports.mail_sender import CannotDeliver, Message
from synctv.application.ports.oauth import AuthorizationFlow
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.transaction import Transactions
from synctv.domain.accounts.account import Account
from synctv.domain.accounts.identities import IdentityProvider
from synctv.domain.ids import MailId, Micros
from synctv.domain.library.credential import Credential
from synctv.domain.playback.playback import nothing_yet
from synctv.domain.rooms.room import Room, RoomStatus
from synctv.entrypoints.management.server import serving
from synctv.entrypoints.management.service import ManagementService
from synctv.entrypoints.wire.synctv.v1 import ManagementStub
from tests.application.library.nas import PASSWORD as NAS_PASSWORD
from tests.application.library.nas import SERVER, Nas
from tests.applications import (
    CLIENT,
    FilmProvider,
    Memory,
    MemoryPorts,
    NoOAuth,
    SilentMail,
    cheap_passwords,
    memory_container,
)
from tests.builders import a_room, an_account


class FickleOAuth(NoOAuth):
    """Providers that can be reached while `there`."""

    def __init__(self) -> None:
        self.there = False

    async def authorization_url(self, provider: IdentityProvider, flow: AuthorizationFlow) -> str:
        """Anywhere, or nowhere."""
        return "https://accounts.example" if self.there else await super().authorization_url(provider, flow)


class FickleMail(SilentMail):
    """A mail server that takes every letter, or that has a reason not to."""

    def __init__(self) -> None:
        super().__init__()
        self.there = True
        self.reason = ""

    @property
    def configured(self) -> bool:
        """Whether it is there."""
        return self.there

    async def send(self, message: Message, mail_id: MailId, written_at: Micros) -> None:
        """Takes it, or refuses."""
        if self.reason:
            raise CannotDeliver(self.reason, for_good=False)


@dataclass(slots=True)
class Server:
    """What a test needs of the server: the product behind it, its folder, and what it was told."""

    folder: Path
    passwords: PasswordHasher
    mail: FickleMail = field(default_factory=FickleMail)
    oauth: FickleOAuth = field(default_factory=FickleOAuth)
    nas: Nas = field(default_factory=Nas)
    stops: list[bool] = field(default_factory=list)
    ready: bool = True
    live: Callable[[], LiveCounts] = lambda: LiveCounts(connections=3, viewed_rooms=2)
    product: Memory = field(init=False)
    application: Application = field(init=False)

    def __post_init__(self) -> None:
        found = {"direct": FilmProvider(), "nas": self.nas}
        ports = MemoryPorts(self.passwords, mail=self.mail, oauth=self.oauth, providers=found)
        container = memory_container(ports, {"http": {"public_url": "https://watch.example.org"}})
        self.product = Memory(container.application(), container, ports.clock)
        facts = ServerFacts("1.2.3", "memory", redis=False, started_at=Micros(self.clock.now() - 1_500_000))
        operators = replace(
            self.product.application.operators,
            live=lambda: self.live(),  # noqa: PLW0108 - a test may change it later
            facts=facts,
        )
        self.application = replace(self.product.application, operators=operators)

    @property
    def clock(self) -> MemoryClock:
        return self.product.clock

    @property
    def transactions(self) -> Transactions:
        return self.application.operators.transactions

    @property
    def path(self) -> Path:
        return self.folder / "management.sock"

    async def is_ready(self) -> bool:
        return self.ready

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with serving(ManagementService(self.application, self.stops.append), self.is_ready, self.path):
            yield

    async def add_account(self, **changes: object) -> Account:
        """An account as it lies in storage, whatever it takes."""
        account = an_account(**changes)
        async with self.transactions.write() as tx:
            await tx.accounts.add(account)
        return account

    async def add_credential(self, name: str) -> Credential:
        """A login at the NAS of a new account of this name."""
        actor = await self.product.account(name)
        fields = {"server": SERVER, "username": f"{name} at home", "password": NAS_PASSWORD}
        return await self.application.credentials.sign_in(actor, "nas", "password", fields, CLIENT)

    async def add_room(self, name: str, status: RoomStatus = RoomStatus.ACTIVE) -> Room:
        """A room of somebody who is called ada."""
        room = a_room(an_account(username="ada"), name=name, status=status)
        async with self.transactions.write() as tx:
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
    with cheap_passwords() as passwords:
        yield Server(folder, passwords)


@pytest.fixture
async def channel(server: Server) -> AsyncIterator[Channel]:
    """An open connection to the running server."""
    async with server.running(), Channel(path=str(server.path)) as opened:
        yield opened


@pytest.fixture
def management(channel: Channel) -> ManagementStub:
    return ManagementStub(channel)
