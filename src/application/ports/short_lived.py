"""Short-lived state: tickets, counters, deny lists. It may be lost when its server restarts."""

from __future__ import annotations

from abc import ABC, abstractmethod


class ShortLived(ABC):
    """Keys with a value and an end. Every operation is atomic, over all processes that share the store.

    Keys are at most 256 characters; times to live are in seconds, above 0.
    """

    @abstractmethod
    async def put(self, key: str, value: bytes, ttl: float) -> None:
        """Sets the key, whatever it was."""

    @abstractmethod
    async def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Sets the key unless it is there; whether it was set. Of any number of callers at once, one gets True."""

    @abstractmethod
    async def get(self, key: str) -> bytes | None:
        """The value, or None when there is none or its time is over."""

    @abstractmethod
    async def take(self, key: str) -> bytes | None:
        """The value, which is gone with this. Of any number of callers at once, one gets it."""

    @abstractmethod
    async def delete(self, key: str) -> None:
        """Removes the key; no error when it isn't there."""

    @abstractmethod
    async def count(self, key: str, ttl: float) -> int:
        """Adds one to a counter and returns it. The first count sets the time to live, later ones leave it alone."""

    @abstractmethod
    async def uncount(self, key: str) -> None:
        """Takes one back from a counter, which keeps its end. Nothing happens when it has ended or stands at 0."""

    @abstractmethod
    async def remaining(self, key: str) -> float:
        """Seconds until the key ends; 0 when there is none."""
