"""What a failed start means, from what PostgreSQL or the operating system said about it."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from pathlib import Path

from synctv.adapters.postgres.embedded.errors import DiskFull, NotWritable


class Cause(Enum):
    """The reasons that are answered in their own way."""

    PORT_TAKEN = auto()
    DISK_FULL = auto()
    STILL_IN_USE = auto()
    """Processes of an earlier server have not all ended."""
    UNKNOWN = auto()


def cause_of(said: str) -> Cause:
    """Judge the English log of one start. PostgreSQL has no other way of telling."""
    if "could not bind" in said:
        return Cause.PORT_TAKEN
    if "pre-existing shared memory block" in said or '"postmaster.pid" already exists' in said:
        return Cause.STILL_IN_USE
    if any(_speaks_of_full_disk(line) for line in said.splitlines()):
        return Cause.DISK_FULL
    return Cause.UNKNOWN


def _speaks_of_full_disk(line: str) -> bool:
    # The same words for shared memory are about a limit of the system, not about a disk.
    full = "No space left on device" in line or "Disk quota exceeded" in line
    return full and "shared memory" not in line


def disk_full(folder: Path) -> DiskFull:
    """The error, with the room that is left around `folder`."""
    return DiskFull(folder, shutil.disk_usage(folder).free)


@contextmanager
def os_errors(folder: Path) -> Iterator[None]:
    """Turn what the operating system refuses while `folder` is prepared into an error for the operator."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(_existing(folder)) from error
        raise NotWritable(folder, str(error)) from error


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())
