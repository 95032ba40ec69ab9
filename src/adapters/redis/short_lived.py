"""Short-lived state in Redis."""

from __future__ import annotations

import math

from redis.asyncio import Redis

from synctv.adapters.redis.client import PREFIX
from synctv.adapters.redis.errors import redis_errors
from synctv.application.ports.short_lived import ShortLived

_UNCOUNT = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then
    redis.call('DECR', KEYS[1])
end
"""
"""A bare `DECR` would make a counter without an end of one that ended just before."""


class RedisShortLived(ShortLived):
    """Each operation is one command, transaction or script of the server. Times are rounded up to milliseconds."""

    def __init__(self, client: Redis, prefix: str = PREFIX) -> None:
        self._client = client
        self._prefix = f"{prefix}short:"
        self._uncount = client.register_script(_UNCOUNT)

    async def put(self, key: str, value: bytes, ttl: float) -> None:
        """Sets the key, whatever it was."""
        with redis_errors():
            await self._client.set(self._name(key), value, px=_millis(ttl))

    async def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Sets the key unless it is there."""
        with redis_errors():
            return bool(await self._client.set(self._name(key), value, px=_millis(ttl), nx=True))

    async def get(self, key: str) -> bytes | None:
        """The value, or None when there is none or its time is over."""
        with redis_errors():
            return _value(await self._client.get(self._name(key)))

    async def take(self, key: str) -> bytes | None:
        """The value, which is gone with this."""
        with redis_errors():
            return _value(await self._client.getdel(self._name(key)))

    async def delete(self, key: str) -> None:
        """Removes the key."""
        with redis_errors():
            await self._client.delete(self._name(key))

    async def count(self, key: str, ttl: float) -> int:
        """Adds one to a counter and returns it."""
        name = self._name(key)
        with redis_errors():
            async with self._client.pipeline(transaction=True) as commands:
                commands.set(name, 0, px=_millis(ttl), nx=True)
                commands.incr(name)
                _, counted = await commands.execute()
        return int(counted)

    async def uncount(self, key: str) -> None:
        """Takes one back from a counter."""
        with redis_errors():
            await self._uncount(keys=[self._name(key)])

    async def remaining(self, key: str) -> float:
        """Seconds until the key ends; 0 when there is none."""
        with redis_errors():
            millis = int(await self._client.pttl(self._name(key)))
        return max(0, millis) / 1_000

    def _name(self, key: str) -> str:
        return self._prefix + key


def _millis(ttl: float) -> int:
    return max(1, math.ceil(ttl * 1_000))


def _value(answer: object) -> bytes | None:
    return answer if isinstance(answer, bytes) else None
