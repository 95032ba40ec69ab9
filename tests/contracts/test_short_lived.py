"""What every store of short-lived state promises."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.short_lived import MemoryShortLived
from synctv.adapters.redis.client import redis_client
from synctv.adapters.redis.short_lived import RedisShortLived
from synctv.application.ports.short_lived import ShortLived

LONG = 600.0
SHORT = 0.05
STEPS = 500


@dataclass(frozen=True, slots=True)
class Stage:
    """A store, and how time passes for it."""

    store: ShortLived
    wait: Callable[[float], Awaitable[None]]

    async def until_gone(self, key: str) -> None:
        """Lets time pass until the key has ended."""
        for _ in range(STEPS):
            if await self.store.get(key) is None:
                return
            await self.wait(SHORT / 2)
        raise AssertionError(f"{key} never ended")


@asynccontextmanager
async def memory_stage() -> AsyncIterator[Stage]:
    clock = MemoryClock()

    async def wait(seconds: float) -> None:
        clock.advance(seconds)

    yield Stage(MemoryShortLived(clock), wait)


@asynccontextmanager
async def redis_stage(url: str) -> AsyncIterator[Stage]:
    async with redis_client(url) as client:
        yield Stage(RedisShortLived(client, f"synctv-test-{secrets.token_hex(8)}:"), asyncio.sleep)


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def opened(request: pytest.FixtureRequest) -> AbstractAsyncContextManager[Stage]:
    return memory_stage() if request.param == "memory" else redis_stage(request.getfixturevalue("redis_url"))


@pytest.fixture
async def stage(opened: AbstractAsyncContextManager[Stage]) -> AsyncIterator[Stage]:
    async with opened as stage:
        yield stage


@pytest.fixture
def store(stage: Stage) -> ShortLived:
    return stage.store


@pytest.mark.parametrize("value", [b"", b"x", b"\x00\xff\r\n", b"a" * 100_000])
async def test_what_is_put_is_there(store: ShortLived, value: bytes) -> None:
    await store.put("key", value, LONG)
    assert await store.get("key") == value
    assert await store.get("key") == value


async def test_what_was_never_put_is_not_there(store: ShortLived) -> None:
    assert await store.get("key") is None
    assert await store.take("key") is None
    assert await store.remaining("key") == 0


async def test_putting_again_replaces_value_and_end(stage: Stage) -> None:
    await stage.store.put("key", b"old", SHORT)
    await stage.store.put("key", b"new", LONG)
    await stage.wait(SHORT * 2)
    assert await stage.store.get("key") == b"new"
    await stage.store.put("key", b"newest", SHORT)
    await stage.until_gone("key")


async def test_a_key_ends(stage: Stage) -> None:
    await stage.store.put("key", b"value", SHORT)
    await stage.until_gone("key")
    assert await stage.store.take("key") is None
    assert await stage.store.remaining("key") == 0


async def test_a_taken_value_is_gone(store: ShortLived) -> None:
    await store.put("key", b"value", LONG)
    assert await store.take("key") == b"value"
    assert await store.take("key") is None
    assert await store.get("key") is None


async def test_a_deleted_value_is_gone_and_deleting_again_is_no_error(store: ShortLived) -> None:
    await store.put("key", b"value", LONG)
    await store.delete("key")
    await store.delete("key")
    assert await store.get("key") is None


async def test_only_a_free_key_can_be_added(store: ShortLived) -> None:
    assert await store.add("key", b"first", LONG)
    assert not await store.add("key", b"second", LONG)
    assert await store.get("key") == b"first"


async def test_a_key_that_has_ended_can_be_added_again(stage: Stage) -> None:
    await stage.store.put("key", b"first", SHORT)
    await stage.until_gone("key")
    assert await stage.store.add("key", b"second", LONG)
    assert await stage.store.get("key") == b"second"


async def test_a_key_that_was_taken_can_be_added_again(store: ShortLived) -> None:
    assert await store.add("key", b"first", LONG)
    assert not await store.add("key", b"second", LONG)
    assert await store.take("key") == b"first"
    assert await store.add("key", b"third", LONG)
    assert await store.get("key") == b"third"


async def test_of_fifty_who_take_at_once_one_gets_the_value(store: ShortLived) -> None:
    await store.put("key", b"value", LONG)
    taken = await asyncio.gather(*(store.take("key") for _ in range(50)))
    assert taken.count(b"value") == 1
    assert taken.count(None) == 49


async def test_of_fifty_who_add_at_once_one_succeeds(store: ShortLived) -> None:
    added = await asyncio.gather(*(store.add("key", str(number).encode(), LONG) for number in range(50)))
    assert added.count(True) == 1
    assert await store.get("key") == str(added.index(True)).encode()


async def test_a_counter_counts_from_one(store: ShortLived) -> None:
    assert [await store.count("key", LONG) for _ in range(3)] == [1, 2, 3]


async def test_fifty_counts_at_once_are_fifty_numbers(store: ShortLived) -> None:
    counted = await asyncio.gather(*(store.count("key", LONG) for _ in range(50)))
    assert sorted(counted) == list(range(1, 51))


async def test_what_is_taken_back_is_not_counted(stage: Stage) -> None:
    for _ in range(3):
        await stage.store.count("key", LONG)
    await stage.store.uncount("key")
    assert await stage.store.count("key", LONG) == 3
    assert 0 < await stage.store.remaining("key") <= LONG


async def test_a_counter_never_falls_below_nothing(store: ShortLived) -> None:
    await store.count("key", LONG)
    for _ in range(3):
        await store.uncount("key")
    assert await store.count("key", LONG) == 1


async def test_taking_back_does_not_revive_a_counter_that_has_ended(stage: Stage) -> None:
    await stage.store.uncount("never")
    assert await stage.store.get("never") is None
    await stage.store.count("key", SHORT)
    await stage.until_gone("key")
    await stage.store.uncount("key")
    assert await stage.store.get("key") is None


async def test_fifty_who_take_back_at_once_take_back_fifty(store: ShortLived) -> None:
    for _ in range(60):
        await store.count("key", LONG)
    await asyncio.gather(*(store.uncount("key") for _ in range(50)))
    assert await store.get("key") == b"10"


async def test_later_counts_do_not_move_the_end(stage: Stage) -> None:
    assert await stage.store.count("key", LONG) == 1
    assert await stage.store.count("key", LONG * 100) == 2
    assert 0 < await stage.store.remaining("key") <= LONG


async def test_a_counter_begins_anew_after_its_end(stage: Stage) -> None:
    await stage.store.count("key", SHORT)
    await stage.until_gone("key")
    assert await stage.store.count("key", LONG) == 1


async def test_remaining_is_the_time_to_the_end_in_seconds(stage: Stage) -> None:
    await stage.store.put("key", b"value", LONG)
    before = await stage.store.remaining("key")
    assert LONG / 2 < before <= LONG
    await stage.wait(SHORT)
    assert 0 < await stage.store.remaining("key") < before


@pytest.mark.parametrize("key", ["k" * 256, "kéy", "a:b:{c}*?", "\n"])
async def test_any_text_is_a_key(store: ShortLived, key: str) -> None:
    await store.put(key, b"value", LONG)
    await store.put(key[:-1] + "!", b"other", LONG)
    assert await store.get(key) == b"value"
