"""The connections to Redis that everything here shares."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from synctv.adapters.redis.errors import redis_errors

PREFIX = "synctv:"
"""Ahead of every key and channel, so that the server can be shared with others."""

MAX_CONNECTIONS = 32


@asynccontextmanager
async def redis_client(
    url: str, *, timeout: float = 2.0, max_connections: int = MAX_CONNECTIONS
) -> AsyncIterator[Redis]:
    """A client for the server at `redis://`, `rediss://` or `unix://`; it connects when it is first used.

    Waiting for a free connection, for connecting and for an answer takes at most `timeout` seconds each. Nothing is
    retried: a repeated count or take would be a wrong one. Raises `ValueError` for a URL of another kind.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=max_connections,
        timeout=timeout,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        client_name="synctv",
    )
    client = Redis.from_pool(pool)
    try:
        yield client
    finally:
        await client.aclose()


async def ping(client: Redis) -> None:
    """Returns when the server answers; raises `Unavailable` otherwise."""
    with redis_errors():
        await client.ping()


async def has_sharded_channels(client: Redis) -> bool:
    """Whether the server knows sharded publish and subscribe (Redis 7.0 and later). Raises what the driver raises."""
    info = await client.info("server")
    major = str(info.get("redis_version", "0")).partition(".")[0]
    return major.isdigit() and int(major) >= 7
