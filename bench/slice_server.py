"""The media proxy of the bench of slices, in a process of its own: films of one upstream, and figures of itself.

It is the server's own way from the socket to the store, but for accounts, tokens and rooms.
"""

from __future__ import annotations

import asyncio
import cProfile
import gc
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import parse_qs

import msgspec
import uvloop
from blacksheep import Content, Request, Response
from blacksheep.server.routing import Router

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.disk.slices import disk_slice_store
from synctv.adapters.memory.slices import MemorySliceStore
from synctv.adapters.system.clock import SystemClock
from synctv.application.delivery.answer import MediaRequest
from synctv.application.delivery.slices import SlicedMedia, SliceLimits
from synctv.application.ports.slices import SliceStore
from synctv.application.realtime.tasks import Tasks
from synctv.domain.delivery.offer import Upstream
from synctv.entrypoints.bootstrap.log_settings import LogLevel, LogSettings
from synctv.entrypoints.bootstrap.logs import configure_logs
from synctv.entrypoints.http.media_response import PiecewiseApplication, media_response, takes_files
from synctv.entrypoints.http.options import HttpOptions
from synctv.entrypoints.http.pipeline import pipeline
from synctv.entrypoints.http.server import HttpServer


class Plan(msgspec.Struct, frozen=True):
    """What to serve. `folder` is empty for a store in memory."""

    upstream: str
    folder: str
    size_bytes: int
    in_flight_bytes: int
    port: int = 0
    profile: str = ""


def app(media: SlicedMedia, upstream: str) -> PiecewiseApplication:
    """The film at any path below `/film`, each path a thing of its own, and figures at `/figures`."""

    async def film(request: Request) -> Response:
        def header(name: bytes) -> str | None:
            value = request.get_first_header(name)
            return None if value is None else value.decode("latin-1")

        name = request.path.rpartition("/")[2]
        asked = MediaRequest(request.method, header(b"range"), header(b"if-range"), takes_files=takes_files(request))
        return media_response(request, await media.open(Upstream(f"{upstream}/{name}"), asked))

    async def figures(request: Request) -> Response:
        if parse_qs((request.url.query or b"").decode()).get("collect"):
            gc.collect()
        stats = media.store.stats() if media.store else None
        found = {name: getattr(media.tally, name) for name in type(media.tally).__slots__}
        found |= {"stored": stats.stored_bytes if stats else 0, "open": media.streams.count}
        return Response(200, None, Content(b"application/json", json.dumps(found).encode()))

    router = Router()
    router.add_get("/film/{name}", film)
    router.add_get("/figures", figures)
    made = PiecewiseApplication(router=router)
    made.middlewares.append(pipeline(HttpOptions(version="bench")))
    return made


@asynccontextmanager
async def store(plan: Plan, clock: SystemClock) -> AsyncIterator[SliceStore]:
    """Where slices are kept."""
    if not plan.folder:
        yield MemorySliceStore(plan.size_bytes)
        return
    async with disk_slice_store(Path(plan.folder), plan.size_bytes, clock) as found:
        await found.rebuilt()
        yield found


@contextmanager
def profiled(name: str) -> Iterator[None]:
    """Leaves what took the time of the loop's thread in a file for `python -m pstats`, when it has a name."""
    if not name:
        yield
        return
    profile = cProfile.Profile()
    profile.enable()
    try:
        yield
    finally:
        profile.disable()
        profile.dump_stats(name)


async def main(plan: Plan) -> None:
    clock = SystemClock()
    configure_logs(LogSettings(level=LogLevel.WARNING))
    with profiled(plan.profile):
        async with store(plan, clock) as kept, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch, Tasks() as tasks:
            media = SlicedMedia(fetch, clock, kept, SliceLimits(in_flight_bytes=plan.in_flight_bytes))
            tasks.start(media.run(), "media")
            server = HttpServer(app(media, plan.upstream))
            print(await server.start("127.0.0.1", plan.port), flush=True)
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
            await server.stop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.Loop) as runner:
        runner.run(main(msgspec.json.decode(sys.argv[1], type=Plan)))
