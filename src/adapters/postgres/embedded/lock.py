"""One SyncTV per data folder: a lock that the system gives back however its holder ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from synctv.adapters.postgres.embedded.errors import DataFolderInUse
from synctv.adapters.postgres.embedded.private_files import open_private

if sys.platform != "win32":
    import fcntl


class FolderLock:
    """Held by a living process, never by a file that was left behind; PostgreSQL's processes don't inherit it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock at once, or raise DataFolderInUse naming the process that has it."""
        descriptor = open_private(self._file, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            os.close(descriptor)
            raise DataFolderInUse(self._file.parent, int(holder) if holder.isdecimal() else None) from None
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock back. The file stays: removing it would let two starters lock two different files."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
