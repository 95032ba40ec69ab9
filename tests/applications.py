"""The whole product over the memory adapters, wired as the server wires it, for tests of whatever drives it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from dependency_injector import providers

from synctv.adapters.aiohttp.egress import AiohttpEgressGate
from synctv.adapters.crypto.keys import KeyRing, Keys, SigningKey
from synctv.adapters.crypto.opaque import RustOpaque
from synctv.adapters.crypto.passwords import FAST, Argon2PasswordHasher
from synctv.adapters.memory.bus import MemoryEventBus
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.memory.ids import MemoryIds
from synctv.adapters.memory.slices import MemorySliceStore
from synctv.adapters.memory.store import MemoryStore
from synctv.application.accounts.client import Client
from synctv.application.accounts.sessions import SignedIn, TokenLifetimes
from synctv.application.application import Application
from synctv.application.library.items import NewItem
from synctv.application.limits.limits import Category, Rate
from synctv.application.mail.packing import place_of, unpack
from synctv.application.ports.letters import Letter
from synctv.application.ports.mail_sender import MailSender, Message
from synctv.application.ports.oauth import AuthorizationAnswer, AuthorizationFlow, OAuth
from synctv.application.ports.opaque import Opaque
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.providers import Login, Manifest, PlayRequest, Provider, ResolvedSource, Source
from synctv.application.ports.short_lived import ShortLived
from synctv.application.ports.transaction import Transactions
from synctv.application.ports.webauthn import Site
from synctv.application.realtime.tasks import Tasks
from synctv.application.rooms.lifecycle import NewRoom
from synctv.domain.accounts.account import GlobalRole
from synctv.domain.accounts.identities import ExternalIdentity, IdentityProvider
from synctv.domain.delivery.offer import Offer, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Container as MediaContainer
from synctv.domain.errors import Invalid, UpstreamFailed
from synctv.domain.ids import MailId, Micros, RoomId
from synctv.domain.library.item import MediaItem, MediaKind
from synctv.domain.rooms.actor import AccountActor, Actor, GuestActor
from synctv.domain.rooms.settings import RoomSettings
from synctv.entrypoints.bootstrap.container import Container
from synctv.entrypoints.bootstrap.page_address import PageAddress
from synctv.entrypoints.bootstrap.resources import Resources
from synctv.entrypoints.bootstrap.settings import Settings
from tests.adapters.extractors.scripted import ScriptedExtractor
from tests.containers import LENT

CLIENT = Client("tests", "127.0.0.1")
PASSWORD = "correct horse battery"
SITE = Site("https://watch.example.org", "watch.example.org")

PLENTY: Mapping[Category, Rate] = {category: Rate(1_000_000, 60.0) for category in Category}
"""No test is slowed down unless it is about that."""


class FilmProvider(Provider):
    """Takes any `https` address for a film of so many seconds, without asking anybody."""

    manifest = Manifest("direct", "Films", 50)

    def __init__(self, duration: float | None = 120.0) -> None:
        self._duration = duration

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """The film at `url`, called like the last part of it."""
        url = source.get("url")
        if not isinstance(url, str) or not url.startswith("https://"):
            raise Invalid.field("source.url", "Give an address that begins with https://.", "url")
        title = url.rpartition("/")[2] or "film"
        return [ResolvedSource({"url": url}, title[:200], MediaKind.VIDEO, self._duration)]

    async def play(self, request: PlayRequest) -> Offer:
        """The film, straight from its address."""
        upstream = Upstream(str(request.source["url"]))
        return Offer((OfferedVariant("source", "Original", MediaContainer.MP4, upstream, public=True),))


class SilentMail(MailSender):
    """A mail server that is always there, and delivers nothing: tests read the outbox."""

    def __init__(self, *, configured: bool = True) -> None:
        self._configured = configured

    @property
    def configured(self) -> bool:
        """As it was made."""
        return self._configured

    async def send(self, message: Message, mail_id: MailId, written_at: Micros) -> None:
        """Takes the letter."""


class NoOAuth(OAuth):
    """No provider anywhere."""

    async def authorization_url(self, provider: IdentityProvider, flow: AuthorizationFlow) -> str:
        """Fails."""
        raise UpstreamFailed(provider.slug, "there is no such server.")

    async def identity(
        self, provider: IdentityProvider, secret: str | None, flow: AuthorizationFlow, answer: AuthorizationAnswer
    ) -> ExternalIdentity:
        """Fails."""
        raise UpstreamFailed(provider.slug, "there is no such server.")


@dataclass(frozen=True, slots=True)
class MemoryPorts:
    """What an application stands on. A test replaces what it is about."""

    passwords: PasswordHasher
    clock: MemoryClock = field(default_factory=MemoryClock)
    ids: MemoryIds = field(default_factory=MemoryIds)
    store: MemoryStore = field(default_factory=MemoryStore)
    bus: MemoryEventBus = field(default_factory=MemoryEventBus)
    opaque: Opaque = field(default_factory=lambda: RustOpaque(None))
    """Off, since each of its records costs 30 ms. Tests that are about it turn it on."""
    mail: MailSender = field(default_factory=SilentMail)
    oauth: OAuth = field(default_factory=NoOAuth)
    providers: Mapping[str, Provider] = field(default_factory=lambda: {"direct": FilmProvider()})
    rates: Mapping[Category, Rate] = field(default_factory=lambda: PLENTY)
    lifetimes: TokenLifetimes = field(default_factory=TokenLifetimes)
    guests_allowed: bool = True
    max_rooms: int = 100


def keys_for_tests() -> Keys:
    """One key for each purpose."""
    return Keys(
        tokens=_ring("tokens"),
        credentials=_ring("credentials"),
        totp=_ring("totp"),
        mail=_ring("mail"),
        proxy=_ring("proxy"),
        uploads=_ring("uploads"),
        cluster=_ring("cluster"),
    )


def _ring(name: str) -> KeyRing:
    return (SigningKey(sha256(name.encode()).hexdigest()[:16], name[:1].encode() * 32),)


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
    chosen = Settings.model_validate(
        {
            "storage": {"kind": "memory"},
            "server": {"guests": ports.guests_allowed},
            "rooms": {"per_account": ports.max_rooms},
            **(settings or {}),
        }
    )
    resources = Resources(
        settings=chosen,
        clock=ports.clock,
        ids=ports.ids,
        keys=keys_for_tests(),
        passwords=ports.passwords,
        opaque=ports.opaque,
        fetch=MemoryFetch(),
        egress=AiohttpEgressGate(chosen.security.egress.allow),
        extractor=ScriptedExtractor(),
        page=PageAddress(chosen),
        slices=MemorySliceStore(64 << 20),
    )
    container = LENT.take(Container)
    container.resources.override(providers.Object(resources))
    container.memory_store.override(providers.Object(ports.store))
    container.bus.override(providers.Object(ports.bus))
    container.media_providers.override(providers.Object(ports.providers))
    container.rates.override(providers.Object(ports.rates))
    container.mail_sender.override(providers.Object(ports.mail))
    container.oauth.override(providers.Object(ports.oauth))
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


def letters_in(store: MemoryStore, application: Application) -> list[Letter]:
    """The letters in the outbox that will be sent to somebody, oldest first."""
    queued = [one.mail for one in store.state.outbox.values() if not one.mail.for_nobody]
    return [unpack(application.post.sealer.open(mail.sealed, place_of(mail.id))) for mail in queued]


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
        await self.application.accounts.create(name, PASSWORD, role)
        signed_in = await self.sign_in(name)
        actor = await self.application.identity.of(signed_in.access_token)
        assert isinstance(actor, AccountActor)
        return actor, signed_in

    async def sign_in(self, name: str, client: Client = CLIENT) -> SignedIn:
        """One more session of an account whose password is `PASSWORD`, and which asks for nothing else."""
        signed_in = await self.application.sign_in.with_password(name, PASSWORD, client)
        assert isinstance(signed_in, SignedIn)
        return signed_in

    def letters(self) -> list[Letter]:
        """The letters in the outbox that will be sent to somebody, oldest first."""
        return letters_in(self.container.memory_store(), self.application)

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
