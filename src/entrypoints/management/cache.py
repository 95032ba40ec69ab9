"""What is kept of media, over management."""

from __future__ import annotations

from synctv.application.application import Application
from synctv.entrypoints.wire.synctv import v1 as wire


async def get_stats(application: Application, message: wire.GetCacheStatsRequest) -> wire.GetCacheStatsResponse:
    """How it stands."""
    report = application.cache.report(message.largest)
    store, tally = report.store, report.tally
    return wire.GetCacheStatsResponse(
        kind=store.kind,
        slices=store.slices,
        resources=store.resources,
        stored_bytes=store.stored_bytes,
        size_bytes=store.size_bytes,
        hits=tally.hits,
        misses=tally.misses,
        fills=tally.fills,
        failed_fills=tally.failed_fills,
        bypasses=tally.bypasses,
        served_bytes=tally.served_bytes,
        fetched_bytes=tally.fetched_bytes,
        evicted=store.evicted,
        refused=store.refused,
        damaged=store.damaged,
        bodies=report.bodies,
        fills_in_flight=report.fills,
        largest=[
            wire.CachedMedium(id=resource, slices=kept.slices, stored_bytes=kept.stored_bytes)
            for resource, kept in report.largest
        ],
    )


async def evict(application: Application, message: wire.EvictCacheRequest) -> wire.EvictCacheResponse:
    """Makes room."""
    dropped = await application.cache.evict(message.to_bytes)
    return wire.EvictCacheResponse(slices=dropped.slices, stored_bytes=dropped.stored_bytes)


async def purge(application: Application, message: wire.PurgeCacheRequest) -> wire.PurgeCacheResponse:
    """Forgets one thing or everything."""
    dropped = await application.cache.purge(message.id)
    return wire.PurgeCacheResponse(slices=dropped.slices, stored_bytes=dropped.stored_bytes)
