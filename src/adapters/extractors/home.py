"""The folder that workers take for their person's, and what is left of it when a server was killed."""

from __future__ import annotations

import errno
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
        for _ in range(_TRIES):
            folder = Path(tempfile.mkdtemp(prefix=PREFIX))
            # A server that starts may find it before it is locked; then it is gone, or will be.
            try:
                lock = _opened(folder)
            except FileNotFoundError:
                continue
            except OSError:
                folder.rmdir()
                raise
            if _lock(lock) is not False and _is_at(folder, lock):
                return cls(folder, lock)
            os.close(lock)
        raise FileExistsError(errno.EEXIST, "Others take every new folder away", tempfile.gettempdir())

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
        with suppress(OSError):  # there is no folder, or none that could be read
            lock = _opened(folder)
            try:
                if _lock(lock) and os.fstat(lock).st_uid == os.getuid() and _is_at(folder, lock):
                    _emptied(folder)
            finally:
                os.close(lock)


def _opened(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


def _lock(folder: int) -> bool | None:
    """Whether the open folder is locked by this process now; None with a file system that has no locks, where nobody
    gets one."""
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is_at(folder: Path, lock: int) -> bool:
    with suppress(OSError):
        return os.path.samestat(folder.lstat(), os.fstat(lock))
    return False


def _emptied(folder: Path) -> None:
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
