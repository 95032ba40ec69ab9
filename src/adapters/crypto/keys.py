"""The server's own keys: what they are called, what makes a good one, and how one is told from another.

A key is a text of at least 32 bytes. There may be several of each: the first one signs or seals, all of them verify or
open, so a key is replaced by putting a new one before it and taking the old one out when nothing made with it is needed
any more. Only the OPAQUE setup is a single one for ever: every stored record is bound to it.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from synctv.adapters.crypto.opaque import is_setup, library_is_there, new_setup

MIN_BYTES = 32
MIN_DISTINCT = 10
# None so short that it turns up in random text: even all together do so only once in millions of keys.
_PLACEHOLDERS = ("change", "replace", "placeholder", "example", "secret", "password", "insert", "123456")


class KeyName(StrEnum):
    """The server's keys, by what each of them is for."""

    TOKENS = "tokens"
    OPAQUE = "opaque"
    CREDENTIALS = "credentials"
    TOTP = "totp"
    MAIL = "mail"
    PROXY = "proxy"
    UPLOADS = "uploads"
    CLUSTER = "cluster"


SEALING = frozenset({KeyName.CREDENTIALS, KeyName.TOTP, KeyName.MAIL})
"""The keys that something is stored under."""


class KeyRefused(Exception):
    """A key can't be used. The sentence says where it is and what is wrong, and never quotes it."""

    def __init__(self, where: str, reason: str) -> None:
        self.where = where
        self.reason = reason
        super().__init__(f"{where}: {reason}")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key and its public name, by which what was signed or sealed with it says so."""

    id: str
    secret: bytes = field(repr=False)


KeyRing = tuple[SigningKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """All keys of this server. `opaque` is None where OPAQUE can't be done.

    `made` are the files that this start wrote, so that the log can tell.
    """

    tokens: KeyRing
    opaque: bytes | None = field(default=None, repr=False)
    credentials: KeyRing
    totp: KeyRing
    mail: KeyRing
    proxy: KeyRing
    uploads: KeyRing
    cluster: KeyRing
    made: tuple[Path, ...] = ()

    def of(self, name: KeyName) -> KeyRing:
        """The keys of this name. The OPAQUE setup counts as one."""
        if name is KeyName.OPAQUE:
            return () if self.opaque is None else (_named(self.opaque),)
        ring: KeyRing = getattr(self, name.value)
        return ring


@dataclass(frozen=True, slots=True)
class KeyTexts:
    """The texts of one key, and where they are: an option (`keys.tokens`) or a file."""

    where: str
    texts: tuple[str, ...] = field(repr=False)


def keys_of(found: Mapping[KeyName, KeyTexts], made: Sequence[Path] = ()) -> Keys:
    """The keys that these texts are. All but OPAQUE's must be there. Raises `KeyRefused` as `rings_of` does."""
    rings = rings_of(found)
    opaque = rings.pop(KeyName.OPAQUE, None)
    keys = {name.value: ring for name, ring in rings.items()}
    return Keys(opaque=opaque[0].secret if opaque else None, made=tuple(made), **keys)


def rings_of(found: Mapping[KeyName, KeyTexts]) -> dict[KeyName, KeyRing]:
    """Each of these keys under its name.

    Raises `KeyRefused` for one that is too weak, malformed, given twice, or used for two purposes.
    """
    rings: dict[KeyName, KeyRing] = {}
    for name, held in found.items():
        if name is KeyName.OPAQUE:
            rings[name] = (_named(opaque_setup(held.texts, held.where)),)
        else:
            rings[name] = signing_keys(held.texts, held.where)
    if twice := reused({held.where: held.texts for held in found.values()}):
        first, second = twice
        raise KeyRefused(second, f"The same key is in {first}. Each purpose needs a key of its own. {_HELP}")
    return rings


def new_keys() -> Keys:
    """Fresh ones that are kept nowhere."""
    return keys_of({name: KeyTexts(f"a new {name} key", (new_key(name),)) for name in makeable()})


def makeable() -> tuple[KeyName, ...]:
    """The keys that can be made on this machine."""
    return tuple(name for name in KeyName if name is not KeyName.OPAQUE or library_is_there())


def new_key(name: KeyName) -> str:
    """A new key as a text: 384 random bits, or for OPAQUE a setup."""
    if name is KeyName.OPAQUE:
        return urlsafe_b64encode(new_setup()).rstrip(b"=").decode()
    while weakness(text := secrets.token_urlsafe(48)):  # the one in millions that looks like a placeholder
        pass
    return text


def signing_keys(texts: Sequence[str], where: str) -> KeyRing:
    """The keys that these texts are. Raises `KeyRefused` for none, one that is too weak, or one given twice."""
    if not texts:
        raise KeyRefused(where, f"There is no key in it. {_HELP}")
    for text in texts:
        reason = weakness(text)
        if reason:
            raise KeyRefused(where, f"{reason} {_HELP}")
    keys = tuple(_named(text.encode()) for text in texts)
    if len({key.id for key in keys}) < len(keys):
        raise KeyRefused(where, "The same key is in it twice. Remove one of them.")
    return keys


def opaque_setup(texts: Sequence[str], where: str) -> bytes:
    """The OPAQUE setup that the only text is, in base64url. Raises `KeyRefused`."""
    try:
        (text,) = texts
        setup = urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except (ValueError, NoBase64):
        setup = b""
    if not is_setup(setup):
        raise KeyRefused(where, f"This is no OPAQUE setup. {_OPAQUE_HELP}")
    return setup


def reused(texts: Mapping[str, Sequence[str]]) -> tuple[str, str] | None:
    """The first two places that hold the same text."""
    seen: dict[str, str] = {}
    for place, held in texts.items():
        for text in held:
            if seen.setdefault(text, place) != place:
                return seen[text], place
    return None


def weakness(text: str) -> str | None:
    """Why the text can't be a key, as a sentence that does not quote it; None when it can."""
    if len(text.encode()) < MIN_BYTES:
        return f"The key is too short: at least {MIN_BYTES} bytes are needed."
    plain = text.lower()
    if len(set(plain)) < MIN_DISTINCT or any(word in plain for word in _PLACEHOLDERS):
        return "The key looks like a placeholder."
    return None


_HELP = "Make one with `openssl rand -base64 48`."
_OPAQUE_HELP = (
    "It is 128 bytes in base64url on one line. Put back the one that was there; only a server that nobody has a "
    "password at yet may have a new one: `synctv keys new opaque`."
)


def _named(secret: bytes) -> SigningKey:
    return SigningKey(sha256(b"synctv key id\0" + secret).hexdigest()[:16], secret)
