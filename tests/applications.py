"""The whole product over the memory adapters, wired as the server wires it, for tests of whatever drives it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from dependency_injector import providers

from synctv.adapters.crypto.keys import Keys, SigningKey
from synctv.adapters.crypto.passwords import FAST, Argon2PasswordHasher
from synctv.adapters.memory.bus import MemoryEventBus
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.memory.ids import MemoryIds
from synctv.adapters.memory.store import MemoryStore
from synctv.application.accounts.sessions import Client, SignedIn, TokenLifetimes
from synctv.application.application import Application
from synctv.application.library.items import NewItem
from synctv.application.limits.limits import Category, Rate
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.providers import Provider, ResolvedSource
from synctv.application.ports.short_lived import ShortLived
from synctv.application.ports.transaction import Transactions
from synctv.application.realtime.tasks import Tasks
from synctv.application.rooms.lifecycle import NewRoom
from synctv.domain.accounts.account import GlobalRole
from synctv.domain.delivery.playable import Container as MediaContainer
from synctv.domain.delivery.playable import Delivery, Playable, Variant
from synctv.domain.errors import Invalid
from synctv.domain.ids import RoomId
from synctv.domain.library.item import MediaItem, MediaKind
from synctv.domain.rooms.actor import AccountActor, Actor, GuestActor
from synctv.domain.rooms.settings import RoomSettings
from synctv.entrypoints.bootstrap.container import Container
from synctv.entrypoints.bootstrap.resources import Resources
from synctv.entrypoints.bootstrap.settings import Settings

CLIENT = Client("tests", "127.0.0.1")
PASSWORD = "correct horse battery"

PLENTY: Mapping[Category, Rate] = {category: Rate(1_000_000, 60.0) for category in Category}
"""No test is slowed down unless it is about that."""


class FilmProvider(Provider):
    """Takes any `https` address for a film of so many seconds, without asking anybody."""

    name = "direct"

    def __init__(self, duration: float | None = 120.0) -> None:
        self._duration = duration

    async def resolve(self, source: Mapping[str, object]) -> ResolvedSource:
        """The film at `url`, called like the last part of it."""
        url = source.get("url")
        if not isinstance(url, str) or not url.startswith("https://"):
            raise Invalid.field("source.url", "Give an address that begins with https://.", "url")
        title = url.rpartition("/")[2] or "film"
        return ResolvedSource({"url": url}, title[:200], MediaKind.VIDEO, self._duration)

    async def play(self, item: MediaItem) -> Playable:
        """The film, straight from its address."""
        variant = Variant("source", "Original", str(item.source["url"]), Delivery.DIRECT, MediaContainer.MP4)
        return Playable(item.id, (variant,), None)


@dataclass(frozen=True, slots=True)
class MemoryPorts:
    """What an application stands on. A test replaces what it is about."""

    passwords: PasswordHasher
    clock: MemoryClock = field(default_factory=MemoryClock)
    ids: MemoryIds = field(default_factory=MemoryIds)
    store: MemoryStore = field(default_factory=MemoryStore)
    bus: MemoryEventBus = field(default_factory=MemoryEventBus)
    providers: Mapping[str, Provider] = field(default_factory=lambda: {"direct": FilmProvider()})
    rates: Mapping[Category, Rate] = field(default_factory=lambda: PLENTY)
    lifetimes: TokenLifetimes = field(default_factory=TokenLifetimes)
    guests_allowed: bool = True
    max_rooms: int = 100


@contextmanager
def cheap_passwords() -> Iterator[PasswordHasher]:
    """Real hashes that cost nothing, on threads that end with the block."""
    hasher = Argon2PasswordHasher(FAST)
    try:
        yield hasher
    finally:
        hasher.close()


def memory_container(ports: MemoryPorts, settings: Mapping[str, object] | None = None) -> Container:
    """The server's own wiring on these ports."""
    resources = Resources(
        settings=Settings.model_validate(
            {
                "storage": {"kind": "memory"},
                "server": {"guests": ports.guests_allowed},
                "rooms": {"per_account": ports.max_rooms},
                **(settings or {}),
            }
        ),
        clock=ports.clock,
        ids=ports.ids,
        keys=Keys((SigningKey("test", b"k" * 32),)),
        passwords=ports.passwords,
        fetch=MemoryFetch(),
    )
    container = Container(resources=resources)
    container.memory_store.override(providers.Object(ports.store))
    container.bus.override(providers.Object(ports.bus))
    container.media_providers.override(providers.Object(ports.providers))
    container.rates.override(providers.Object(ports.rates))
    container.token_lifetimes.override(providers.Object(ports.lifetimes))
    return container


def memory_application(
    ports: MemoryPorts, *, short_lived: ShortLived | None = None, transactions: Transactions | None = None
) -> Application:
    """The product in memory. Its hub runs when the test runs it: `application.hub.run()`."""
    container = memory_container(ports)
    if short_lived is not None:
        container.short_lived.override(providers.Object(short_lived))
    if transactions is not None:
        container.transactions.override(providers.Object(transactions))
    return container.application()


@dataclass(frozen=True)
class Memory:
    """An application with what a test wants to reach behind it."""

    application: Application
    container: Container
    clock: MemoryClock

    async def account(self, name: str, role: GlobalRole = GlobalRole.USER) -> AccountActor:
        """A new account, signed in."""
        actor, _ = await self.signed_in(name, role)
        return actor

    async def signed_in(self, name: str, role: GlobalRole = GlobalRole.USER) -> tuple[AccountActor, SignedIn]:
        """A new account with the tokens of its first session."""
        await self.application.operators.create_account(name, PASSWORD, role)
        signed_in = await self.application.sign_in.with_password(name, PASSWORD, CLIENT)
        actor = await self.application.identity.of(signed_in.access_token)
        assert isinstance(actor, AccountActor)
        return actor, signed_in

    async def room(self, owner: Actor, **settings: Any) -> RoomId:
        """A new room with these settings."""
        return await self.application.rooms.create(owner, NewRoom("Cinema", settings=RoomSettings(**settings)))

    async def member(self, name: str, room_id: RoomId) -> AccountActor:
        """A new account that has joined the room."""
        actor = await self.account(name)
        await self.application.members.join(actor, room_id, None, "")
        return actor

    async def guest(self, room_id: RoomId, name: str = "Guest") -> GuestActor:
        """A guest of the room."""
        return (await self.application.guests.enter(room_id, name, "127.0.0.1")).guest

    async def item(self, actor: Actor, room_id: RoomId, title: str = "Film") -> MediaItem:
        """A new item of unknown duration."""
        source = {"url": f"https://media.example/{title}.mp4"}
        return await self.application.items.add(actor, room_id, NewItem("direct", source, title))


@asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[Memory]:
    """The product with its hub and its publisher at work, and items whose length nobody knows."""
    with cheap_passwords() as passwords:
        ports = MemoryPorts(passwords, providers={"direct": FilmProvider(duration=None)})
        container = memory_container(ports, settings)
        product = Memory(container.application(), container, ports.clock)
        publisher, log = container.publisher(), container.event_log()
        async with Tasks() as tasks:
            tasks.start(product.application.hub.run(), "hub")
            tasks.start(publisher.publish(log), "publisher")
            yield product
