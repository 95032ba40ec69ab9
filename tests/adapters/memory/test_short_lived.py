"""The store in memory stays within its bounds, whatever is asked of it."""

from __future__ import annotations

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.short_lived import MemoryShortLived
from synctv.domain.errors import Unavailable


async def test_ended_keys_are_swept_out() -> None:
    clock = MemoryClock()
    store = MemoryShortLived(clock)
    for number in range(100):
        await store.put(f"key {number}", b"value", 10)
    clock.advance(10)
    await store.put("one more", b"value", 10)
    assert len(store) == 1


async def test_a_full_store_refuses_new_keys_and_keeps_the_old_ones() -> None:
    clock = MemoryClock()
    store = MemoryShortLived(clock, max_keys=2)
    await store.put("a", b"1", 10)
    await store.put("b", b"2", 20)
    with pytest.raises(Unavailable):
        await store.put("c", b"3", 10)
    with pytest.raises(Unavailable):
        await store.count("c", 10)
    await store.put("a", b"1 again", 10)
    assert await store.get("a") == b"1 again"
    clock.advance(10)
    assert await store.add("c", b"3", 10)


async def test_setting_one_key_for_ever_takes_no_more_memory() -> None:
    store = MemoryShortLived(MemoryClock())
    for _ in range(5_000):
        await store.put("key", b"value", 600)
    assert len(store._ends) < 2_000
