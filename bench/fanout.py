"""One room, a thousand viewers over WebSockets, one playback command after the other: how long, and at what cost.

The server is a whole `synctv serve` in a process of its own, and so is the crowd of viewers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bench.crowd import Plan
from bench.measures import KIB, Memory, against, cpu_seconds, memory, percentile, taken
from tests.servers.client import JSON, PROTOBUF, people
from tests.servers.films import film_address
from tests.servers.scratch import scratch_folder
from tests.servers.synctv import Setting, SynctvServer, synctv_server

import msgspec  # isort: skip

P99_TARGET = 0.120
CPU_TARGET = 20e-6
MEMORY_TARGET = 40 * KIB
SETTLE_SECONDS = 4.0
WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Run:
    """What was measured with one storage and one codec. Seconds and bytes."""

    latencies: list[float]
    cpu: float
    before: Memory
    after: Memory


class Crowd:
    """The process of the viewers."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def tell(self, word: str) -> dict[str, Any]:
        """What it says when it has done what the word says."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{word}\n".encode())
        line = await self._process.stdout.readline()
        if not line:
            raise SystemExit("The crowd ended before it was done; what it wrote is above.")
        found: dict[str, Any] = json.loads(line)
        return found


@asynccontextmanager
async def crowd(plan: Plan) -> AsyncIterator[Crowd]:
    """The viewers, until the block is left."""
    pipe = asyncio.subprocess.PIPE
    arguments = (sys.executable, "-m", "bench.crowd", msgspec.json.encode(plan).decode())
    process = await asyncio.create_subprocess_exec(*arguments, stdin=pipe, stdout=pipe, limit=1 << 22)
    try:
        yield Crowd(process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def measured(server: SynctvServer, codec: str, viewers: int, commands: int, pause: float) -> Run:
    """One run against a server that is ready."""
    async with film_address() as url, people(server) as nobody:
        root = await nobody.signed_in()
        room = await root.room()
        await _warmed_up(root, room, await root.film(room, url), codec)
        host, port = server.realtime.removeprefix("ws://").split(":")
        plan = Plan(host, int(port), room, root.token or "", codec, viewers, commands, pause)
        async with crowd(plan) as them:
            await asyncio.sleep(SETTLE_SECONDS)
            before = memory(server.pid)
            await them.tell("connect")
            await asyncio.sleep(SETTLE_SECONDS)
            after = memory(server.pid)
            began = cpu_seconds(server.pid)
            found = await them.tell("command")
            used = cpu_seconds(server.pid) - began
    if found["lost"]:
        raise SystemExit(f"{found['lost']} viewers lost their connection.")
    return Run(found["seconds"], used / (viewers * commands), before, after)


async def _warmed_up(root: Any, room: str, film: str, codec: str) -> None:
    # What is loaded and cached with the first viewer is no cost of a connection.
    async with root.joined(room, codec) as socket:
        await socket.observe("playback")
        await socket.play({"select": {"itemId": film}})
        for position in range(WARM_UP):
            await socket.play({"seek": {"position": float(position)}})


def settings(storage: str, viewers: int) -> dict[str, Setting]:
    """A server that takes them all from one account."""
    return {
        "storage.kind": storage,
        "realtime.connections_per_account": min(viewers + 100, 10_000),
        "realtime.connections_per_room": viewers + 100,
        # Whoever gives the commands may give them without a pause.
        "realtime.frames_per_second": 10_000,
        "log.level": "warning",
    }


def show(storage: str, codec: str, viewers: int, run: Run) -> None:
    """Prints a run."""
    p50, p99, most = (percentile(run.latencies, percent) * 1e3 for percent in (50, 99, 100))
    rss = (run.after.rss - run.before.rss) / viewers
    pss = (run.after.pss - run.before.pss) / viewers
    print(f"\nstorage {storage}, codec {codec}, {viewers:,} viewers, {len(run.latencies)} commands")
    print(f"  command to last delivery   p50 {p50:.1f} ms   p99 {p99:.1f} ms   max {most:.1f} ms", end="")
    print(f"   (p99 <= {P99_TARGET * 1e3:.0f} ms: {against(p99 / 1e3, P99_TARGET)})")
    print(f"  CPU per delivery           {run.cpu * 1e6:.1f} us", end="")
    print(f"   (<= {CPU_TARGET * 1e6:.0f} us: {against(run.cpu, CPU_TARGET)})")
    print(f"  memory per connection      PSS {pss / KIB:.1f} KiB   RSS {rss / KIB:.1f} KiB", end="")
    print(f"   (<= {MEMORY_TARGET / KIB:.0f} KiB: {against(pss, MEMORY_TARGET)})")


async def main(chosen: argparse.Namespace) -> None:
    print(taken())
    print(
        "The server (all entrypoints) and the viewers are two processes that share these cores. Time: by the crowd's\n"
        "clock, from writing a command to reading the last of its deliveries. CPU: user and system time of the server\n"
        "process over all commands, with the kernel's work of sending and all idle work, per delivery. Memory: the\n"
        "server process before the viewers came and after, when they had been idle for a while."
    )
    for storage, codec in chosen.runs:
        with scratch_folder() as folder:
            async with synctv_server(folder / "data", settings(storage, chosen.viewers)) as server:
                run = await measured(server, codec, chosen.viewers, chosen.commands, chosen.pause)
        show(storage, codec, chosen.viewers, run)


def arguments() -> argparse.Namespace:
    """The command line."""
    codecs = {"json": JSON, "pb": PROTOBUF}

    def run(text: str) -> tuple[str, str]:
        storage, _, codec = text.partition("/")
        if storage not in ("memory", "embedded") or codec not in codecs:
            raise argparse.ArgumentTypeError("Say memory or embedded, a slash, and json or pb.")
        return storage, codecs[codec]

    usual = [("memory", JSON), ("memory", PROTOBUF), ("embedded", JSON)]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="*", type=run, default=usual, help="such as memory/json or embedded/pb")
    parser.add_argument("--viewers", type=int, default=1_000)
    parser.add_argument("--commands", type=int, default=100)
    parser.add_argument("--pause", type=float, default=0.05, help="seconds from a last delivery to the next command")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
