"""How long a server takes from being started to being ready, with a data folder that was used before, and its memory.

What `make serve` runs when everything is installed and built: `synctv serve` with its own PostgreSQL.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from bench.measures import MIB, Memory, against, memory, percentile, taken
from tests.servers.scratch import scratch_folder
from tests.servers.synctv import SynctvServer

READY_TARGET = 3.0
MEMORY_TARGET = 150 * MIB


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds from the process being made to `/health/ready`, and its memory when idle."""

    ready: float
    memory: Memory
    database: int
    """What the processes of the embedded PostgreSQL have, in bytes, divided where it is shared."""


async def started(server: SynctvServer, idle: float) -> Start:
    """Starts the server and stops it again."""
    began = time.perf_counter()
    try:
        await server.start()
        ready = time.perf_counter() - began
        await asyncio.sleep(idle)
        return Start(ready, memory(server.pid), sum(memory(pid).pss for pid in _descendants(server.pid)))
    finally:
        await server.discard()


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task").glob("*/children")
    found = [int(child) for tasks in children for child in tasks.read_text().split()]
    return found + [deeper for child in found for deeper in _descendants(child)]


async def main(chosen: argparse.Namespace) -> None:
    print(taken())
    print(
        "Time: from making the process to the first 200 of /health/ready, which is asked for every 10 ms. Memory: of\n"
        f"the server process {chosen.idle:g} s after it was ready, with nobody connected. The disk cache is warm."
    )
    with scratch_folder() as folder:
        # The usual cost of checking a password, as people have it.
        settings = {"storage.kind": chosen.storage, "passwords.memory_kib": 19_456, "passwords.passes": 2}
        server = SynctvServer(folder / "data", settings)
        first = await started(server, 0.0)
        again = [await started(server, chosen.idle if last else 0.0) for last in _last_of(chosen.starts)]
    times, idle = [one.ready for one in again], again[-1]
    usual = percentile(times, 50)
    print(f"\nstorage {chosen.storage}, {chosen.starts} starts after the first")
    print(f"  first start to ready       {first.ready:.2f} s   (a new data folder)")
    print(
        f"  start to ready             p50 {usual:.2f} s   best {min(times):.2f} s   worst {max(times):.2f} s", end=""
    )
    print(f"   (p50 <= {READY_TARGET:g} s: {against(usual, READY_TARGET)})")
    rss, pss = idle.memory.rss / MIB, idle.memory.pss / MIB
    print(f"  memory when idle           RSS {rss:.0f} MiB   PSS {pss:.0f} MiB", end="")
    print(f"   (<= {MEMORY_TARGET / MIB:.0f} MiB: {against(idle.memory.rss, MEMORY_TARGET)})")
    if idle.database:
        print(f"  its PostgreSQL             PSS {idle.database / MIB:.0f} MiB")


def _last_of(count: int) -> list[bool]:
    return [number == count for number in range(1, count + 1)]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--storage", choices=("embedded", "memory"), default="embedded")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--idle", type=float, default=10.0, help="seconds until its memory is read")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(arguments()))
