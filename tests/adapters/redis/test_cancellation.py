"""A cancellation is never lost inside the driver, whenever it comes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from redis.asyncio import Redis

from synctv.adapters.redis.bus import RedisEventBus
from synctv.adapters.redis.client import redis_client
from synctv.adapters.redis.short_lived import RedisShortLived
from tests.contracts.test_bus import ROOM, Ear, told

pytestmark = pytest.mark.redis

MOST_STEPS = 60


@pytest.fixture
def prefix() -> str:
    return f"synctv-test-{secrets.token_hex(8)}:"


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    async with redis_client(redis_url) as client:
        yield client


async def cancelled_after(steps: int, work: Callable[[], Awaitable[object]]) -> None:
    """Cancels endless work after so many turns of the loop; fails unless it ends by that."""

    async def endless() -> None:
        while True:
            await work()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(endless())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        async with asyncio.timeout(30):
            await asyncio.wait([task])


@pytest.mark.parametrize("used_before", [False, True])
async def test_a_loop_around_the_store_ends(redis_url: str, prefix: str, used_before: bool) -> None:
    for steps in range(MOST_STEPS):
        async with redis_client(redis_url) as client:
            store = RedisShortLived(client, prefix)
            if used_before:
                await store.get("key")
            await cancelled_after(steps, lambda store=store: store.get("key"))  # type: ignore[misc]
            await cancelled_after(steps, lambda store=store: store.count("n", 60))  # type: ignore[misc]


async def test_a_loop_that_publishes_ends(client: Redis, prefix: str) -> None:
    bus = RedisEventBus(client, prefix)
    for steps in range(MOST_STEPS):
        await cancelled_after(steps, lambda: bus.publish(ROOM, told(1)))


async def test_the_reader_of_the_bus_ends(redis_url: str, prefix: str) -> None:
    for steps in range(MOST_STEPS):
        async with redis_client(redis_url) as client:
            await cancelled_after(steps, RedisEventBus(client, prefix).channels.run)


async def test_a_loop_that_subscribes_ends(client: Redis, prefix: str) -> None:
    bus = RedisEventBus(client, prefix)

    async def visit() -> None:
        async with bus.subscribe(ROOM, Ear().on_message, Ear().on_gap):
            pass

    async with asyncio.TaskGroup() as group:
        reader = group.create_task(bus.channels.run())
        for steps in range(MOST_STEPS):
            await cancelled_after(steps, visit)
        reader.cancel()
