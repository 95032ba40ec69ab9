"""What settings and resources mean to the capabilities, in their own words."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import version

from synctv.adapters.mail.server import MailServer
from synctv.adapters.providers.kit import ProviderKit
from synctv.adapters.providers.registry import folders
from synctv.adapters.providers.remote.address import RemoteAddress
from synctv.adapters.redis.client import ping as ping_redis
from synctv.application.accounts.sessions import TokenLifetimes
from synctv.application.delivery.pace import Bandwidth
from synctv.application.delivery.slices import SliceLimits
from synctv.application.limits.limits import Category, Rate
from synctv.application.operation.health import Probe
from synctv.application.operation.housekeeping import Retention
from synctv.application.operation.operators import LiveCounts, ServerFacts
from synctv.application.ports.transaction import Transactions
from synctv.application.realtime.hub import Hub, HubLimits
from synctv.application.realtime.messages import ConnectionLimits
from synctv.domain.errors import Invalid
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
    return {category: Rate(getattr(settings.limits, f"{category}_per_minute"), 60.0) for category in Category}


def provider_kit(resources: Resources) -> ProviderKit:
    """What the providers of this server are made of."""
    remotes = remote_providers(resources.settings)
    return ProviderKit(resources.fetch, resources.clock, resources.extractor, remotes, resources.calls)


def remote_providers(settings: Settings) -> tuple[RemoteAddress, ...]:
    """The providers of other processes. Raises `Invalid` for one that is called like one of this server."""
    for remote in settings.providers.remote:
        if remote.name in folders():
            raise Invalid.field(
                "providers.remote", f"providers.remote: {remote.name} is built in. Give the other one another name."
            )
    return tuple(
        RemoteAddress(
            name=remote.name,
            url=remote.url,
            provider=remote.provider or remote.name,
            token=remote.token.get_secret_value() if remote.token else "",
            ca_file=str(remote.ca_file) if remote.ca_file else None,
        )
        for remote in settings.providers.remote
    )


def bandwidth(settings: Settings) -> Bandwidth:
    """How much the proxy sends."""
    media = settings.media
    return Bandwidth(_bytes_a_second(media.viewer_mbit), _bytes_a_second(media.room_mbit))


def _bytes_a_second(mbit: float) -> float | None:
    return mbit * 1_000_000 / 8 if mbit else None


def server_name(settings: Settings) -> str:
    """What the server calls itself."""
    # A function, since in the container `settings.server.name` is the name of the provider `settings.server`.
    return settings.server.name


def lifetimes(settings: Settings) -> TokenLifetimes:
    """How long tokens hold."""
    tokens = settings.tokens
    return TokenLifetimes(tokens.access_seconds, tokens.refresh_seconds, tokens.guest_seconds)


def mail_server(settings: Settings) -> MailServer | None:
    """The mail server, where one is set up."""
    mail = settings.mail
    if mail.host is None or mail.from_address is None:
        return None
    login = (mail.username, mail.password.get_secret_value()) if mail.username and mail.password else None
    return MailServer(
        host=mail.host,
        port=mail.port or mail.security.port,
        security=mail.security,
        from_address=mail.from_address,
        from_name=mail.from_name or settings.server.name,
        timeout=mail.timeout_seconds,
        login=login,
        ca_file=mail.ca_file,
    )


def retention(settings: Settings) -> Retention:
    """How long what is over is kept."""
    return Retention(settings.audit.session_days, settings.audit.days, settings.accounts.closed_days)


def slice_limits(settings: Settings) -> SliceLimits:
    """How media are cut, how long they are fresh, and what may be on its way."""
    cache = settings.cache
    return SliceLimits(cache.slice_bytes, cache.ttl, cache.stale_max_age, cache.in_flight_bytes)


def server_facts(resources: Resources) -> ServerFacts:
    """What the operator is told of this process."""
    return ServerFacts(
        version=_version(),
        storage=resources.settings.storage.kind.value,
        redis=resources.redis is not None,
        started_at=resources.clock.now(),
    )


@cache
def _version() -> str:
    return version("synctv")


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
