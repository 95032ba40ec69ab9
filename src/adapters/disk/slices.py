"""Slices in a folder: one file each, which survive a restart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Event
from typing import TypeVar

from synctv.adapters.disk import slice_files
from synctv.adapters.disk.slice_files import Damaged, SliceFile, path_of
from synctv.adapters.disk.slice_index import Entry, SliceIndex
from synctv.adapters.disk.slice_scan import scanned
from synctv.application.ports.clock import Clock
from synctv.application.ports.slices import Buffer, Dropped, FileRegion, SliceId, SliceStore, StoreStats
from synctv.domain.delivery.media_object import MediaObject, ResourceId
from synctv.domain.delivery.ranges import Span
from synctv.domain.ids import Micros, seconds_after

log = logging.getLogger(__name__)

T = TypeVar("T")

WORKERS = 4
FULL_SECONDS = 30.0
"""For so long nothing is written after a write failed: the next one would fail as well."""

VERIFIED_SECONDS = 3_600.0
"""What was found good is looked at again after so long, in case the disk altered it."""

_WATERMARK = 0.9


class DiskSliceStore(SliceStore):
    """Made by `disk_slice_store`, which closes it.

    The index lives in memory and is rebuilt from the folder at the start; what it does not know yet is looked for in
    the folder. Several processes may share it: a file is complete or not there, whoever wrote it, and one that another
    process removed is not there. Each keeps only what it knows within its bound.

    A file is checked in full when it is first read in this process, and its bytes are then read as they are wanted:
    at once where the machine has them in memory, on a thread where it does not.
    """

    def __init__(self, folder: Path, size_bytes: int, clock: Clock, threads: ThreadPoolExecutor) -> None:
        self._folder = folder
        self._size_bytes = size_bytes
        self._clock = clock
        self._threads = threads
        self._index = SliceIndex()
        self._full_until = Micros(0)
        self._evicted = self._refused = self._damaged = 0
        self._rebuilt: asyncio.Future[None] | None = None
        self._closing = Event()

    # ------------------------------------------------------------ life

    def begin(self) -> None:
        """Begins to rebuild the index."""
        loop = asyncio.get_running_loop()

        def found(files: Sequence[SliceFile], damaged: int) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._found, files, damaged)

        self._rebuilt = loop.run_in_executor(
            self._threads, scanned, self._folder, self._clock.now(), found, self._closing
        )

    async def rebuilt(self) -> None:
        """Returns when the index holds what was in the folder at the start."""
        if self._rebuilt is not None:
            await asyncio.shield(self._rebuilt)
        await self._shrink(self._size_bytes)

    def close(self) -> None:
        """Ends the threads, with what they are at."""
        self._closing.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    # ------------------------------------------------------------ the port

    def touch(self, slice_id: SliceId) -> None:
        """Puts it at the end of those that have to make room."""
        self._index.touch(slice_id)

    async def has(self, slice_id: SliceId) -> bool:
        """Whether there is a file that can be read."""
        return await self._entry(slice_id) is not None

    async def read(self, slice_id: SliceId, span: Span) -> Buffer | None:
        """The bytes."""
        entry = self._index.get(slice_id) or await self._entry(slice_id)
        if entry is None:
            return None
        try:
            if self._is_verified(entry):
                if (data := slice_files.read_at_once(entry.file, span)) is not None:
                    return data
                if (data := await self._on_thread(lambda: slice_files.read(entry.file, span))) is not None:
                    return data
            path = path_of(self._folder, slice_id)
            file = await self._on_thread(lambda: slice_files.verify(path, slice_id))
            self._index.add(file, self._clock.now())
            return await self._on_thread(lambda: slice_files.read(file, span))
        except OSError:
            self._index.drop(slice_id)
        except Damaged:
            await self._drop_damaged(slice_id)
        return None

    def region(self, slice_id: SliceId, span: Span) -> FileRegion | None:
        """The bytes in their file, if it was checked and the machine has them in memory."""
        entry = self._index.get(slice_id)
        if entry is None or not self._is_verified(entry):
            return None
        # What is wrong with the file is found out, and told, by reading it.
        with suppress(OSError):
            return slice_files.region_at_once(entry.file, span)
        return None

    async def put(self, slice_id: SliceId, media: MediaObject, data: Buffer) -> bool:
        """Writes a file, and makes room for it afterwards."""
        if len(data) > self._size_bytes * _WATERMARK or self._clock.now() < self._full_until:
            self._refused += 1
            return False
        loop = asyncio.get_running_loop()
        writing = loop.run_in_executor(self._threads, slice_files.write, self._folder, slice_id, media, data)
        # Whoever stops waiting does not stop the thread: what it writes has to be known all the same.
        writing.add_done_callback(self._written)
        try:
            await asyncio.shield(writing)
        except OSError:
            return False
        await self._shrink(self._size_bytes)
        return self._index.get(slice_id) is not None

    async def delete(self, slice_id: SliceId) -> None:
        """Removes the file."""
        self._index.drop(slice_id)
        await self._unlink([slice_id])

    async def latest(self, resource: ResourceId) -> MediaObject | None:
        """The newest version that there is a file of."""
        return self._index.latest(resource)

    def stats(self) -> StoreStats:
        """How it stands now."""
        return StoreStats(
            kind="disk",
            slices=len(self._index),
            resources=self._index.resource_count,
            stored_bytes=self._index.stored_bytes,
            size_bytes=self._size_bytes,
            evicted=self._evicted,
            refused=self._refused,
            damaged=self._damaged,
        )

    def resources(self, limit: int) -> Sequence[tuple[ResourceId, Dropped]]:
        """The largest."""
        return self._index.largest(limit)

    async def evict(self, to_bytes: int) -> Dropped:
        """Removes the files that were wanted least recently."""
        await self.rebuilt()
        return await self._drop_down_to(to_bytes)

    async def purge(self, resource: ResourceId | None = None, keep: str | None = None) -> Dropped:
        """Removes its files."""
        await self.rebuilt()
        gone = [slice_id for slice_id in self._index.of(resource) if keep is None or slice_id.version != keep]
        return await self._drop(gone)

    # ------------------------------------------------------------ the index

    async def _entry(self, slice_id: SliceId) -> Entry | None:
        """The entry; for what is not in the index it is looked into the folder, where others may have put it."""
        if (entry := self._index.get(slice_id)) is not None:
            return entry
        path = path_of(self._folder, slice_id)
        try:
            file = await self._on_thread(lambda: slice_files.verify(path, slice_id))
        except OSError:
            return None
        except Damaged:
            await self._drop_damaged(slice_id)
            return None
        return self._index.add(file, self._clock.now())

    def _is_verified(self, entry: Entry) -> bool:
        at = entry.verified_at
        return at is not None and self._clock.now() < seconds_after(at, VERIFIED_SECONDS)

    def _found(self, files: Sequence[SliceFile], damaged: int) -> None:
        self._damaged += damaged
        for file in files:
            self._index.add_old(file)

    def _written(self, writing: asyncio.Future[SliceFile]) -> None:
        error = writing.exception() if not writing.cancelled() else None
        if writing.cancelled() or error is not None:
            self._refused += 1
            if isinstance(error, OSError):
                self._full_until = seconds_after(self._clock.now(), FULL_SECONDS)
                log.warning("A slice could not be written, so that media are handed on uncached for a while: %s", error)
            return
        self._index.add(writing.result(), self._clock.now())

    # ------------------------------------------------------------ making room

    async def _shrink(self, to_bytes: int) -> None:
        if self._index.stored_bytes > to_bytes:
            dropped = await self._drop_down_to(int(to_bytes * _WATERMARK))
            self._evicted += dropped.slices

    async def _drop_down_to(self, to_bytes: int) -> Dropped:
        gone, freed = [], 0
        for slice_id in self._index.oldest():
            if self._index.stored_bytes <= max(0, to_bytes):
                break
            freed += self._index.drop(slice_id)
            gone.append(slice_id)
        await self._unlink(gone)
        return Dropped(len(gone), freed)

    async def _drop(self, gone: Sequence[SliceId]) -> Dropped:
        freed = sum(self._index.drop(slice_id) for slice_id in gone)
        await self._unlink(gone)
        return Dropped(len(gone), freed)

    async def _drop_damaged(self, slice_id: SliceId) -> None:
        self._damaged += 1
        log.warning("A slice on disk was torn or altered, and is dropped.")
        await self._drop([slice_id])

    async def _unlink(self, gone: Sequence[SliceId]) -> None:
        paths = [path_of(self._folder, slice_id) for slice_id in gone]

        def unlink() -> None:
            for path in paths:
                with suppress(OSError):
                    path.unlink()

        if paths:
            # They are out of the index already, so nobody else would remove them.
            await asyncio.shield(self._on_thread(unlink))

    def _on_thread(self, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, work)


@asynccontextmanager
async def disk_slice_store(folder: Path, size_bytes: int, clock: Clock) -> AsyncIterator[DiskSliceStore]:
    """The store, until the block is left. Raises `OSError` when the folder can't be made."""
    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="slices")
    store = DiskSliceStore(folder, size_bytes, clock, threads)
    store.begin()
    try:
        yield store
    finally:
        await asyncio.to_thread(store.close)
