"""The folder that workers take for their person's, and what is left of it when a server was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "synctv-extractors-"
_TRIES = 5
"""A worker of a killed server may write for a moment more, while its folder is being removed."""


class WorkerHome:
    """A folder of our own among the temporary ones. A lock on it tells others that it is in use.

    The lock ends with the process, however that ends, so that a folder without one is a leftover. Programs that clean
    up old temporary files heed such locks, too (systemd-tmpfiles does).
    """

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder = folder
        self._lock = lock

    @classmethod
    def made(cls) -> WorkerHome:
        """A new one. Raises `OSError`."""
        while True:
            folder = Path(tempfile.mkdtemp(prefix=PREFIX))
            # A server that starts may find it before it is locked; then it is gone, or will be.
            lock = _locked(folder)
            if lock is None:
                continue
            if _is_at(folder, lock):
                return cls(folder, lock)
            os.close(lock)

    @property
    def there(self) -> bool:
        """Whether nobody has taken it away."""
        return _is_at(self.folder, self._lock)

    def remove(self) -> None:
        """Removes it with all that is in it. To be called once."""
        if self.there:
            _emptied(self.folder)
        os.close(self._lock)


def remove_leftovers() -> None:
    """Removes the folders of servers that were killed. Those in use stay, and those of other people."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = _locked(folder)
        if lock is not None:
            try:
                if os.fstat(lock).st_uid == os.getuid() and _is_at(folder, lock):
                    _emptied(folder)
            finally:
                os.close(lock)


def _locked(folder: Path) -> int | None:
    """The lock on a folder; None where somebody has it, or where there is no folder that could be read."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _is_at(folder: Path, lock: int) -> bool:
    with suppress(OSError):
        return os.path.samestat(folder.lstat(), os.fstat(lock))
    return False


def _emptied(folder: Path) -> None:
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
