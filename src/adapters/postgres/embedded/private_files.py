"""Small files that only their owner may read, written so that a crash leaves the old or the new content."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def open_private(path: Path, flags: int) -> int:
    """Open `path` with mode 0600 if it is new, and return the descriptor.

    Links are refused: root works here in folders that an unprivileged user may own, who could point anywhere. What
    root opens belongs to the owner of its folder, so that a start as root doesn't lock that user out of the next one.
    """
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(descriptor).st_nlink != 1:
            raise OSError(errno.EMLINK, "is a link to another file", str(path))
        if os.geteuid() == 0:
            folder = path.parent.stat()
            os.fchown(descriptor, folder.st_uid, folder.st_gid)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def read_private(path: Path) -> str:
    """The content of `path`; FileNotFoundError when there is none."""
    with os.fdopen(open_private(path, os.O_RDONLY), encoding="utf-8") as file:
        return file.read()


def write_private(path: Path, text: str) -> None:
    """Replace the content of `path` at once and durably."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(open_private(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names that were added to `folder` survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
