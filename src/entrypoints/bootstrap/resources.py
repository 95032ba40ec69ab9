"""What has to be opened before there is anything to wire, and closed after everything else."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import structlog
from redis.asyncio import Redis

from synctv.adapters.aiohttp.egress import AiohttpEgressGate
from synctv.adapters.aiohttp.egress_proxy import egress_proxy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.aiohttp.metered import Calls
from synctv.adapters.crypto.keys import Keys
from synctv.adapters.crypto.opaque import RustOpaque
from synctv.adapters.crypto.passwords import Argon2Cost, Argon2PasswordHasher
from synctv.adapters.disk.slices import disk_slice_store
from synctv.adapters.extractors.cached import CachedExtractor
from synctv.adapters.extractors.extractor import Extractor
from synctv.adapters.extractors.pool import worker_extractor
from synctv.adapters.extractors.process import WorkerLimits
from synctv.adapters.memory.slices import MemorySliceStore
from synctv.adapters.postgres.database import Database, DatabaseLimits
from synctv.adapters.postgres.embedded.server import EmbeddedPostgres
from synctv.adapters.postgres.key_checks import KeyChecks
from synctv.adapters.postgres.sealed_rows import sealed_rows
from synctv.adapters.redis.bus import RedisEventBus, redis_event_bus
from synctv.adapters.redis.client import redis_client
from synctv.adapters.redis.revocations import RedisRevocations, redis_revocations
from synctv.adapters.system.clock import SystemClock
from synctv.adapters.system.ids import SystemIds
from synctv.application.ports.clock import Clock
from synctv.application.ports.egress import EgressGate
from synctv.application.ports.fetch import Fetch
from synctv.application.ports.ids import Ids
from synctv.application.ports.opaque import Opaque
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.slices import SliceStore
from synctv.entrypoints.bootstrap.cache_settings import CacheKind
from synctv.entrypoints.bootstrap.keys import must_be_the_recorded, open_keys, tell_what_is_lost
from synctv.entrypoints.bootstrap.page_address import PageAddress
from synctv.entrypoints.bootstrap.settings import Settings, StorageKind

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Resources:
    """Open pools, clients and servers, and the count of calls. What a deployment does not use is None."""

    settings: Settings
    clock: Clock
    ids: Ids
    keys: Keys
    passwords: PasswordHasher
    opaque: Opaque
    fetch: Fetch
    egress: EgressGate
    extractor: Extractor
    page: PageAddress
    embedded: EmbeddedPostgres | None = None
    database: Database | None = None
    redis: Redis | None = None
    redis_bus: RedisEventBus | None = None
    redis_revocations: RedisRevocations | None = None
    slices: SliceStore | None = None
    calls: Calls = field(default_factory=Calls)


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Opens what these settings call for, brings the database up to date, and closes it all in reverse.

    Raises `KeyRefused`, `EmbeddedPostgresError`, `CannotUseDatabase` and `Unavailable`, each with a sentence for the
    operator.
    """
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        keys = open_keys(settings)
        passwords = _passwords(settings)
        stack.callback(passwords.close)
        opaque = RustOpaque(keys.opaque, workers=settings.passwords.workers)
        stack.callback(opaque.close)
        embedded = await _embedded(stack, settings)
        database = await _database(stack, settings, embedded)
        if database is not None:
            await must_be_the_recorded(keys, KeyChecks(database), clock.now(), settings)
            await tell_what_is_lost(keys, sealed_rows(database))
        redis = await _redis(stack, settings)
        egress = AiohttpEgressGate(settings.security.egress.allow)
        yield Resources(
            settings=settings,
            clock=clock,
            ids=SystemIds(clock),
            keys=keys,
            passwords=passwords,
            opaque=opaque,
            fetch=await stack.enter_async_context(aiohttp_fetch(egress)),
            egress=egress,
            extractor=await open_extractor(stack, settings, egress, clock),
            page=PageAddress(settings),
            embedded=embedded,
            database=database,
            redis=redis,
            redis_revocations=await stack.enter_async_context(redis_revocations(redis)) if redis else None,
            slices=await open_slices(stack, settings, clock),
            redis_bus=await stack.enter_async_context(redis_event_bus(redis)) if redis else None,
        )


def _passwords(settings: Settings) -> Argon2PasswordHasher:
    cost = settings.passwords
    return Argon2PasswordHasher(Argon2Cost(cost.memory_kib, cost.passes, cost.lanes), workers=cost.workers)


async def open_extractor(
    stack: AsyncExitStack, settings: Settings, egress: AiohttpEgressGate, clock: Clock
) -> Extractor:
    """What looks into the pages of sites, in processes of its own that call through the egress policy."""
    limits = settings.extractors
    bounds = WorkerLimits(limits.workers, limits.timeout_seconds, limits.memory_mib)
    proxy = await stack.enter_async_context(egress_proxy(egress))
    return CachedExtractor(await stack.enter_async_context(worker_extractor(proxy, clock, bounds)), clock)


async def _embedded(stack: AsyncExitStack, settings: Settings) -> EmbeddedPostgres | None:
    if settings.storage.kind is not StorageKind.EMBEDDED:
        return None
    server = EmbeddedPostgres(settings.data_dir, port=settings.storage.port)
    return await stack.enter_async_context(server)


async def _database(stack: AsyncExitStack, settings: Settings, embedded: EmbeddedPostgres | None) -> Database | None:
    if settings.storage.kind is StorageKind.MEMORY:
        return None
    given = settings.database.url
    url = embedded.url if embedded else given.get_secret_value() if given else None
    if url is None:
        raise ValueError("storage.kind is postgres, so database.url has to say where it is.")
    limits = DatabaseLimits(connections=settings.database.pool_size, statement=settings.database.timeout_seconds)
    database = await stack.enter_async_context(Database.open(url, limits))
    for name in await database.migrate():
        log.info("database_migrated", migration=name)
    return database


async def open_slices(stack: AsyncExitStack, settings: Settings, clock: Clock) -> SliceStore | None:
    """Where slices of media are kept. A server that keeps none is better than none at all."""
    cache = settings.cache
    if cache.kind is CacheKind.OFF:
        return None
    if cache.kind is CacheKind.MEMORY:
        return MemorySliceStore(cache.bytes_kept)
    folder = cache.folder or settings.data_dir / "cache"
    try:
        return await stack.enter_async_context(disk_slice_store(folder, cache.bytes_kept, clock))
    except OSError as error:
        advice = "Nothing is kept of media. Choose another folder with SYNCTV_CACHE__FOLDER."
        log.warning("cache_unavailable", folder=str(folder), reason=os.strerror(error.errno or 0), advice=advice)
        return None


async def _redis(stack: AsyncExitStack, settings: Settings) -> Redis | None:
    if settings.redis.url is None:
        return None
    return await stack.enter_async_context(redis_client(settings.redis.url.get_secret_value()))
