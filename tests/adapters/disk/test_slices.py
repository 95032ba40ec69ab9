"""Slices in a folder, when the process ends, the disk is full, files are damaged or somebody else uses the folder."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from synctv.adapters.disk import slice_files
from synctv.adapters.disk.slices import FULL_SECONDS, VERIFIED_SECONDS, DiskSliceStore, disk_slice_store
from synctv.adapters.memory.clock import MemoryClock
from synctv.application.ports.slices import FileRegion, SliceId, buffer_of
from synctv.domain.delivery.media_object import MediaObject, ResourceId
from synctv.domain.delivery.ranges import Span
from synctv.domain.ids import Micros
from tests.application.delivery.media_server import Film
from tests.application.delivery.theatre import SLICE, theatre

SIZE = 8 << 20
FILM = ResourceId("f" * 64)
MEDIA = MediaObject(10_000_000, '"one"', None, "video/mp4", Micros(1_000))
DATA = os.urandom(300_000)


def slice_id(index: int = 0) -> SliceId:
    return SliceId(FILM, "1" * 32, index)


async def read(store: DiskSliceStore, index: int = 0) -> bytes | None:
    data = await store.read(slice_id(index), Span(0, len(DATA)))
    return None if data is None else bytes(data)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def filled(folder: Path, count: int = 1) -> list[Path]:
    """A folder with so many slices, whose store has ended."""
    async with disk_slice_store(folder, SIZE, MemoryClock()) as store:
        for index in range(count):
            assert await store.put(slice_id(index), MEDIA, DATA)
    return files(folder)


async def test_slices_survive_a_restart(tmp_path: Path) -> None:
    await filled(tmp_path, 5)
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store:
        await store.rebuilt()
        assert store.stats().slices == 5
        assert await store.latest(FILM) == MEDIA
        assert [await read(store, index) for index in range(5)] == [DATA] * 5


async def test_a_smaller_bound_holds_after_a_restart(tmp_path: Path) -> None:
    await filled(tmp_path, 10)
    async with disk_slice_store(tmp_path, 1 << 20, MemoryClock()) as store:
        await store.rebuilt()
        assert store.stats().stored_bytes <= 1 << 20
        assert len(files(tmp_path)) == store.stats().slices == 3


async def test_the_oldest_files_go_first_after_a_restart(tmp_path: Path) -> None:
    await filled(tmp_path, 6)
    for index in range(6):
        path = slice_files.path_of(tmp_path, slice_id(index))
        os.utime(path, (1_000_000 - index, 1_000_000 - index))
    async with disk_slice_store(tmp_path, 1 << 20, MemoryClock()) as store:
        await store.rebuilt()
        assert [await store.has(slice_id(index)) for index in range(6)] == [True] * 3 + [False] * 3


async def test_a_file_that_is_not_in_the_index_yet_is_found(tmp_path: Path) -> None:
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store:
        await store.rebuilt()
        slice_files.write(tmp_path, slice_id(), MEDIA, DATA)
        assert await store.has(slice_id())
        assert await read(store) == DATA


@pytest.mark.parametrize("keep", [0, 10, 23, 24, 100, 200_000, -1])
async def test_a_torn_file_is_dropped_at_the_start(tmp_path: Path, keep: int) -> None:
    (path,) = await filled(tmp_path)
    os.truncate(path, keep if keep >= 0 else path.stat().st_size + keep)
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store:
        await store.rebuilt()
        assert (store.stats().slices, store.stats().damaged) == (0, 1)
        assert await read(store) is None
        assert files(tmp_path) == []
        assert await store.put(slice_id(), MEDIA, DATA)
        assert await read(store) == DATA


@pytest.mark.parametrize("place", [0, 9, 13, 17, 21, 30, 60, 5_000, -1])
async def test_a_file_with_a_flipped_bit_is_dropped(tmp_path: Path, place: int) -> None:
    (path,) = await filled(tmp_path)
    flip(path, place)
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store:
        await store.rebuilt()
        assert await read(store) is None
        assert (store.stats().slices, store.stats().damaged) == (0, 1)
        assert files(tmp_path) == []


async def test_a_file_that_is_damaged_while_it_is_served_is_dropped(tmp_path: Path) -> None:
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store:
        await store.put(slice_id(), MEDIA, DATA)
        assert await read(store) == DATA
        flip(files(tmp_path)[0], 5_000)
        assert await read(store) is None
        assert store.stats().damaged == 1


async def region(store: DiskSliceStore, span: Span) -> FileRegion:
    """A region of the first slice, which is in memory, as it was just written."""
    assert await read(store) == DATA
    found = store.region(slice_id(), span)
    if found is None:
        pytest.skip("This system can't tell whether the bytes of a file are in memory, so that they are always read.")
    return found


async def test_a_region_lies_where_the_bytes_are(tmp_path: Path) -> None:
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store:
        await store.put(slice_id(), MEDIA, DATA)
        found = await region(store, Span(1_000, len(DATA)))
        assert files(tmp_path)[0].read_bytes()[found.offset :][: len(found)] == DATA[1_000:]
        assert buffer_of(found) == DATA[1_000:]


async def test_a_file_that_was_altered_or_removed_has_no_region(tmp_path: Path) -> None:
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store:
        await store.put(slice_id(), MEDIA, DATA)
        await region(store, Span(0, 10))
        flip(files(tmp_path)[0], 5_000)
        assert store.region(slice_id(), Span(0, 10)) is None
        files(tmp_path)[0].unlink()
        assert store.region(slice_id(), Span(0, 10)) is None


async def test_a_file_that_was_not_checked_yet_has_no_region(tmp_path: Path) -> None:
    await filled(tmp_path)
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store:
        await store.rebuilt()
        assert store.region(slice_id(), Span(0, 10)) is None
        await region(store, Span(0, 10))


async def test_what_the_disk_alters_by_itself_is_found_in_time(tmp_path: Path) -> None:
    clock = MemoryClock()
    async with disk_slice_store(tmp_path, SIZE, clock) as store:
        await store.put(slice_id(), MEDIA, DATA)
        assert await read(store) == DATA
        (path,) = files(tmp_path)
        status = path.stat()
        flip(path, 5_000)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        clock.advance(VERIFIED_SECONDS + 1)
        assert await read(store) is None


async def test_a_file_of_another_slice_under_the_wrong_name_is_dropped(tmp_path: Path) -> None:
    (path,) = await filled(tmp_path)
    wrong = slice_files.path_of(tmp_path, slice_id(7))
    path.rename(wrong)
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store:
        assert await store.read(slice_id(7), Span(0, 10)) is None
        assert not wrong.exists()


async def test_what_was_never_completed_is_removed_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    clock = MemoryClock()
    folder = tmp_path / "ff"
    folder.mkdir()
    old, young = folder / "a.slice.1.0.part", folder / "b.slice.1.0.part"
    for path, age in ((old, 7_200), (young, 60)):
        path.write_bytes(b"half")
        at = clock.now() / 1_000_000 - age
        os.utime(path, (at, at))
    async with disk_slice_store(tmp_path, SIZE, clock) as store:
        await store.rebuilt()
    assert files(tmp_path) == [young]


async def test_a_file_that_somebody_else_removed_is_not_there(tmp_path: Path) -> None:
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store:
        await store.put(slice_id(), MEDIA, DATA)
        files(tmp_path)[0].unlink()
        assert await read(store) is None
        assert not await store.has(slice_id())
        assert store.stats().damaged == 0


async def test_no_handle_is_left_open(tmp_path: Path) -> None:
    gc.collect()  # what other tests left would be closed while we count
    async with disk_slice_store(tmp_path, 2 << 20, MemoryClock()) as store:
        await store.put(slice_id(0), MEDIA, DATA)
        await read(store)
        before = len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0
        for index in range(50):
            await store.put(slice_id(index), MEDIA, DATA)
            await read(store, index // 2)
            store.region(slice_id(index), Span(0, len(DATA)))
        flip(files(tmp_path)[0], 5_000)
        await asyncio.gather(*(read(store, index) for index in range(50)))
        after = len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0
        assert after == before
        assert len(files(tmp_path)) == store.stats().slices


async def test_a_put_that_nobody_waits_for_any_more_is_known_all_the_same(tmp_path: Path) -> None:
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store:
        async with asyncio.TaskGroup() as group:
            putting = group.create_task(store.put(slice_id(), MEDIA, DATA))
            await asyncio.sleep(0)
            putting.cancel()
        while not store.stats().slices:
            await asyncio.sleep(0.01)
        assert await read(store) == DATA
        assert len(files(tmp_path)) == store.stats().slices


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk on which only the beginning of a file still fits."""
    honest = os.write

    def write(handle: int, data: bytes) -> int:
        if len(data) < 1_000:
            return honest(handle, data)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(slice_files.os, "write", write)  # type: ignore[attr-defined]
        yield


async def test_a_full_disk_keeps_nothing_leaves_nothing_and_is_tried_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = MemoryClock()
    async with disk_slice_store(tmp_path, SIZE, clock) as store:
        assert await store.put(slice_id(0), MEDIA, DATA)
        with full_disk(monkeypatch):
            assert not await store.put(slice_id(1), MEDIA, DATA)
        assert not await store.put(slice_id(2), MEDIA, DATA)
        assert store.stats().refused == 2
        assert len(files(tmp_path)) == 1
        assert await read(store, 0) == DATA
        clock.advance(FULL_SECONDS + 1)
        assert await store.put(slice_id(1), MEDIA, DATA)


async def test_viewers_notice_nothing_of_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store, theatre(Film(SLICE * 6), store=store) as stage:
        with full_disk(monkeypatch):
            bodies = await asyncio.gather(*(stage.read(range="bytes=0-") for _ in range(3)))
        assert set(bodies) == {stage.film.body}
        assert stage.media.tally.bypasses > 0
        assert files(tmp_path) == []
        await stage.quiet()


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root makes a small file system")
async def test_viewers_notice_nothing_of_a_file_system_that_is_really_full(tmp_path: Path) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "none", str(tmp_path)], check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        async with (
            disk_slice_store(tmp_path, SIZE, MemoryClock()) as store,
            theatre(Film(SLICE * 20), store=store) as stage,
        ):
            assert await stage.read(range="bytes=0-") == stage.film.body
            assert 0 < store.stats().slices < 20
            assert not [path for path in files(tmp_path) if path.suffix == ".part"]
            assert await stage.read(range="bytes=0-") == stage.film.body
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


async def test_a_store_serves_films_as_memory_does_and_after_a_restart(tmp_path: Path) -> None:
    film = Film(SLICE * 5 + 7)
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store, theatre(film, store=store) as stage:
        assert await stage.read(range="bytes=0-", key="film") == film.body
        await stage.quiet()  # the last slice may still be on its way to the disk
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store, theatre(film, store=store) as stage:
        await store.rebuilt()
        assert await stage.read(range="bytes=-100000", key="film") == film.body[-100_000:]
        assert await stage.read(range="bytes=7-", key="film", takes_files=True) == film.body[7:]
        assert stage.server.asked == []


@pytest.mark.skipif(sys.platform != "linux", reason="Files are sent so on Linux only.")
async def test_a_long_slice_counts_as_served_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synctv.application.delivery.slices.LARGEST_PIECE", 10_000)
    film = Film(SLICE * 2)
    async with disk_slice_store(tmp_path, SIZE, MemoryClock()) as store, theatre(film, store=store) as stage:
        await stage.read()
        await stage.quiet()
        answer = await stage.open(takes_files=True)
        assert answer.body is not None
        before, pieces = stage.media.tally.served_bytes, [await anext(answer.body) for _ in range(2)]
        assert [(isinstance(piece, FileRegion), len(piece)) for piece in pieces] == [(False, SLICE), (True, 10_000)]
        assert stage.media.tally.served_bytes - before == SLICE + 10_000
        await answer.aclose()


OTHER = """
import asyncio, sys
from pathlib import Path
from synctv.adapters.disk.slices import disk_slice_store
from synctv.adapters.memory.clock import MemoryClock
from tests.adapters.disk.test_slices import MEDIA, SIZE, slice_id
from synctv.domain.delivery.ranges import Span

async def main(folder, size, seed):
    async with disk_slice_store(Path(folder), size, MemoryClock()) as store:
        for turn in range(150):
            index = (turn * 7 + seed) % 20
            data = await store.read(slice_id(index), Span(0, 100_000))
            if data is None:
                await store.put(slice_id(index), MEDIA, bytes([index]) * 100_000)
            elif bytes(data) != bytes([index]) * 100_000:
                sys.exit("wrong bytes")
            if turn % 11 == 0:
                await store.delete(slice_id(index))

asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


async def test_two_processes_may_share_a_folder(tmp_path: Path) -> None:
    size = 1_500_000
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", OTHER, str(tmp_path), str(size), str(seed))
        for seed in (0, 3)
    ]
    assert [await process.wait() for process in processes] == [0, 0]
    async with disk_slice_store(tmp_path, size, MemoryClock()) as store:
        await store.rebuilt()
        assert store.stats().damaged == 0
        assert store.stats().stored_bytes <= size
        assert len(files(tmp_path)) == store.stats().slices


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
