"""`postmaster.pid`, by which PostgreSQL tells who serves a data folder and whether it is ready."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from synctv.adapters.postgres.embedded.private_files import write_private
from synctv.adapters.postgres.embedded.processes import WatchedProcess, is_running, processes_in, works_in

NAME: Final = "postmaster.pid"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PidFile:
    """The lines that matter: who (line 1), and `ready` once connections are taken (line 8)."""

    pid: int
    ready: bool

    @classmethod
    def read(cls, cluster: Path) -> PidFile | None:
        """None when there is no file, or nothing sensible in it (yet)."""
        try:
            lines = (cluster / NAME).read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return None
        if not lines or not lines[0].strip().isdecimal():
            return None
        return cls(int(lines[0]), len(lines) > 7 and lines[7].strip() == "ready")


async def end_leftovers(cluster: Path, patience: float) -> None:
    """End whatever still serves `cluster` from an earlier life, in order, and make sure a new server can start.

    A server that outlived its SyncTV is stopped rather than taken over: it may be of another minor version or have
    other settings, and stopping takes a tenth of a second. The caller holds the lock, so it can't be in use.
    """
    found = PidFile.read(cluster)
    if found is not None and works_in(found.pid, cluster):
        await _end(found.pid, cluster, patience)
    for pid in list(processes_in(cluster)):
        await _end(pid, cluster, 0.5)
    _disarm(cluster)


async def _end(pid: int, cluster: Path, patience: float) -> None:
    try:
        process = WatchedProcess(pid)
    except ProcessLookupError:
        return
    try:
        # Asked again now that the process is held: its number may have gone to another one just before.
        if works_in(pid, cluster):
            logger.warning("Ending process %d, which an earlier start left behind in %s.", pid, cluster)
            await process.end(patience)
    finally:
        process.close()


def _disarm(cluster: Path) -> None:
    """Keep a stale pid file from stopping the start when its number belongs to a zombie or to another program.

    PostgreSQL believes any living process with that number. Removing the file would also remove its guard against
    surviving backends (the shared memory named in it); naming ourselves instead keeps the guard, because PostgreSQL
    never takes its own parent for a rival.
    """
    file = cluster / NAME
    if not file.exists():
        return
    found = PidFile.read(cluster)
    if found is None:
        logger.warning("Removing %s, which holds no process number: its writer was cut off.", file)
        file.unlink()
    elif _exists(found.pid):
        logger.warning("Process %d, named in %s, %s.", found.pid, file, _what_it_is(found.pid))
        _, _, rest = file.read_text(encoding="utf-8", errors="replace").partition("\n")
        write_private(file, f"{os.getpid()}\n{rest}")


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _what_it_is(pid: int) -> str:
    return "is another program" if is_running(pid) else "has ended and was not collected by its parent"
