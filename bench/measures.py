"""What the benches read off a process and a machine, and how they print it. Linux only."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
LIBRARIES: Final = ("uvloop", "websockets", "asyncpg", "blacksheep", "msgspec", "betterproto2")


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of one process in bytes: resident, and with what it shares with others divided among them."""

    rss: int
    pss: int


def memory(pid: int) -> Memory:
    """The memory of a process now. Raises `OSError` when it may not be looked at."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, size = line.split()[:2]
        found[name] = int(size) * KIB
    return Memory(found["Rss:"], found["Pss:"])


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has used so far, user and system, of all its threads."""
    # The clock of a process is named by its id: clock_getcpuclockid(3).
    return time.clock_gettime(~pid << 3 | 2)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def taken() -> str:
    """Where and with what figures are taken, in two lines. A load near the number of cores spoils every figure."""
    cores = len(os.sched_getaffinity(0))
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / MIB / KIB
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    when = datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"Taken {when} on {_processor()}, {cores} cores, {total:.0f} GiB, "
        f"Linux {platform.release().partition('-')[0]}, load {os.getloadavg()[0]:.1f},\n"
        f"Python {platform.python_version()}, {libraries}."
    )


def against(value: float, target: float) -> str:
    """How a figure stands to the one that it should not exceed."""
    return f"{'reached' if value <= target else 'MISSED'}, {value / target:.2f} of it"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
