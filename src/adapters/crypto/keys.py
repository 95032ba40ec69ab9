"""The server's own keys: given by the operator, or made on the first start and kept in the data folder.

A key is a text of at least 32 bytes. A file may hold several, one a line: the first one signs, all of them verify, so
a key is replaced by putting a new one above it and taking the old one out when nothing signed by it is valid any more.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

MIN_BYTES = 32
MIN_DISTINCT = 10
MAX_FILE_BYTES = 64 * 1024
# None so short that it turns up in random text: even all together do so only once in millions of keys.
_PLACEHOLDERS = ("change", "replace", "placeholder", "example", "secret", "password", "insert", "123456")


class KeyRefused(Exception):
    """A key can't be used. The sentence says where it is and what is wrong, and never quotes it."""

    def __init__(self, where: str, reason: str) -> None:
        self.where = where
        self.reason = reason
        super().__init__(f"{where}: {reason}")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key and its public name, by which a token says with what it was signed."""

    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys of this server. `made` are the files that this start wrote, so that the log can tell."""

    tokens: tuple[SigningKey, ...]
    made: tuple[Path, ...] = ()


def load_keys(folder: Path, *, tokens: Sequence[str] = ()) -> Keys:
    """The keys that were given, else those in `folder`, made there when there are none.

    Servers that start at once agree on what they make. Raises `KeyRefused`, and `OSError` when the folder is unusable.
    """
    if tokens:
        return Keys(signing_keys(tokens, "keys.tokens"))
    path = folder / "tokens.key"
    lines, made = _kept(path)
    return Keys(signing_keys(lines, str(path)), (path,) if made else ())


def signing_keys(texts: Sequence[str], where: str) -> tuple[SigningKey, ...]:
    """The keys that these texts are. Raises `KeyRefused` for none, one that is too weak, or one given twice."""
    if not texts:
        raise KeyRefused(where, f"There is no key in it. {_HELP}")
    for text in texts:
        reason = weakness(text)
        if reason:
            raise KeyRefused(where, f"{reason} {_HELP}")
    keys = tuple(SigningKey(_name(text.encode()), text.encode()) for text in texts)
    if len({key.id for key in keys}) < len(keys):
        raise KeyRefused(where, "The same key is in it twice. Remove one of them.")
    return keys


def weakness(text: str) -> str | None:
    """Why the text can't be a key, as a sentence that does not quote it; None when it can."""
    if len(text.encode()) < MIN_BYTES:
        return f"The key is too short: at least {MIN_BYTES} bytes are needed."
    plain = text.lower()
    if len(set(plain)) < MIN_DISTINCT or any(word in plain for word in _PLACEHOLDERS):
        return "The key looks like a placeholder."
    return None


_HELP = "Make one with `openssl rand -base64 48`."


def _name(secret: bytes) -> str:
    return sha256(b"synctv key id\0" + secret).hexdigest()[:16]


def _kept(path: Path) -> tuple[list[str], bool]:
    """The lines of the file and whether they were written just now."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep_private(path.parent, 0o700)
    with _alone(path.parent / ".lock"):
        made = not path.exists()
        if made:
            _write(path, f"{_fresh()}\n")
    _keep_private(path, 0o600)
    with path.open(encoding="utf-8", errors="replace") as file:
        text = file.read(MAX_FILE_BYTES)
    return [line.strip() for line in text.splitlines() if line.strip()], made


def _fresh() -> str:
    """384 random bits, drawn again in the one case of millions in which they look like a placeholder."""
    while weakness(text := secrets.token_urlsafe(48)):
        pass
    return text


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
