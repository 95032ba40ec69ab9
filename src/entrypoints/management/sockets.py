"""Where the management socket lies, and who may take its place."""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

FILE_NAME = "management.sock"
MAX_PATH_BYTES = 103
"""The shortest limit of the systems we run on (macOS: 104 with the closing zero, Linux: 108)."""


class SocketRefused(Exception):
    """The management socket can't be opened. The sentence says what to do."""


def socket_path(run_folder: Path) -> Path:
    """Where the socket lies: in the folder, or where that is too long for a socket, in a private folder elsewhere.

    The same folder always leads to the same path. Raises `SocketRefused` when no safe place is short enough.
    """
    path = run_folder / FILE_NAME
    if _fits(path):
        return path
    name = sha256(os.fsencode(run_folder.resolve())).hexdigest()[:16]
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp")):  # noqa: S108 - the folder in it is checked
        short = Path(parent) / f"synctv-{os.geteuid()}" / f"{name}.sock"
        if _fits(short):
            _make_private(short.parent)
            return short
    raise SocketRefused(f"{path} is too long for a socket. Choose a shorter data folder with `--data-dir`.")


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """The right to listen at `path`, until the block is left: what a dead server left there is cleared away.

    Raises `SocketRefused` while another server listens there.
    """
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SocketRefused(
                f"Another SyncTV server with this data folder is running (it listens on {path}). "
                "Stop it with `synctv stop`, or give this one another folder with `--data-dir`."
            ) from None
        _clear(path)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def open_to_owner_alone(path: Path) -> None:
    """Sets the mode of a socket that listens."""
    path.chmod(0o600)


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= MAX_PATH_BYTES


def _clear(path: Path) -> None:
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise SocketRefused(f"{path} is no socket, so it was left alone. Move it away and start again.")
    path.unlink()


def _make_private(folder: Path) -> None:
    """Makes the folder, or makes sure that it is ours alone: anybody may have put it there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    ours = stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & 0o077
    if not ours:
        raise SocketRefused(
            f"{folder} is not a folder that only you may enter, so no socket is put there. Remove it and start again."
        )
