"""Starting, running and stopping a server process with all or some of its entrypoints."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import structlog

from synctv.adapters.crypto.keys import KeyRefused
from synctv.adapters.postgres.embedded.errors import EmbeddedPostgresError
from synctv.adapters.postgres.errors import CannotUseDatabase
from synctv.adapters.websockets.transport import WebsocketTransport
from synctv.application.application import Application
from synctv.application.realtime.tasks import Tasks
from synctv.domain.errors import DomainError
from synctv.entrypoints.bootstrap import endpoints
from synctv.entrypoints.bootstrap.cache_metrics import MediaCollector
from synctv.entrypoints.bootstrap.call_metrics import CallCollector
from synctv.entrypoints.bootstrap.container import Container
from synctv.entrypoints.bootstrap.greeting import greet
from synctv.entrypoints.bootstrap.logs import configure_logs
from synctv.entrypoints.bootstrap.metrics import metrics_served
from synctv.entrypoints.bootstrap.resources import Resources, open_resources
from synctv.entrypoints.bootstrap.settings import Settings
from synctv.entrypoints.bootstrap.stopping import Stopping
from synctv.entrypoints.bootstrap.translation import connection_limits
from synctv.entrypoints.http.app import create_app
from synctv.entrypoints.http.options import HttpOptions
from synctv.entrypoints.http.server import HttpServer
from synctv.entrypoints.management.server import serving as serving_management
from synctv.entrypoints.management.service import ManagementService
from synctv.entrypoints.management.sockets import SocketRefused, socket_path
from synctv.entrypoints.realtime.codec import Codec
from synctv.entrypoints.realtime.server import RealtimeServer

log = structlog.get_logger(__name__)

PARTS = frozenset({"http", "realtime", "management"})
LEAST_DRAIN_SECONDS = 1.0
DRAIN_SECONDS_PER_CONNECTION = 0.02
REFUSED = 1
FAILED = 1
STOPPED = 0


class CannotStart(Exception):
    """The server can't start, for a reason that the operator can do something about."""


REFUSALS = (
    CannotStart,
    CannotUseDatabase,
    DomainError,
    EmbeddedPostgresError,
    KeyRefused,
    SocketRefused,
    endpoints.DataFolderRefused,
)
"""What keeps a server from starting; each is a sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Process:
    """What the entrypoints of one process are made from."""

    settings: Settings
    resources: Resources
    application: Application
    stopping: Stopping


def run(settings: Settings, parts: frozenset[str] = PARTS) -> int:
    """Serves until it is told to stop. The exit code: 0, or 1 when it could not start or go on, and said why."""
    configure_logs(settings.log)
    try:
        with _seen_until_the_end(settings, parts), asyncio.Runner(loop_factory=_loop_factory()) as runner:
            went_well = runner.run(_serve(settings, parts))
    except REFUSALS as error:
        print(f"SyncTV can't start: {error}", file=sys.stderr)  # noqa: T201 - for the person at the terminal
        return REFUSED
    return STOPPED if went_well else FAILED


def _seen_until_the_end(settings: Settings, parts: frozenset[str]) -> AbstractContextManager[None]:
    """Lets `synctv stop` wait for the end of the process that it talks to, the database included."""
    endpoints.run_folder(settings.data_dir)
    return endpoints.alive(settings.data_dir) if "management" in parts else nullcontext()


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.Loop


async def _serve(settings: Settings, parts: frozenset[str]) -> bool:
    """Whether it ended because it was told to, rather than for a part that failed."""
    if parts != PARTS and settings.redis.url is None:
        message = (
            "a part on its own needs Redis to reach the others. Set SYNCTV_REDIS__URL, or run all of them with "
            "`synctv serve`."
        )
        raise CannotStart(message)
    stopping = Stopping()
    async with AsyncExitStack() as stack:
        stack.enter_context(stopping.on_signals())
        resources = await stack.enter_async_context(open_resources(settings))
        container = Container(resources=resources)
        process = Process(settings, resources, container.application(), stopping)
        await _bootstrap_root(process)
        await process.application.egress.apply()
        await stack.enter_async_context(_background(process, container))
        bound: dict[str, str] = {}
        if "realtime" in parts:
            bound["realtime"] = await stack.enter_async_context(_realtime(process))
        if "http" in parts:
            bound["http"] = await stack.enter_async_context(_http(process, bound))
        if "management" in parts:
            bound["management"] = await stack.enter_async_context(_management(process))
        bound |= _metrics(process, stack)
        stack.enter_context(endpoints.announced(settings.data_dir, bound))
        await _wait(process, bound)
        await _drain(process)
    return not stopping.failed


async def _wait(process: Process, bound: Mapping[str, str]) -> None:
    _set_apart_what_stays()
    address = process.resources.page.url() if "http" in bound else None
    await greet(process.settings, bound, address, process.application.setup)
    log.info("ready", **bound)
    await process.stopping.asked.wait()


def _set_apart_what_stays() -> None:
    """Takes what was loaded until now out of the collector's sight: it stays until the end anyway, and each look
    through it would hold the event loop up for 75 ms."""
    gc.collect()
    gc.freeze()


async def _drain(process: Process) -> None:
    process.application.health.draining = True
    hub = process.application.hub
    spread = min(process.settings.server.drain_seconds, hub.connection_count() * DRAIN_SECONDS_PER_CONNECTION)
    await hub.drain(0.0 if process.stopping.now else spread)


async def _bootstrap_root(process: Process) -> None:
    bootstrap = process.settings.bootstrap
    if bootstrap.root_password is None:
        return
    password = bootstrap.root_password.get_secret_value()
    if await process.application.setup.create_root(bootstrap.root_username, password):
        log.info("root_created", username=bootstrap.root_username)


@asynccontextmanager
async def _background(process: Process, container: Container) -> AsyncIterator[None]:
    publisher, event_log = container.publisher(), container.event_log()
    async with Tasks() as tasks:
        clock = process.resources.clock
        tasks.start(_essential(process, process.application.hub.run(), "hub"), "the realtime hub")
        tasks.start(_essential(process, process.application.media.run(), "media"), "handing media on")
        tasks.keep(lambda: publisher.publish(event_log), "publishing events", clock)
        tasks.keep(lambda: publisher.relay(event_log), "relaying events", clock)
        tasks.keep(process.application.housekeeping.run, "housekeeping", clock)
        tasks.keep(process.application.egress.run, "following the rules on calls to private servers", clock)
        tasks.keep(container.media_providers().follow, "following remote providers", clock)
        if process.application.post.open:
            tasks.keep(process.application.postman.run, "sending mail", clock)
        embedded, database = process.resources.embedded, process.resources.database
        if embedded is not None and database is not None:
            tasks.start(embedded.keep_running(database.moved), "keeping PostgreSQL running")
        yield


async def _essential(process: Process, work: Coroutine[Any, Any, None], part: str) -> None:
    """Ends the process when this part fails: whoever watches over it starts another, which works."""
    try:
        await work
    except Exception:
        log.exception("part_failed", part=part)
        process.stopping.fail()


@asynccontextmanager
async def _realtime(process: Process) -> AsyncIterator[str]:
    settings = process.settings.realtime

    def transport(connection: object, codec: Codec) -> WebsocketTransport:
        return WebsocketTransport(connection, codec.name, binary=codec.binary, encode=codec.encode)  # type: ignore[arg-type]

    limits, proxies = connection_limits(process.settings), process.settings.http.trusted_proxies
    server = RealtimeServer(process.application, transport, limits, proxies)
    try:
        port = await server.start(settings.host, settings.port)
    except OSError as error:
        raise _taken("realtime", settings.host, settings.port, error) from error
    try:
        yield f"{_shown(settings.host)}:{port}"
    finally:
        await server.stop()


@asynccontextmanager
async def _http(process: Process, bound: Mapping[str, str]) -> AsyncIterator[str]:
    settings = process.settings
    realtime = bound.get("realtime")
    options = HttpOptions(
        version=version("synctv"),
        server_name=settings.server.name,
        realtime_port=int(realtime.rpartition(":")[2]) if realtime else settings.realtime.port,
        public_url=str(settings.http.public_url) if settings.http.public_url else None,
        realtime_public_url=str(settings.realtime.public_url) if settings.realtime.public_url else None,
        cors_origins=frozenset(settings.http.cors_origins),
        openapi=settings.http.docs,
        docs=settings.http.docs,
        max_body_bytes=settings.http.max_body_bytes,
    )
    server = HttpServer(
        create_app(process.application, options),
        trusted_proxies=[str(network) for network in settings.http.trusted_proxies],
        drain_seconds=max(LEAST_DRAIN_SECONDS, settings.server.drain_seconds),
    )
    try:
        port = await server.start(settings.http.host, settings.http.port)
    except OSError as error:
        raise _taken("http", settings.http.host, settings.http.port, error) from error
    process.resources.page.bound(port)
    try:
        yield f"{_shown(settings.http.host)}:{port}"
    finally:
        await server.stop()


@asynccontextmanager
async def _management(process: Process) -> AsyncIterator[str]:
    path = socket_path(endpoints.run_folder(process.settings.data_dir))
    service = ManagementService(process.application, process.stopping.ask)

    async def ready() -> bool:
        health = process.application.health
        return not health.draining and all((await health.check()).values())

    async with serving_management(service, ready, path):
        yield f"unix://{path}"


def _metrics(process: Process, stack: AsyncExitStack) -> dict[str, str]:
    """Where the metrics are. A server without them is better than none: other programs like their port, too."""
    settings = process.settings.metrics
    if not settings.enabled:
        return {}
    application = process.application
    more = [
        MediaCollector(application.cache.media, application.media.pacer),
        CallCollector(process.resources.calls),
    ]
    served = metrics_served(settings, application.operators.live, application.postman.tally, version("synctv"), more)
    try:
        return {"metrics": stack.enter_context(served)}
    except OSError as error:
        advice = "Choose another port with SYNCTV_METRICS__PORT, or set SYNCTV_METRICS__ENABLED=false."
        log.warning("metrics_unavailable", port=settings.port, reason=os.strerror(error.errno or 0), advice=advice)
        return {}


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _taken(section: str, host: str, port: int, error: OSError) -> CannotStart:
    name = f"SYNCTV_{section.upper()}__PORT"
    return CannotStart(
        f"it can't listen on {host}:{port} ({os.strerror(error.errno or 0)}). Choose another with {name}."
    )
