"""One connection that stays subscribed to a changing set of channels, whatever happens to the server."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError

from synctv.adapters.redis.client import has_sharded_channels
from synctv.adapters.redis.errors import FAILURES, calling_redis

PING_SECONDS = 5.0
"""A silent server is asked whether it is there this often; one that stays silent as long again is gone."""

FIRST_BACKOFF_SECONDS = 0.05
LONGEST_BACKOFF_SECONDS = 2.0

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Channel:
    """A channel that is wanted. `missed` says that messages may have been lost since the last confirmation."""

    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    missed: bool = False


class Channels:
    """Subscribes to channels and hands on what arrives.

    `run` owns the connection: it connects, subscribes to what is wanted, reads, and starts again when anything fails.
    The callbacks get the channel's name; `on_gap` follows each time that a channel works again after it did not.
    """

    def __init__(
        self,
        client: Redis,
        on_payload: Callable[[str, bytes], None],
        on_gap: Callable[[str], None],
        patience: float,
        ping_seconds: float = PING_SECONDS,
    ) -> None:
        self._client = client
        self._on_payload = on_payload
        self._on_gap = on_gap
        self._patience = patience
        self._ping_seconds = ping_seconds
        self._wanted: dict[str, _Channel] = {}
        self._unconfirmed: Counter[str] = Counter()
        self._pubsub: PubSub | None = None
        self._writing = asyncio.Lock()
        self._failures = 0
        self.sharded: bool | None = None
        """Whether the server has sharded channels, as far as it could be asked yet."""

    @property
    def connected(self) -> bool:
        """Whether the server is there and all that was wanted when it came is subscribed to, or about to be."""
        return self._pubsub is not None

    async def add(self, channel: str) -> None:
        """Wants the channel. Returns once its messages arrive; while the server is away, after `patience` seconds."""
        state = self._wanted.get(channel)
        if state is None:
            state = self._wanted[channel] = _Channel()
            await self._send(channel, wanted=True)
        try:
            async with asyncio.timeout(self._patience):
                await state.confirmed.wait()
        except TimeoutError:
            state.missed = True

    async def remove(self, channel: str) -> None:
        """Wants the channel no longer."""
        self._wanted.pop(channel, None)
        await self._send(channel, wanted=False)

    async def publish(self, channel: str, payload: bytes) -> None:
        """Sends to everybody who subscribes to the channel, in the way that this server has. Raises what it raises."""
        sharded = self.sharded
        if sharded is None:
            sharded = await has_sharded_channels(self._client)
        await (self._client.spublish if sharded else self._client.publish)(channel, payload)

    async def run(self) -> None:
        """Keeps the connection until it is cancelled."""
        while True:
            try:
                await self._session()
            except FAILURES as error:
                self._disconnected(error)
            await asyncio.sleep(self._backoff())

    def _backoff(self) -> float:
        self._failures += 1
        return min(FIRST_BACKOFF_SECONDS * 2.0 ** min(self._failures, 10), LONGEST_BACKOFF_SECONDS)

    def _disconnected(self, error: Exception) -> None:
        if self._failures == 0:
            _log.warning("redis_bus_lost", error=str(error), channels=len(self._wanted))

    async def _session(self) -> None:
        """One connection, from its beginning to the failure that ends it."""
        with calling_redis():
            self.sharded = await has_sharded_channels(self._client)
        async with self._client.pubsub() as pubsub:
            with calling_redis():
                await pubsub.connect()
            self._pubsub = pubsub
            try:
                await self._subscribe(pubsub, *self._wanted)
                if self._failures:
                    _log.info("redis_bus_found", channels=len(self._wanted))
                self._failures = 0
                await self._read(pubsub)
            finally:
                self._pubsub = None
                self._unconfirmed.clear()
                for state in self._wanted.values():
                    state.confirmed.clear()
                    state.missed = True

    async def _read(self, pubsub: PubSub) -> None:
        asked = False
        while True:
            with calling_redis():
                message = await pubsub.get_message(timeout=self._ping_seconds)
            if message is not None:
                asked = False
                self._received(message)
            elif asked:
                raise RedisConnectionError("The server has fallen silent.")
            else:
                asked = True
                async with self._writing:
                    with calling_redis():
                        await pubsub.ping()

    def _received(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind in ("message", "smessage"):
            self._on_payload(message["channel"].decode(), message["data"])
        elif kind in ("subscribe", "ssubscribe"):
            self._confirmed(message["channel"].decode())

    def _confirmed(self, channel: str) -> None:
        self._unconfirmed[channel] -= 1
        if self._unconfirmed[channel] > 0:
            return  # unsubscribed and subscribed again in the meantime: only the last confirmation counts
        del self._unconfirmed[channel]
        state = self._wanted.get(channel)
        if state is None:
            return
        state.confirmed.set()
        if state.missed:
            state.missed = False
            self._on_gap(channel)

    async def _send(self, channel: str, *, wanted: bool) -> None:
        """Subscribes or unsubscribes on the connection that is there. A failure is `run`'s, which reads from it."""
        pubsub = self._pubsub
        if pubsub is None:
            return
        try:
            if wanted:
                await self._subscribe(pubsub, channel)
            else:
                await self._unsubscribe(pubsub, channel)
        except FAILURES as error:
            _log.debug("redis_bus_write_failed", error=str(error))

    async def _subscribe(self, pubsub: PubSub, *channels: str) -> None:
        async with self._writing:
            if not channels or pubsub is not self._pubsub:
                return
            self._unconfirmed.update(channels)
            with calling_redis():
                await (pubsub.ssubscribe(*channels) if self.sharded else pubsub.subscribe(*channels))

    async def _unsubscribe(self, pubsub: PubSub, channel: str) -> None:
        async with self._writing:
            if channel in self._wanted or pubsub is not self._pubsub:
                return
            with calling_redis():
                await (pubsub.sunsubscribe(channel) if self.sharded else pubsub.unsubscribe(channel))


@asynccontextmanager
async def reading(channels: Channels, name: str) -> AsyncIterator[None]:
    """Keeps the connection until the block is left, in a task of this name."""
    failure: BaseException | None = None
    async with asyncio.TaskGroup() as tasks:
        reader = tasks.create_task(channels.run(), name=name)
        try:
            yield
        except (Exception, asyncio.CancelledError) as error:
            failure = error  # raised outside the group, which would wrap it
        finally:
            reader.cancel()
    if failure is not None:
        raise failure
