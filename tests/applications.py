"""The whole product over the memory adapters, for tests of whatever drives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from synctv.adapters.crypto.keys import SigningKey
from synctv.adapters.crypto.passwords import FAST, Argon2PasswordHasher
from synctv.adapters.crypto.tokens import JwtAccessTokens
from synctv.adapters.memory.bus import MemoryEventBus
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.events import MemoryRoomEventLog
from synctv.adapters.memory.ids import MemoryIds
from synctv.adapters.memory.short_lived import MemoryShortLived
from synctv.adapters.memory.store import MemoryStore
from synctv.adapters.memory.transaction import MemoryTransactions
from synctv.application.accounts.identity import Identity
from synctv.application.accounts.sessions import Sessions, TokenLifetimes
from synctv.application.accounts.setup import Setup
from synctv.application.accounts.sign_in import SignIn
from synctv.application.application import Application
from synctv.application.chat.conversation import Conversation
from synctv.application.delivery.playables import Playables
from synctv.application.library.items import Items
from synctv.application.limits.limits import Category, Limits, Rate
from synctv.application.operation.health import Health
from synctv.application.operation.operators import LiveCounts, Operators, ServerFacts
from synctv.application.playback.control import PlaybackControl
from synctv.application.playback.course import PlaybackCourse
from synctv.application.playback.stage import Stage
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.providers import Provider, ResolvedSource
from synctv.application.ports.short_lived import ShortLived
from synctv.application.ports.transaction import Transactions
from synctv.application.realtime.audience import Audience
from synctv.application.realtime.hub import Hub, HubLimits
from synctv.application.realtime.messages import ConnectionLimits
from synctv.application.realtime.publisher import Publisher
from synctv.application.realtime.reading import Reader
from synctv.application.realtime.services import Services
from synctv.application.realtime.tickets import Tickets
from synctv.application.rooms.access import Access
from synctv.application.rooms.directory import Directory
from synctv.application.rooms.guests import Guests
from synctv.application.rooms.lifecycle import RoomLifecycle
from synctv.application.rooms.membership import Members
from synctv.domain.delivery.playable import Container, Delivery, Playable, Variant
from synctv.domain.errors import Invalid
from synctv.domain.ids import NodeId
from synctv.domain.library.item import MediaItem, MediaKind
from synctv.domain.rooms.permissions import RoleDefaults

PLENTY: Mapping[Category, Rate] = {category: Rate(1_000_000, 60.0) for category in Category}
"""No test is slowed down unless it is about that."""


class FilmProvider(Provider):
    """Takes any `https` address for a film of two minutes, without asking anybody."""

    name = "direct"

    async def resolve(self, source: Mapping[str, object]) -> ResolvedSource:
        """The film at `url`, called like the last part of it."""
        url = source.get("url")
        if not isinstance(url, str) or not url.startswith("https://"):
            raise Invalid.field("source.url", "Give an address that begins with https://.", "url")
        title = url.rpartition("/")[2] or "film"
        return ResolvedSource({"url": url}, title[:200], MediaKind.VIDEO, 120.0)

    async def play(self, item: MediaItem) -> Playable:
        """The film, straight from its address."""
        variant = Variant("source", "Original", str(item.source["url"]), Delivery.DIRECT, Container.MP4)
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


def memory_application(
    ports: MemoryPorts, *, short_lived: ShortLived | None = None, transactions: Transactions | None = None
) -> Application:
    """The product in memory. Its hub runs when the test runs it: `application.hub.run()`."""
    clock, ids = ports.clock, ports.ids
    short_lived = short_lived or MemoryShortLived(clock)
    publisher = Publisher(ports.bus, clock, 300.0)
    transactions = transactions or MemoryTransactions(ports.store, publisher.committed)
    tokens = JwtAccessTokens([SigningKey("test", b"k" * 32)], ids)
    limits = Limits(short_lived, ports.rates)
    access = Access(RoleDefaults(), ports.guests_allowed)
    audience = Audience(short_lived)
    stage = Stage(audience, clock, ids)
    sessions = Sessions(transactions, tokens, short_lived, clock, ids, ports.lifetimes)
    playback = PlaybackControl(transactions, access, stage)
    course = PlaybackCourse(transactions, stage)
    items = Items(transactions, access, ports.providers, playback, clock, ids)
    chat = Conversation(transactions, access, limits, clock, ids)
    hub = _hub(ports, transactions, publisher, access, stage, playback, course, items, chat)
    return Application(
        setup=Setup(transactions, ports.passwords, sessions, short_lived, limits, clock, ids),
        sign_in=SignIn(transactions, ports.passwords, sessions, limits),
        sessions=sessions,
        identity=Identity(transactions, tokens, short_lived, clock),
        guests=Guests(transactions, access, tokens, limits, clock, ids, ports.lifetimes),
        rooms=RoomLifecycle(transactions, access, ports.passwords, clock, ids, ports.max_rooms),
        directory=Directory(transactions, access, audience),
        members=Members(transactions, access, ports.passwords, limits, clock),
        items=items,
        playback=playback,
        course=course,
        playables=Playables(transactions, access, stage, ports.providers),
        chat=chat,
        tickets=Tickets(transactions, access, short_lived, ids),
        hub=hub,
        operators=_operators(ports, transactions, audience, hub),
        health=Health({"database": transactions.ping}),
        limits=limits,
        clock=clock,
        short_lived=short_lived,
    )


def _hub(
    ports: MemoryPorts,
    transactions: Transactions,
    publisher: Publisher,
    access: Access,
    stage: Stage,
    playback: PlaybackControl,
    course: PlaybackCourse,
    items: Items,
    chat: Conversation,
) -> Hub:
    log = MemoryRoomEventLog(ports.store)
    services = Services(
        node_id=NodeId(ports.ids.new("node")),
        transactions=transactions,
        log=log,
        bus=ports.bus,
        publisher=publisher,
        access=access,
        audience=stage.audience,
        reader=Reader(transactions, log, access, stage),
        control=playback,
        course=course,
        chat=chat,
        items=items,
        clock=ports.clock,
        ids=ports.ids,
    )
    return Hub(services, HubLimits(), ConnectionLimits())


def _operators(ports: MemoryPorts, transactions: Transactions, audience: Audience, hub: Hub) -> Operators:
    return Operators(
        transactions=transactions,
        passwords=ports.passwords,
        clock=ports.clock,
        ids=ports.ids,
        audience=audience,
        live=lambda: LiveCounts(hub.connection_count(), hub.room_count()),
        facts=ServerFacts("0", "memory", redis=False, started_at=ports.clock.now()),
    )
