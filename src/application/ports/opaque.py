"""OPAQUE (RFC 9807): signing in with a password that the server never sees.

The messages are those of the RFC's 3DH over ristretto255 with SHA-512, no custom identifiers, and an empty context; the
client stretches the password with Argon2id (19 MiB, 2 passes, 1 lane). Sizes in bytes: registration 32, 32 and 192,
sign-in 96, 320 and 64, a stored record 192.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpaqueLogin:
    """The server's answer to the first message, and what it has to keep (secretly) until the last one."""

    response: bytes
    state: bytes


class Opaque(ABC):
    """The server's side. `identifier` is the same text at registration and at every sign-in with that record.

    Messages that are none raise `Invalid` for the field `message`.
    """

    @property
    @abstractmethod
    def available(self) -> bool:
        """Whether this server can do it; where not, every other method raises `Unavailable`."""

    @abstractmethod
    def answer_registration(self, request: bytes, identifier: str) -> bytes:
        """The answer to the first message of a registration."""

    @abstractmethod
    def record(self, upload: bytes) -> bytes:
        """What is stored, from the last message of a registration."""

    @abstractmethod
    def answer_login(self, request: bytes, identifier: str, record: bytes | None) -> OpaqueLogin:
        """The answer to the first message of a sign-in. Without a record it looks the same, takes as long, and leads
        nowhere."""

    @abstractmethod
    def finish_login(self, state: bytes, finalization: bytes) -> bool:
        """Whether the last message proves that the client knows the password."""

    @abstractmethod
    async def register(self, password: str, identifier: str) -> bytes:
        """A record made here, from a password that was sent in plain. Slow on purpose, and never on the event loop."""

    @abstractmethod
    async def verify(self, password: str, identifier: str, record: bytes | None) -> bool:
        """Whether a password that was sent in plain is the record's. Without a record it takes as long, and says no."""
