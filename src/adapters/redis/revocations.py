"""Revocations between processes, over Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from secrets import token_hex

import structlog
from redis.asyncio import Redis

from synctv.adapters.redis.channels import Channels, reading
from synctv.adapters.redis.client import PREFIX
from synctv.adapters.redis.errors import redis_errors
from synctv.adapters.serialization.errors import DecodeError
from synctv.adapters.serialization.revocations import SentRevocation, decode_revocation, encode_revocation
from synctv.application.ports.revocations import Revocations, Revoked

PATIENCE_SECONDS = 2.0
"""For how long entering a subscription waits for the server, and publishing for the answer."""

_log = structlog.get_logger(__name__)


@dataclass(eq=False, frozen=True, slots=True)
class _Subscription:
    on_revoked: Callable[[Revoked], None]
    on_gap: Callable[[], None]


class RedisRevocations(Revocations):
    """One channel for all processes, on a connection of its own: an end of access waits behind no room's traffic.

    Made by `redis_revocations`, which owns the connection that reads.
    """

    def __init__(self, client: Redis, prefix: str = PREFIX) -> None:
        self._channel = f"{prefix}revocations"
        self._origin = token_hex(8)
        self._subscriptions: list[_Subscription] = []
        self.channels = Channels(client, self._on_payload, self._on_gap, PATIENCE_SECONDS)
        """What it reads from; whoever owns the revocations keeps them running."""

    async def publish(self, revoked: Revoked) -> None:
        """Hands it over: here at once, whatever becomes of the server; then to the others, or raises `Unavailable`."""
        self._deliver(revoked)
        payload = encode_revocation(SentRevocation(self._origin, revoked))
        with redis_errors():
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.channels.publish(self._channel, payload)

    @asynccontextmanager
    async def subscribe(self, on_revoked: Callable[[Revoked], None], on_gap: Callable[[], None]) -> AsyncIterator[None]:
        """Delivers until the block is left."""
        subscription = _Subscription(on_revoked, on_gap)
        self._subscriptions.append(subscription)
        try:
            await self.channels.add(self._channel)
            yield
        finally:
            self._subscriptions.remove(subscription)
            if not self._subscriptions:
                await self.channels.remove(self._channel)

    def _on_payload(self, channel: str, payload: bytes) -> None:
        try:
            sent = decode_revocation(payload)
        except DecodeError as error:
            # Another version's. Whoever has lost their access is found out when storage is looked at.
            _log.warning("revocation_not_understood", error=str(error))
            return
        if sent.origin != self._origin:
            self._deliver(sent.revoked)

    def _deliver(self, revoked: Revoked) -> None:
        for subscription in tuple(self._subscriptions):
            subscription.on_revoked(revoked)

    def _on_gap(self, channel: str) -> None:
        for subscription in tuple(self._subscriptions):
            subscription.on_gap()


@asynccontextmanager
async def redis_revocations(client: Redis, prefix: str = PREFIX) -> AsyncIterator[RedisRevocations]:
    """Revocations, reading until the block is left."""
    revocations = RedisRevocations(client, prefix)
    async with reading(revocations.channels, "redis revocations"):
        yield revocations
