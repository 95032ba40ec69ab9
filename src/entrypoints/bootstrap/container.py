"""The wiring: which adapter stands behind which port, and what each capability is made of.

Synchronous and declarative. Everything that has to be opened or awaited is in `Resources` already.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

from dependency_injector import containers, providers

from synctv.adapters.crypto.tokens import JwtAccessTokens
from synctv.adapters.memory.bus import MemoryEventBus
from synctv.adapters.memory.events import MemoryRoomEventLog
from synctv.adapters.memory.short_lived import MemoryShortLived
from synctv.adapters.memory.store import MemoryStore
from synctv.adapters.memory.transaction import MemoryTransactions
from synctv.adapters.postgres.events import PostgresRoomEventLog
from synctv.adapters.postgres.transaction import PostgresTransactions
from synctv.adapters.providers.direct.provider import DirectProvider
from synctv.adapters.redis.client import ping as ping_redis
from synctv.adapters.redis.short_lived import RedisShortLived
from synctv.application.accounts.identity import Identity
from synctv.application.accounts.sessions import Sessions, TokenLifetimes
from synctv.application.accounts.setup import Setup
from synctv.application.accounts.sign_in import SignIn
from synctv.application.application import Application
from synctv.application.chat.conversation import Conversation
from synctv.application.delivery.playables import Playables
from synctv.application.library.items import Items
from synctv.application.limits.limits import DEFAULT_RATES, Category, Limits, Rate
from synctv.application.operation.health import Health, Probe
from synctv.application.operation.operators import LiveCounts, Operators, ServerFacts
from synctv.application.playback.control import PlaybackControl
from synctv.application.playback.course import PlaybackCourse
from synctv.application.playback.stage import Stage
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
from synctv.domain.rooms.permissions import RoleDefaults
from synctv.entrypoints.bootstrap.resources import Resources
from synctv.entrypoints.bootstrap.settings import Settings


def storage_kind(resources: Resources) -> str:
    """Which storage adapters serve: `memory` or `postgres`."""
    return "memory" if resources.database is None else "postgres"


def shared_kind(resources: Resources) -> str:
    """Which adapters keep short-lived state and carry the bus: `memory` or `redis`."""
    return "memory" if resources.redis is None else "redis"


def connection_limits(settings: Settings) -> ConnectionLimits:
    """The bounds of one realtime connection."""
    realtime = settings.realtime
    return ConnectionLimits(
        observations=realtime.observations,
        frames_per_second=realtime.frames_per_second,
        frame_bytes=realtime.frame_bytes,
        idle_seconds=realtime.idle_seconds,
        lifetime_seconds=realtime.lifetime_seconds,
        heartbeat_seconds=realtime.heartbeat_seconds,
        backlog_bytes=realtime.backlog_bytes,
    )


def hub_limits(settings: Settings) -> HubLimits:
    """How many realtime connections there may be."""
    realtime = settings.realtime
    return HubLimits(realtime.connections_per_account, realtime.connections_per_room, realtime.connections_per_node)


def configured_rates(settings: Settings) -> dict[Category, Rate]:
    """The limits of each category of requests."""
    limits = settings.limits
    return {
        **DEFAULT_RATES,
        Category.AUTH: Rate(limits.auth_per_minute, 60.0),
        Category.WRITE: Rate(limits.write_per_minute, 60.0),
        Category.READ: Rate(limits.read_per_minute, 60.0),
    }


def lifetimes(settings: Settings) -> TokenLifetimes:
    """How long tokens hold."""
    tokens = settings.tokens
    return TokenLifetimes(tokens.access_seconds, tokens.refresh_seconds, tokens.guest_seconds)


def server_facts(resources: Resources) -> ServerFacts:
    """What the operator is told of this process."""
    return ServerFacts(
        version=version("synctv"),
        storage=resources.settings.storage.kind.value,
        redis=resources.redis is not None,
        started_at=resources.clock.now(),
    )


def live_counts(hub: Hub) -> Callable[[], LiveCounts]:
    """The hub's figures, read when they are asked for."""
    return lambda: LiveCounts(hub.connection_count(), hub.room_count())


def probes(resources: Resources, transactions: Transactions) -> dict[str, Probe]:
    """The dependencies that readiness asks."""
    found: dict[str, Probe] = {"database": transactions.ping}
    redis = resources.redis
    if redis is not None:
        found["redis"] = lambda: ping_redis(redis)
    return found


class Container(containers.DeclarativeContainer):
    """Everything, once per process. `resources` is the one thing that comes from outside."""

    resources = providers.Dependency(instance_of=Resources)
    settings = resources.provided.settings
    clock = resources.provided.clock
    ids = resources.provided.ids
    passwords = resources.provided.passwords

    # Ports with an adapter in memory and one on a server
    storage = providers.Callable(storage_kind, resources)
    shared = providers.Callable(shared_kind, resources)
    memory_store = providers.Singleton(MemoryStore)

    short_lived = providers.Selector(
        shared,
        memory=providers.Singleton(MemoryShortLived, clock),
        redis=providers.Singleton(RedisShortLived, resources.provided.redis),
    )
    bus = providers.Selector(
        shared,
        memory=providers.Singleton(MemoryEventBus),
        redis=resources.provided.redis_bus,
    )
    publisher = providers.Singleton(Publisher, bus=bus, clock=clock, log_window=settings.realtime.replay_seconds)
    transactions = providers.Selector(
        storage,
        memory=providers.Singleton(MemoryTransactions, memory_store, publisher.provided.committed),
        postgres=providers.Singleton(PostgresTransactions, resources.provided.database, publisher.provided.committed),
    )
    event_log = providers.Selector(
        storage,
        memory=providers.Singleton(MemoryRoomEventLog, memory_store),
        postgres=providers.Singleton(PostgresRoomEventLog, resources.provided.database),
    )
    tokens = providers.Singleton(JwtAccessTokens, resources.provided.keys.tokens, ids)
    media_providers = providers.Dict(direct=providers.Singleton(DirectProvider, resources.provided.fetch))

    # Policy
    token_lifetimes = providers.Singleton(lifetimes, settings)
    rates = providers.Callable(configured_rates, settings)
    limits = providers.Singleton(Limits, short_lived, rates)
    access = providers.Singleton(Access, RoleDefaults(), settings.server.guests)
    audience = providers.Singleton(Audience, short_lived)

    # Who somebody is
    sessions = providers.Singleton(Sessions, transactions, tokens, short_lived, clock, ids, token_lifetimes)
    sign_in = providers.Singleton(SignIn, transactions, passwords, sessions, limits)
    setup = providers.Singleton(Setup, transactions, passwords, sessions, short_lived, limits, clock, ids)
    identity = providers.Singleton(Identity, transactions, tokens, short_lived, clock)
    guests = providers.Singleton(Guests, transactions, access, tokens, limits, clock, ids, token_lifetimes)

    # Rooms
    rooms = providers.Singleton(RoomLifecycle, transactions, access, passwords, clock, ids, settings.rooms.per_account)
    directory = providers.Singleton(Directory, transactions, access, audience)
    members = providers.Singleton(Members, transactions, access, passwords, limits, clock)

    # Watching
    stage = providers.Singleton(Stage, audience, clock, ids)
    playback = providers.Singleton(PlaybackControl, transactions, access, stage)
    course = providers.Singleton(PlaybackCourse, transactions, stage)
    items = providers.Singleton(Items, transactions, access, media_providers, playback, clock, ids)
    playables = providers.Singleton(Playables, transactions, access, stage, media_providers)
    chat = providers.Singleton(Conversation, transactions, access, limits, clock, ids)

    # Realtime
    tickets = providers.Singleton(
        Tickets, transactions, access, members, short_lived, ids, settings.realtime.ticket_seconds
    )
    reader = providers.Singleton(Reader, transactions, event_log, access, stage)
    services = providers.Singleton(
        Services,
        node_id=providers.Callable(lambda ids: ids.new("node"), ids),
        transactions=transactions,
        log=event_log,
        bus=bus,
        publisher=publisher,
        access=access,
        audience=audience,
        reader=reader,
        control=playback,
        course=course,
        chat=chat,
        items=items,
        clock=clock,
        ids=ids,
    )
    hub = providers.Singleton(
        Hub,
        services,
        providers.Callable(hub_limits, settings),
        providers.Callable(connection_limits, settings),
    )

    # Running it
    health = providers.Singleton(Health, providers.Callable(probes, resources, transactions))
    operators = providers.Singleton(
        Operators,
        transactions=transactions,
        passwords=passwords,
        clock=clock,
        ids=ids,
        audience=audience,
        live=providers.Callable(live_counts, hub),
        facts=providers.Callable(server_facts, resources),
    )

    application = providers.Singleton(
        Application,
        setup=setup,
        sign_in=sign_in,
        sessions=sessions,
        identity=identity,
        guests=guests,
        rooms=rooms,
        directory=directory,
        members=members,
        items=items,
        playback=playback,
        course=course,
        playables=playables,
        chat=chat,
        tickets=tickets,
        hub=hub,
        operators=operators,
        health=health,
        limits=limits,
        clock=clock,
        short_lived=short_lived,
    )
