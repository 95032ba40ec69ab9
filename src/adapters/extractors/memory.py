"""How much memory a process and all that it started use."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

MOST_PROCESSES = 256
"""A worker starts a JavaScript runtime, perhaps by a wrapper. With so many it is out of hand, whatever they use."""

_PROC = Path("/proc")


async def resident_bytes(pid: int) -> int:
    """What the process and everything below it have in memory; 0 where nobody can tell, and far too much where there
    are more processes than anybody needs.

    Where the system does not say who started whom, its process group takes their place.
    """
    if sys.platform != "linux":
        return await asyncio.to_thread(_of_group_by_ps, pid)
    if not _tells_children():
        return await asyncio.to_thread(_of_group_in_proc, pid)
    return _of_family(pid)


def _of_family(pid: int) -> int:
    family = [pid]
    for one in family:
        family.extend(child for child in _children(one) if child not in family)
        if len(family) > MOST_PROCESSES:
            return sys.maxsize
    return sum(map(_of_one, family))


def _of_one(pid: int) -> int:
    try:
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _children(pid: int) -> Iterator[int]:
    """Those that any of its threads started: each has a list of its own."""
    with suppress(OSError):  # it has ended
        for thread in (_PROC / str(pid) / "task").iterdir():
            with suppress(OSError):  # this one has
                yield from map(int, (thread / "children").read_text().split())


@cache
def _tells_children() -> bool:
    """Whether the kernel lists them (CONFIG_PROC_CHILDREN)."""
    return (_PROC / "thread-self" / "children").exists()


def _of_group_in_proc(group: int) -> int:
    return sum(_of_one(int(one.name)) for one in _PROC.iterdir() if one.name.isdigit() and _group_of(one) == group)


def _group_of(process: Path) -> int:
    try:
        # The name of the program, in brackets, may hold anything; after it come state, parent and group.
        return int((process / "stat").read_text().rpartition(")")[2].split()[2])
    except (OSError, ValueError, IndexError):
        return 0


def _of_group_by_ps(group: int) -> int:
    try:
        done = subprocess.run(["/bin/ps", "-axo", "pgid=,rss="], capture_output=True, text=True, timeout=5, check=False)
        rows = [line.split() for line in done.stdout.splitlines()]
        return sum(int(row[1]) << 10 for row in rows if len(row) == 2 and row[0] == str(group))
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0
