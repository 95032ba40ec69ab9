"""The bus between processes, over Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from weakref import WeakValueDictionary

import structlog
from redis.asyncio import Redis

from synctv.adapters.redis.channels import Channels, reading
from synctv.adapters.redis.client import PREFIX
from synctv.adapters.redis.client import ping as ping_server
from synctv.adapters.redis.errors import redis_errors
from synctv.adapters.serialization.errors import DecodeError
from synctv.adapters.serialization.events import decode_bus, encode_bus
from synctv.application.ports.bus import BusMessage, EventBus
from synctv.domain.errors import Unavailable
from synctv.domain.ids import RoomId

PATIENCE_SECONDS = 2.0
"""For how long entering a subscription waits for the server, and publishing for its turn and the answer."""

_log = structlog.get_logger(__name__)


@dataclass(eq=False, frozen=True, slots=True)
class _Subscription:
    on_message: Callable[[BusMessage], None]
    on_gap: Callable[[], None]


class RedisEventBus(EventBus):
    """One channel per room, subscribed to only while somebody here subscribes to the room.

    Made by `redis_event_bus`, which owns the connection that reads.
    """

    def __init__(self, client: Redis, prefix: str = PREFIX) -> None:
        self._client = client
        self._prefix = f"{prefix}room:"
        self._rooms: dict[RoomId, list[_Subscription]] = {}
        self.channels = Channels(client, self._on_payload, self._on_gap, PATIENCE_SECONDS)
        """What it reads from; whoever owns the bus keeps them running."""
        # Publishing to one room goes one after the other, or two connections could swap two messages.
        self._turns: WeakValueDictionary[RoomId, asyncio.Lock] = WeakValueDictionary()

    async def publish(self, room_id: RoomId, message: BusMessage) -> None:
        """Hands the message over. Raises `Unavailable` when the bus can't be reached."""
        payload = encode_bus(message)
        turn = self._turns.setdefault(room_id, asyncio.Lock())
        with redis_errors():
            async with asyncio.timeout(PATIENCE_SECONDS), turn:
                await self.channels.publish(self._prefix + room_id, payload)

    @asynccontextmanager
    async def subscribe(
        self, room_id: RoomId, on_message: Callable[[BusMessage], None], on_gap: Callable[[], None]
    ) -> AsyncIterator[None]:
        """Delivers the room's messages until the block is left."""
        channel = self._prefix + room_id
        subscription = _Subscription(on_message, on_gap)
        subscriptions = self._rooms.setdefault(room_id, [])
        subscriptions.append(subscription)
        try:
            await self.channels.add(channel)
            yield
        finally:
            subscriptions.remove(subscription)
            if not subscriptions:
                del self._rooms[room_id]
                await self.channels.remove(channel)

    async def ping(self) -> None:
        """Returns when messages can be sent and received; raises `Unavailable` otherwise."""
        await ping_server(self._client)
        if not self.channels.connected:
            raise Unavailable("Redis server")

    def _on_payload(self, channel: str, payload: bytes) -> None:
        subscriptions = self._rooms.get(RoomId(channel.removeprefix(self._prefix)))
        if not subscriptions:
            return
        try:
            message = decode_bus(payload)
        except DecodeError as error:
            # Another version's: what it told is in the event log, or gone with the next snapshot of presence.
            _log.warning("bus_message_not_understood", error=str(error))
            return
        for subscription in tuple(subscriptions):
            subscription.on_message(message)

    def _on_gap(self, channel: str) -> None:
        for subscription in tuple(self._rooms.get(RoomId(channel.removeprefix(self._prefix)), ())):
            subscription.on_gap()


@asynccontextmanager
async def redis_event_bus(client: Redis, prefix: str = PREFIX) -> AsyncIterator[RedisEventBus]:
    """The bus, reading until the block is left."""
    bus = RedisEventBus(client, prefix)
    async with reading(bus.channels, "redis event bus"):
        yield bus
