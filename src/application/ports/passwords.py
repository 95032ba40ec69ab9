"""Hashing of passwords."""

from __future__ import annotations

from abc import ABC, abstractmethod


class PasswordHasher(ABC):
    """Slow on purpose, and never on the event loop."""

    @abstractmethod
    async def hash(self, password: str) -> str:
        """A salted hash that `verify` takes."""

    @abstractmethod
    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password is the one that was hashed. With None it takes as long, and says no."""

    @abstractmethod
    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with weaker parameters than today's, so that it should be replaced."""
