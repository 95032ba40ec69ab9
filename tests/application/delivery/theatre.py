"""A media proxy and a media server that it asks, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.slices import MemorySliceStore
from synctv.application.delivery.answer import MediaAnswer, MediaRequest
from synctv.application.delivery.slices import SlicedMedia, SliceLimits
from synctv.application.delivery.source import Patience, Renew
from synctv.application.ports.slices import SliceStore, buffer_of
from synctv.application.realtime.tasks import Tasks
from synctv.domain.delivery.offer import Upstream
from tests.application.delivery.media_server import Asked, Behaviour, Film, MediaServer, honest, media_server

SLICE = 64 * 1_024
PATIENCE = Patience(head=5.0, stall=0.2)
"""Longer than this machine ever halts a connection that goes on, shorter than a test may take."""


@dataclass
class Theatre:
    """What a test looks at."""

    server: MediaServer
    media: SlicedMedia
    clock: MemoryClock

    @property
    def film(self) -> Film:
        """What the server has now."""
        return self.server.film

    @property
    def ranges(self) -> list[Asked]:
        """The ranges that were asked for."""
        return [asked for asked in self.server.asked if asked is not None]

    async def open(self, *, key: str | None = None, renew: Renew | None = None, **request: Any) -> MediaAnswer:
        """An answer."""
        return await self.media.open(Upstream(self.server.url, key=key), MediaRequest(**request), renew)

    async def read(self, **request: Any) -> bytes:
        """The body of an answer."""
        return await body_of(await self.open(**request))

    async def quiet(self) -> None:
        """Returns when nothing is on its way any more."""
        while self.media.fills_in_flight:
            await asyncio.sleep(0.01)


async def piece_of(answer: MediaAnswer) -> bytes:
    """The next bytes of a body."""
    assert answer.body is not None
    return bytes(buffer_of(await anext(answer.body)))


async def body_of(answer: MediaAnswer) -> bytes:
    """All that is left of a body."""
    assert answer.body is not None
    try:
        return b"".join([bytes(buffer_of(piece)) async for piece in answer.body])
    finally:
        await answer.aclose()


@asynccontextmanager
async def theatre(
    film: Film,
    behaviour: Behaviour = honest,
    *,
    store: SliceStore | None = None,
    cached: bool = True,
    in_flight_bytes: int = 64 * SLICE,
) -> AsyncIterator[Theatre]:
    """Both, until the block is left."""
    clock = MemoryClock()
    kept = (store or MemorySliceStore(64 << 20)) if cached else None
    limits = SliceLimits(slice_bytes=SLICE, ttl=60.0, stale_max_age=600.0, in_flight_bytes=in_flight_bytes)
    async with (
        media_server(film, behaviour) as server,
        aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch,
        Tasks() as tasks,
    ):
        media = SlicedMedia(fetch, clock, kept, limits, PATIENCE)
        running = tasks.start(media.run(), "media")
        await asyncio.sleep(0)
        try:
            yield Theatre(server, media, clock)
        finally:
            running.cancel()
