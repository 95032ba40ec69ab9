"""Scripted churn on slices in a folder, for minutes or days: whether files, handles or memory leak.

Many viewers at once read films at random places, leave early, ask for what is not there; upstreams break off and
replace films; the store is far smaller than the films, is evicted and purged, and is closed and opened again.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measures import MIB, memory, taken
from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.disk.slices import DiskSliceStore, disk_slice_store
from synctv.adapters.system.clock import SystemClock
from synctv.application.delivery.answer import MediaRequest
from synctv.application.delivery.slices import SlicedMedia, SliceLimits
from synctv.application.delivery.source import Patience
from synctv.application.ports.slices import buffer_of
from synctv.application.realtime.tasks import Tasks
from synctv.domain.delivery.offer import Upstream
from synctv.domain.errors import DomainError
from tests.application.delivery.media_server import Exchange, Film, MediaServer, media_server

SLICE = 64 * 1_024
FILMS = 12
FILM_BYTES = 4 * MIB
VIEWERS = 24
LIMITS = SliceLimits(slice_bytes=SLICE, ttl=5.0, stale_max_age=20.0, in_flight_bytes=8 * MIB)
STORE_BYTES = 16 * MIB


@dataclass(slots=True)
class Counts:
    """What was done."""

    answers: int = 0
    read_bytes: int = 0
    left: int = 0
    failed: int = 0
    wrong: int = 0


async def fickle(exchange: Exchange) -> None:
    """Mostly good."""
    whim = random.random()
    if whim < 0.01:
        await exchange.head(503, content_length=0)
    elif whim < 0.03 and exchange.asked is not None and exchange.asked[0] < exchange.asked[1]:
        body = await exchange.part()
        await exchange.send(body[: len(body) // 2])
    else:
        await exchange.honest()


async def viewer(media: SlicedMedia, server: MediaServer, films: Sequence[Film], counts: Counts) -> None:
    """One viewer of one film, who checks every byte: all are of one version, whichever of the latest it is."""
    start = random.randrange(films[-1].length + 1_000)
    asked = MediaRequest(
        range=f"bytes={start}-{start + random.choice((100, SLICE, 8 * SLICE))}", takes_files=random.random() < 0.5
    )
    got = bytearray()
    try:
        answer = await media.open(Upstream(server.url, key=f"film {random.randrange(FILMS)}"), asked)
        counts.answers += 1
        try:
            while answer.body is not None and (piece := await anext(answer.body, None)) is not None:
                got += buffer_of(piece)
                if random.random() < 0.02:
                    counts.left += 1
                    break
        finally:
            await answer.aclose()
    except DomainError:
        counts.failed += 1
    counts.read_bytes += len(got)
    if got and not any(film.body.startswith(bytes(got), start) for film in films):
        counts.wrong += 1


async def churn(store: DiskSliceStore, server: MediaServer, films: list[Film], counts: Counts, seconds: float) -> None:
    """Viewers for so long, an upstream that replaces its films, and an operator who makes room."""
    async with aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch, Tasks() as tasks:
        media = SlicedMedia(fetch, SystemClock(), store, LIMITS, Patience(5.0, 2.0))
        running = tasks.start(media.run(), "media")
        await asyncio.sleep(0)
        until = time.monotonic() + seconds

        async def keep_watching() -> None:
            while time.monotonic() < until:
                await viewer(media, server, films, counts)

        async with asyncio.TaskGroup() as group:
            for _ in range(VIEWERS):
                group.create_task(keep_watching())
            while time.monotonic() < until:
                await asyncio.sleep(1.0)
                await interfere(store, server, films)
        running.cancel()


async def interfere(store: DiskSliceStore, server: MediaServer, films: list[Film]) -> None:
    """What happens to viewers now and then."""
    server.seen.clear()  # it remembers every request, and with it every version
    server.asked.clear()
    if random.random() < 0.1:
        replace_film(server, films)
    if random.random() < 0.2:
        await store.evict(random.randrange(STORE_BYTES))
    if random.random() < 0.05:
        await store.purge()


def replace_film(server: MediaServer, films: list[Film]) -> None:
    """Another version from now on; viewers may still be told of the older ones for a while."""
    seed = films[-1].seed + 1
    films.append(Film(FILM_BYTES, seed, etag=f'"{seed}"'))
    del films[:-8]
    server.film = films[-1]


def show(folder: Path, store: DiskSliceStore, counts: Counts, began: float) -> None:
    """One line: what was done, and what there is of everything that could leak."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    handles, stats = len(list(Path("/proc/self/fd").iterdir())), store.stats()
    print(
        f"{time.monotonic() - began:7.0f} s  {counts.answers:8,} answers  {counts.read_bytes / MIB:8,.0f} MiB read"
        f"  {counts.left:6,} left  {counts.failed:6,} failed  {counts.wrong} wrong  |  {stats.slices:4} slices"
        f"  {len(files):4} files  {size / MIB:5.1f} MiB  {handles:3} handles"
        f"  PSS {memory(os.getpid()).pss / MIB:4.0f} MiB  {stats.damaged} damaged",
        flush=True,
    )


async def main(chosen: argparse.Namespace) -> None:
    print(taken())
    counts, began = Counts(), time.monotonic()
    films = [Film(FILM_BYTES)]
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        async with media_server(films[0], fickle) as server:
            while (left := chosen.minutes * 60 - (time.monotonic() - began)) > 0:
                async with disk_slice_store(folder, STORE_BYTES, SystemClock()) as store:
                    await store.rebuilt()
                    await churn(store, server, films, counts, min(left, chosen.every))
                # What its threads were at is done now.
                show(folder, store, counts, began)
    print("Nothing leaks when there are as many files as slices, and handles and memory stay as they are.")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--every", type=float, default=20.0, help="seconds after which the store is opened anew")
    parser.add_argument("--folder", default="/var/tmp", help="on the file system that slices are to be kept on")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
