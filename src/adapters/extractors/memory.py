"""How much memory a process and what it started use."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

_PROC = Path("/proc")


async def resident_bytes(pid: int) -> int:
    """What the group of the process has in memory; 0 where nobody can tell."""
    if sys.platform != "linux":
        return await asyncio.to_thread(_asked, pid)
    return sum(_of_one(one) for one in (pid, *_children(pid)))


def _of_one(pid: int) -> int:
    try:
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _children(pid: int) -> list[int]:
    """Those of its first thread, or none with a kernel that does not list them."""
    try:
        return [int(one) for one in (_PROC / str(pid) / "task" / str(pid) / "children").read_text().split()]
    except (OSError, ValueError):
        return []


def _asked(group: int) -> int:
    try:
        done = subprocess.run(["/bin/ps", "-axo", "pgid=,rss="], capture_output=True, text=True, timeout=5, check=False)
        rows = [line.split() for line in done.stdout.splitlines()]
        return sum(int(row[1]) << 10 for row in rows if len(row) == 2 and row[0] == str(group))
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0
