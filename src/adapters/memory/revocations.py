"""Revocations of a server that is one process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from synctv.application.ports.revocations import Revocations, Revoked


class MemoryRevocations(Revocations):
    """Calls the subscribers while publishing, in the order in which they came. None is ever missed."""

    def __init__(self) -> None:
        self._receivers: list[Callable[[Revoked], None]] = []

    async def publish(self, revoked: Revoked) -> None:
        """Hands it to everybody who subscribed before this call."""
        for receive in tuple(self._receivers):
            receive(revoked)

    @asynccontextmanager
    async def subscribe(self, on_revoked: Callable[[Revoked], None], on_gap: Callable[[], None]) -> AsyncIterator[None]:
        """Delivers until the block is left."""

        # A function of its own for each subscription: one callback may be subscribed twice and leave once.
        def receive(revoked: Revoked) -> None:
            on_revoked(revoked)

        self._receivers.append(receive)
        try:
            yield
        finally:
            self._receivers.remove(receive)
