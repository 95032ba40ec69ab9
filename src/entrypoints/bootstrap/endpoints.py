"""The addresses really bound, written for whoever looks for a running server: `data_dir/run/endpoints.json`.

Several processes may share a data folder, each with some of the parts; each one writes and removes only its own.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

FILE_NAME = "endpoints.json"
ALIVE_NAME = "alive.lock"


class DataFolderRefused(Exception):
    """The server can't keep its files in the data folder. The sentence says what to do."""

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder = folder
        self.reason = reason
        super().__init__(
            f"it can't keep files in {folder} ({reason}). "
            "Make that folder writable, or choose another with `--data-dir` or SYNCTV_DATA_DIR."
        )


def run_folder(data_dir: Path) -> Path:
    """Where a running server keeps what ends with it: only its user may look in. Raises `DataFolderRefused`."""
    folder = data_dir / "run"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DataFolderRefused(data_dir, error.strerror or str(error)) from error
    return folder


def read(data_dir: Path) -> dict[str, str]:
    """The addresses by part (`http`, `realtime`, `management`, `metrics`); empty when nothing runs.

    After a crash they may be of a server that is gone. Raises `OSError` when the file may not be read.
    """
    try:
        content = json.loads((data_dir / "run" / FILE_NAME).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    known = isinstance(content, dict)
    return {name: address for name, address in content.items() if isinstance(address, str)} if known else {}


@contextmanager
def announced(data_dir: Path, endpoints: Mapping[str, str]) -> Iterator[None]:
    """Adds these addresses to the file, and takes them out again when the block is left."""
    _change(data_dir, lambda known: {**known, **endpoints})
    try:
        yield
    finally:
        # Another process may have taken a part over meanwhile; its address stays.
        _change(data_dir, lambda known: {name: at for name, at in known.items() if endpoints.get(name) != at})


@contextmanager
def alive(data_dir: Path) -> Iterator[None]:
    """Lets others see, until the block is left or the process dies, that this process has not ended."""
    descriptor = os.open(run_folder(data_dir) / ALIVE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def is_alive(data_dir: Path) -> bool:
    """Whether a process with this data folder has not ended."""
    try:
        descriptor = os.open(data_dir / "run" / ALIVE_NAME, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _change(data_dir: Path, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    folder = run_folder(data_dir)
    with _alone(folder):
        endpoints = change(read(data_dir))
        file = folder / FILE_NAME
        if not endpoints:
            file.unlink(missing_ok=True)
            return
        fresh = folder / f".{FILE_NAME}.new"
        fresh.write_text(json.dumps(endpoints, indent=2, sort_keys=True) + "\n", "utf-8")
        fresh.chmod(0o600)
        fresh.replace(file)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Waits until no other process changes the file."""
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
