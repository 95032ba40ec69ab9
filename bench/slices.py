"""The media proxy with its slices beside nginx with its own: throughput, CPU, first bytes, single fetches, memory."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.measures import KIB, MIB, against, memory, percentile, taken
from bench.nginx import Nginx, nginx
from bench.slice_load import Run, Target, figures, first_bytes, slow_viewers, throughput, whole
from bench.slice_server import Plan

FILM_BYTES = 200 * MIB
SLICE = 2 * MIB
SIZES = (1 * MIB, 16 * MIB)
THROUGHPUT_TARGET = 0.6
CPU_TARGET = 2.0
FIRST_BYTE_TARGET = 0.010
STORE_BYTES = 512 * MIB
CROWD_STORE_BYTES = 64 * MIB
IN_FLIGHT_BYTES = 64 * MIB
CROWD = 1_000


@dataclass(frozen=True, slots=True)
class Ours:
    """A media proxy of ours, in a process of its own."""

    port: int
    pid: int


@asynccontextmanager
async def ours(plan: Plan) -> AsyncIterator[Ours]:
    """One, until the block is left."""
    pipe = asyncio.subprocess.PIPE
    arguments = (sys.executable, "-m", "bench.slice_server", msgspec.json.encode(plan).decode())
    process = await asyncio.create_subprocess_exec(*arguments, stdin=pipe, stdout=pipe)
    try:
        assert process.stdout is not None
        yield Ours(int(await process.stdout.readline()), process.pid)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def films(folder: Path) -> Path:
    """Two films of random bytes, under several names: each name is a film of its own to who asks by address."""
    found = folder / "films"
    found.mkdir(mode=0o755)
    (found / "film.mp4").write_bytes(os.urandom(FILM_BYTES))
    for index in range(20):
        (found / f"crowd{index}.mp4").hardlink_to(found / "film.mp4")
    return found


def plan(origin: Nginx, folder: Path | None, size: int = STORE_BYTES) -> Plan:
    """A server of ours in front of the films."""
    return Plan(f"http://127.0.0.1:{origin.origin}", str(folder or ""), size, IN_FLIGHT_BYTES)


async def compared(origin: Nginx, folder: Path, rounds: int, seconds: float) -> None:
    """Throughput, CPU and first bytes of what is kept: nginx, memory and disk take turns, so that noise hits all."""
    async with AsyncExitStack() as stack:
        memory_store = await stack.enter_async_context(ours(plan(origin, None)))
        disk_store = await stack.enter_async_context(ours(plan(origin, folder / "kept")))
        targets = [
            Target("nginx", origin.sliced, "/film.mp4", origin.worker),
            Target("memory", memory_store.port, "/film/film.mp4", memory_store.pid),
            Target("disk", disk_store.port, "/film/film.mp4", disk_store.pid),
        ]
        for target in targets:
            await whole(target.port, target.path, FILM_BYTES)
        for size in SIZES:
            runs: dict[str, list[Run]] = {target.name: [] for target in targets}
            for _ in range(rounds):
                for target in targets:
                    runs[target.name].append(await throughput(target, size, FILM_BYTES, seconds, folder))
            show_runs(size, runs)
        for target in targets:
            found = await asyncio.to_thread(first_bytes, target, FILM_BYTES, 3_000)
            p50, p99 = (percentile(found, percent) for percent in (50, 99))
            print(f"  first byte, {target.name:7} p50 {p50 * 1e3:.2f} ms   p99 {p99 * 1e3:.2f} ms", end="")
            print("" if target.name == "nginx" else f"   (p99 {against(p99, FIRST_BYTE_TARGET)})")


def show_runs(size: int, runs: dict[str, list[Run]]) -> None:
    """Prints the runs with one size of ranges: medians, and how they stand to those of nginx."""
    print(f"\nkept, ranges of {size // MIB} MiB over 8 connections")
    theirs = Run(*(statistics.median(getattr(run, name) for run in runs["nginx"]) for name in ("throughput", "cpu")))
    for name, found in runs.items():
        rate, cpu = (statistics.median(getattr(run, field) for run in found) for field in ("throughput", "cpu"))
        print(f"  {name:7} {rate / MIB:7.0f} MiB/s   {cpu:.3f} CPU s/GiB", end="")
        if name != "nginx":
            share, times = rate / theirs.throughput, cpu / theirs.cpu
            print(f"   {share:.0%} of nginx (>= {THROUGHPUT_TARGET:.0%}), {times:.2f} times its CPU", end="")
            print(f" ({against(times, CPU_TARGET)})", end="")
        print()


async def together(origin: Nginx, viewers: int) -> None:
    """Many viewers of one film that is not kept yet."""
    async with ours(plan(origin, None)) as server:
        before = len(origin.asked("/film.mp4"))
        counts = await asyncio.gather(*(whole(server.port, "/film/film.mp4", FILM_BYTES) for _ in range(viewers)))
        asked = Counter(origin.asked("/film.mp4")[before:])
    slices = -(-FILM_BYTES // SLICE)
    once = len(asked) == slices and set(asked.values()) == {1} and set(counts) == {FILM_BYTES}
    print(f"\n{viewers} viewers of an uncached film of {FILM_BYTES // MIB} MiB at once: {slices} slices", end="")
    print(f", {sum(asked.values())} fetches: {'each once' if once else f'NOT EACH ONCE: {asked.most_common(3)}'}")


async def crowded(origin: Nginx) -> None:
    """A thousand viewers at places of their own, none of them kept, who read nothing for a while and then slowly."""
    async with ours(plan(origin, None, CROWD_STORE_BYTES)) as server:
        await whole(server.port, "/film/film.mp4", 8 * MIB)  # what is loaded with the first viewer is no cost of more
        idle = memory(server.pid).pss
        places = [(f"/film/crowd{n % 20}.mp4", n // 20 * SLICE, n // 20 * SLICE + SLICE) for n in range(CROWD)]
        most = idle

        async def watch() -> None:
            nonlocal most
            while True:
                most = max(most, memory(server.pid).pss)
                await asyncio.sleep(0.1)

        watching = asyncio.ensure_future(watch())
        async with slow_viewers(server.port, places) as readers:
            await asyncio.sleep(1)
            found = await figures(server.port)
            taken_at = asyncio.get_running_loop().time()
            await asyncio.gather(*(_read_slowly(reader) for reader in readers))
            seconds = asyncio.get_running_loop().time() - taken_at
        watching.cancel()
    bound = CROWD_STORE_BYTES + IN_FLIGHT_BYTES
    print(f"\n{CROWD:,} viewers, {found['open']:,} ranges in flight at once, {found['fills']:,} slices fetched", end="")
    print(f"; all read in {seconds:.0f} s")
    print(f"  memory above idle: at most {(most - idle) / MIB:.0f} MiB, of which each connection would have", end="")
    print(f" {(most - idle) / CROWD / KIB:.0f} KiB; bound {bound / MIB:.0f} MiB ({against(most - idle, bound * 1.1)})")


async def _read_slowly(reader: asyncio.StreamReader) -> None:
    left = SLICE
    while left:
        piece = await reader.read(1 << 16)
        if not piece:
            raise SystemExit("A viewer was cut off.")
        left -= len(piece)
        await asyncio.sleep(0.01)


async def main(chosen: argparse.Namespace) -> None:
    print(taken())
    print(
        "Films lie in one nginx; another server of it keeps slices of 2 MiB of them, and so do servers of ours, in\n"
        "memory and on disk, each with one process that does the work. They are asked in turns by one wrk. Everything\n"
        "shares these cores. CPU: user and system time of the process. Medians of all rounds."
    )
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        await asyncio.to_thread(folder.chmod, 0o711)
        async with nginx(folder / "nginx", films(folder)) as origin:
            if "compare" in chosen.parts:
                await compared(origin, folder, chosen.rounds, chosen.seconds)
            if "together" in chosen.parts:
                await together(origin, 50)
            if "crowd" in chosen.parts:
                await crowded(origin)


def arguments() -> argparse.Namespace:
    """The command line."""
    parts = ("compare", "together", "crowd")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(parts), help=", ".join(parts))
    parser.add_argument("--folder", default="/var/tmp", help="on the file system that slices are to be kept on")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
