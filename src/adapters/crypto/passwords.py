"""Argon2id, in threads of its own."""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from dataclasses import dataclass

import argon2
from argon2.exceptions import HashingError, VerificationError, VerifyMismatchError

from synctv.adapters.crypto.threads import BoundedThreads
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.errors import Unavailable

_SALT_BYTES = 16
_HASH_BYTES = 32
_ARGON2_VERSION = 19
_ENCODED = re.compile(r"\$argon2id?\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}")
CHECK = "check of passwords"


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """What one hash costs: memory in KiB, passes over it, and lanes that may run at once.

    The default is OWASP's second recommendation for Argon2id (19 MiB, two passes, one lane): a small home server
    stands several sign-ins at once.
    """

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


FAST = Argon2Cost(memory_kib=8, passes=1, lanes=1)
"""The least that Argon2 takes. For tests only: it protects nothing."""


class Argon2PasswordHasher(PasswordHasher):
    """Hashes on `workers` threads, so with at most `workers` times the memory of `cost`. See `BoundedThreads`."""

    def __init__(self, cost: Argon2Cost | None = None, *, workers: int = 2, waiting: int = 64) -> None:
        cost = cost or Argon2Cost()
        self._argon2 = argon2.PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=_HASH_BYTES,
            salt_len=_SALT_BYTES,
        )
        self._nobodys = _unmatched_hash(cost)
        self._threads = BoundedThreads(CHECK, "argon2", workers=workers, waiting=waiting)

    async def hash(self, password: str) -> str:
        """A hash in Argon2's own encoded form, which carries its salt and cost."""
        return await self._threads.run(lambda: self._hash(_bytes_of(password)))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether it matches. A stored text that is no hash matches nothing."""
        return await self._threads.run(lambda: self._verify(_bytes_of(password), stored))

    def outdated(self, stored: str) -> bool:
        """Whether the hash costs anything else than one made today.

        A costlier one counts too: as the answer for an unknown name takes as long as today's hash, time would tell.
        """
        return not _ENCODED.fullmatch(stored) or self._argon2.check_needs_rehash(stored)

    def close(self) -> None:
        """Drops what waits, and returns when the threads have ended."""
        self._threads.close()

    def _hash(self, password: bytes) -> str:
        try:
            return self._argon2.hash(password)
        except HashingError as error:  # no memory
            raise Unavailable(CHECK) from error

    def _verify(self, password: bytes, stored: str | None) -> bool:
        usable = stored if stored and _ENCODED.fullmatch(stored) else self._nobodys
        try:
            return self._argon2.verify(usable, password)
        except VerifyMismatchError:
            return False
        except VerificationError as error:  # no memory
            raise Unavailable(CHECK) from error


def _bytes_of(password: str) -> bytes:
    """UTF-8, also of what a client sends as half a character."""
    return password.encode("utf-8", "surrogatepass")


def _unmatched_hash(cost: Argon2Cost) -> str:
    """A hash of nothing known, which takes as long to verify as a real one."""
    salt, digest = (_unpadded(secrets.token_bytes(size)) for size in (_SALT_BYTES, _HASH_BYTES))
    parameters = f"m={cost.memory_kib},t={cost.passes},p={cost.lanes}"
    return f"$argon2id$v={_ARGON2_VERSION}${parameters}${salt}${digest}"


def _unpadded(raw: bytes) -> str:
    return b64encode(raw).decode().rstrip("=")
