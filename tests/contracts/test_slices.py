"""What every store of slices promises."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from synctv.adapters.disk.slices import disk_slice_store
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.slices import MemorySliceStore
from synctv.application.ports.slices import SliceId, SliceStore, buffer_of
from synctv.domain.delivery.media_object import MediaObject, ResourceId
from synctv.domain.delivery.ranges import Span
from synctv.domain.ids import Micros

SIZE = 16 << 20
SLICE = 1_200_000
DATA = bytes(range(256)) * (SLICE // 256) + bytes(SLICE % 256)
FILM, SERIES = ResourceId("f" * 64), ResourceId("5" * 64)
MEDIA = MediaObject(10 * SLICE, '"one"', "Thu, 01 Jan 2026 00:00:00 GMT", "video/mp4", Micros(1_000))
NEWER = MediaObject(9 * SLICE, 'W/"two"', None, "video/webm", Micros(2_000))

Opened = AbstractAsyncContextManager[SliceStore]
Open = Callable[[], Opened]


@pytest.fixture(params=["memory", "disk"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    @asynccontextmanager
    async def memory() -> AsyncIterator[SliceStore]:
        yield MemorySliceStore(SIZE)

    @asynccontextmanager
    async def disk() -> AsyncIterator[SliceStore]:
        async with disk_slice_store(tmp_path / "cache", SIZE, MemoryClock()) as store:
            await store.rebuilt()
            yield store

    return memory if request.param == "memory" else disk


@pytest.fixture
async def store(open_store: Open) -> AsyncIterator[SliceStore]:
    async with open_store() as store:
        yield store


def slice_id(index: int = 0, resource: ResourceId = FILM, version: str = "1" * 32) -> SliceId:
    return SliceId(resource, version, index)


async def everything(store: SliceStore, which: SliceId, length: int = SLICE) -> bytes | None:
    data = await store.read(which, Span(0, length))
    return None if data is None else bytes(data)


@pytest.mark.parametrize("length", [1, 255, 1_048_576, 1_048_577, SLICE])
async def test_what_is_put_is_there(store: SliceStore, length: int) -> None:
    assert await store.put(slice_id(), MEDIA, DATA[:length])
    assert await store.has(slice_id())
    assert await everything(store, slice_id(), length) == DATA[:length]


async def test_what_was_never_put_is_not_there(store: SliceStore) -> None:
    assert not await store.has(slice_id())
    assert await store.read(slice_id(), Span(0, 1)) is None
    assert await store.latest(FILM) is None
    await store.delete(slice_id())
    store.touch(slice_id())


@pytest.mark.parametrize(
    "start, end", [(0, 1), (SLICE - 1, SLICE), (1_048_575, 1_048_577), (0, 1_048_576), (100, 1_199_000), (0, SLICE)]
)
async def test_any_part_of_a_slice_can_be_read(store: SliceStore, start: int, end: int) -> None:
    await store.put(slice_id(), MEDIA, DATA)
    data = await store.read(slice_id(), Span(start, end))
    assert data is not None
    assert bytes(data) == DATA[start:end]


async def test_what_was_put_is_not_changed_by_who_put_it(store: SliceStore) -> None:
    data = bytearray(DATA)
    await store.put(slice_id(), MEDIA, data)
    data[:] = bytes(SLICE)
    assert await everything(store, slice_id()) == DATA


async def test_what_was_read_is_not_changed_by_what_comes_after(store: SliceStore) -> None:
    await store.put(slice_id(), MEDIA, DATA)
    held = await store.read(slice_id(), Span(0, 1_000))
    await store.put(slice_id(), MEDIA, bytes(SLICE))
    await store.delete(slice_id())
    assert held is not None
    assert bytes(held) == DATA[:1_000]


async def test_a_region_has_the_bytes_of_the_slice_also_after_it_was_forgotten(store: SliceStore) -> None:
    assert store.region(slice_id(), Span(0, 1)) is None
    await store.put(slice_id(), MEDIA, DATA)
    assert await everything(store, slice_id()) == DATA  # where it is not read at once it may have to be checked
    region = store.region(slice_id(), Span(100, 1_000))
    await store.put(slice_id(), MEDIA, bytes(SLICE))
    await store.delete(slice_id())
    assert store.region(slice_id(), Span(100, 1_000)) is None
    if region is not None:  # a store may keep nothing in files
        assert bytes(buffer_of(region)) == DATA[100:1_000]


async def test_slices_things_and_versions_are_told_apart(store: SliceStore) -> None:
    keys = [slice_id(0), slice_id(1), slice_id(0, SERIES), slice_id(0, FILM, "2" * 32)]
    for number, key in enumerate(keys):
        await store.put(key, MEDIA, bytes([number]) * 10)
    assert [await everything(store, key, 10) for key in keys] == [bytes([number]) * 10 for number in range(4)]


async def test_a_slice_that_is_put_again_is_the_new_one_and_counts_once(store: SliceStore) -> None:
    await store.put(slice_id(), MEDIA, DATA)
    before = store.stats()
    await store.put(slice_id(), MEDIA, DATA[::-1])
    assert await everything(store, slice_id()) == DATA[::-1]
    assert store.stats() == before


async def test_what_is_deleted_is_gone(store: SliceStore) -> None:
    await store.put(slice_id(), MEDIA, DATA)
    await store.delete(slice_id())
    assert not await store.has(slice_id())
    assert await everything(store, slice_id()) is None
    assert (store.stats().slices, store.stats().stored_bytes, store.stats().resources) == (0, 0, 0)


async def test_the_latest_version_is_known_while_a_slice_of_it_is_there(store: SliceStore) -> None:
    await store.put(slice_id(0, version="2" * 32), NEWER, DATA)
    await store.put(slice_id(0), MEDIA, DATA)
    assert await store.latest(FILM) == NEWER
    await store.delete(slice_id(0, version="2" * 32))
    assert await store.latest(FILM) == MEDIA
    await store.delete(slice_id(0))
    assert await store.latest(FILM) is None


async def test_no_more_is_kept_than_there_is_room_for(store: SliceStore) -> None:
    for index in range(40):
        await store.put(slice_id(index), MEDIA, DATA)
        assert store.stats().stored_bytes <= SIZE
    stats = store.stats()
    assert stats.stored_bytes > SIZE * 0.7
    assert stats.evicted >= 40 - SIZE // SLICE
    assert stats.slices == sum([await store.has(slice_id(index)) for index in range(40)])


async def test_what_was_put_last_is_there_to_be_read(store: SliceStore) -> None:
    for index in range(40):
        await store.put(slice_id(index), MEDIA, DATA)
        assert await everything(store, slice_id(index)) == DATA


async def test_what_is_wanted_often_outlives_what_was_wanted_once(store: SliceStore) -> None:
    for index in range(4):
        for _ in range(5):
            store.touch(slice_id(index))
        await store.put(slice_id(index), MEDIA, DATA)
    for index in range(100, 140):
        store.touch(slice_id(index, SERIES))
        await store.put(slice_id(index, SERIES), MEDIA, DATA)
        store.touch(slice_id(index % 4))
    assert all([await store.has(slice_id(index)) for index in range(4)])


async def test_a_slice_that_is_larger_than_all_the_room_is_not_kept(store: SliceStore) -> None:
    await store.put(slice_id(1), MEDIA, DATA)
    assert not await store.put(slice_id(), MEDIA, bytes(SIZE + 1))
    assert await everything(store, slice_id(1)) == DATA
    assert store.stats().refused == 1


async def test_room_can_be_made(store: SliceStore) -> None:
    for index in range(10):
        await store.put(slice_id(index), MEDIA, DATA)
    before = store.stats()
    dropped = await store.evict(before.stored_bytes // 2)
    after = store.stats()
    assert after.stored_bytes <= before.stored_bytes // 2
    assert (dropped.slices, dropped.stored_bytes) == (
        before.slices - after.slices,
        before.stored_bytes - after.stored_bytes,
    )
    assert (await store.evict(0)).slices == after.slices
    assert store.stats().slices == 0


async def test_a_thing_can_be_purged_but_for_one_version(store: SliceStore) -> None:
    await store.put(slice_id(0), MEDIA, DATA)
    await store.put(slice_id(0, version="2" * 32), NEWER, DATA)
    await store.put(slice_id(0, SERIES), MEDIA, DATA)
    assert (await store.purge(FILM, keep="2" * 32)).slices == 1
    assert await everything(store, slice_id(0, version="2" * 32)) == DATA
    assert (await store.purge(FILM)).slices == 1
    assert await store.latest(FILM) is None
    assert await everything(store, slice_id(0, SERIES)) == DATA


async def test_everything_can_be_purged(store: SliceStore) -> None:
    await store.put(slice_id(0), MEDIA, DATA)
    await store.put(slice_id(0, SERIES), MEDIA, DATA)
    assert (await store.purge()).slices == 2
    stats = store.stats()
    assert (stats.slices, stats.stored_bytes, stats.resources) == (0, 0, 0)
    assert await store.put(slice_id(0), MEDIA, DATA)


async def test_the_things_that_take_most_room_are_told(store: SliceStore) -> None:
    for index in range(3):
        await store.put(slice_id(index), MEDIA, DATA)
    await store.put(slice_id(0, SERIES), MEDIA, DATA)
    found = store.resources(10)
    assert [(resource, dropped.slices) for resource, dropped in found] == [(FILM, 3), (SERIES, 1)]
    assert sum(dropped.stored_bytes for _, dropped in found) == store.stats().stored_bytes
    assert len(store.resources(1)) == 1
