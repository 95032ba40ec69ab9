"""Keys that nobody gave: made on the first start and kept in the data folder, one file each.

A file may hold several keys, one a line.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from synctv.adapters.crypto.keys import KeyName, Keys, KeyTexts, keys_of, makeable, new_key

MAX_FILE_BYTES = 64 * 1024


def load_keys(folder: Path, given: Mapping[KeyName, Sequence[str]] | None = None) -> Keys:
    """The keys that were given, else those in `folder`, which are made there when there are none.

    Servers that start at once agree on what they make. Raises `KeyRefused`, and `OSError` when the folder is unusable.
    """
    given = given or {}
    missing = [name for name in makeable() if not given.get(name)]
    made = _made(folder, missing) if missing else []
    return keys_of(found_keys(folder, given), made)


def found_keys(folder: Path, given: Mapping[KeyName, Sequence[str]]) -> dict[KeyName, KeyTexts]:
    """The keys that were given and those in `folder`; what is in neither is missing, and nothing is made."""
    found = {}
    for name in KeyName:
        if texts := given.get(name):
            found[name] = KeyTexts(f"keys.{name}", tuple(texts))
        elif (path := file_of(folder, name)).exists():
            found[name] = KeyTexts(str(path), _lines(path))
    return found


def file_of(folder: Path, name: KeyName) -> Path:
    """Where the key is kept."""
    return folder / f"{name}.key"


def _made(folder: Path, names: Sequence[KeyName]) -> list[Path]:
    """Makes those that are not there, and returns their files."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep_private(folder, 0o700)
    paths = {name: file_of(folder, name) for name in names}
    with _alone(folder / ".lock"):
        made = [name for name, path in paths.items() if not path.exists()]
        for name in made:
            _write(paths[name], f"{new_key(name)}\n")
    for path in paths.values():
        _keep_private(path, 0o600)
    return [paths[name] for name in made]


def _lines(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8", errors="replace") as file:
        text = file.read(MAX_FILE_BYTES)
    return tuple(line.strip() for line in text.splitlines() if line.strip())


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Waits until no other process is in here."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, text: str) -> None:
    """Creates the file so that after a loss of power it is whole or not there."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _keep_private(path: Path, mode: int) -> None:
    """Takes rights away from others that somebody, or a restored backup, has given them."""
    state = path.stat()
    if state.st_mode & 0o077 and state.st_uid == os.geteuid():
        path.chmod(mode)
