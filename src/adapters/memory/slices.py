"""Slices in the memory of this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synctv.adapters.memory.frequencies import Frequencies
from synctv.application.ports.slices import Buffer, Dropped, SliceId, SliceStore, StoreStats
from synctv.domain.delivery.media_object import MediaObject, ResourceId
from synctv.domain.delivery.ranges import Span

BLOCK_BYTES = 1_024 * 1_024
"""A slice is kept in blocks, so that a viewer who reads slowly holds on to one of them and not to all."""

_WINDOW_SHARE = 0.125
_WATERMARK = 0.95
_ENTRY_BYTES = 512
"""What an entry takes beside its bytes, generously."""


@dataclass(frozen=True, slots=True)
class _Kept:
    media: MediaObject
    blocks: tuple[bytes, ...]
    size: int


class MemorySliceStore(SliceStore):
    """A bounded number of bytes, in two queues of which the least recently wanted end goes first (W-TinyLFU).

    What is new passes through a window of an eighth of the room. It stays beyond that if it was wanted more often than
    what would have to go for it: one who skims through a long film does not wash out what everybody watches.
    """

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes
        self._window_bytes = int(size_bytes * _WINDOW_SHARE)
        self._window: OrderedDict[SliceId, _Kept] = OrderedDict()
        self._main: OrderedDict[SliceId, _Kept] = OrderedDict()
        self._in_window = 0
        self._in_main = 0
        self._by_resource: dict[ResourceId, dict[SliceId, _Kept]] = {}
        self._wanted = Frequencies()
        self._evicted = self._refused = 0

    def touch(self, slice_id: SliceId) -> None:
        """Counts it, and puts it at the end of its queue."""
        self._wanted.add(slice_id)
        for queue in (self._main, self._window):
            if slice_id in queue:
                queue.move_to_end(slice_id)

    async def has(self, slice_id: SliceId) -> bool:
        """Whether it is there."""
        return slice_id in self._main or slice_id in self._window

    async def read(self, slice_id: SliceId, span: Span) -> Buffer | None:
        """The bytes; whole blocks are not copied."""
        kept = self._main.get(slice_id) or self._window.get(slice_id)
        return None if kept is None else _cut(kept.blocks, span)

    def region(self, slice_id: SliceId, span: Span) -> None:
        """Nothing here lies in a file."""

    async def put(self, slice_id: SliceId, media: MediaObject, data: Buffer) -> bool:
        """Keeps a copy, in the window at first."""
        size = len(data) + _ENTRY_BYTES
        if size > self._size_bytes:
            self._refused += 1
            return False
        self._forget(slice_id)
        kept = _Kept(media, tuple(_blocks(memoryview(data))), size)
        self._window[slice_id] = kept
        self._in_window += size
        self._by_resource.setdefault(slice_id.resource, {})[slice_id] = kept
        self._settle()
        return await self.has(slice_id)

    async def delete(self, slice_id: SliceId) -> None:
        """Forgets it."""
        self._forget(slice_id)

    async def latest(self, resource: ResourceId) -> MediaObject | None:
        """The newest version that a slice is here of."""
        known = self._by_resource.get(resource, {}).values()
        return max((kept.media for kept in known), key=lambda media: media.fetched_at, default=None)

    def stats(self) -> StoreStats:
        """How it stands now."""
        return StoreStats(
            kind="memory",
            slices=len(self._main) + len(self._window),
            resources=len(self._by_resource),
            stored_bytes=self._stored,
            size_bytes=self._size_bytes,
            evicted=self._evicted,
            refused=self._refused,
        )

    def resources(self, limit: int) -> Sequence[tuple[ResourceId, Dropped]]:
        """The largest."""
        found = [
            (resource, Dropped(len(known), sum(kept.size for kept in known.values())))
            for resource, known in self._by_resource.items()
        ]
        return sorted(found, key=lambda one: -one[1].stored_bytes)[:limit]

    async def evict(self, to_bytes: int) -> Dropped:
        """Drops what was wanted least recently."""
        return self._drop_down_to(to_bytes)

    async def purge(self, resource: ResourceId | None = None, keep: str | None = None) -> Dropped:
        """Forgets it."""
        if resource is None:
            dropped = Dropped(len(self._main) + len(self._window), self._stored)
            self._main.clear()
            self._window.clear()
            self._by_resource.clear()
            self._in_main = self._in_window = 0
            return dropped
        gone = [one for one in self._by_resource.get(resource, {}) if one.version != keep]
        return Dropped(len(gone), sum(self._forget(one) for one in gone))

    @property
    def _stored(self) -> int:
        return self._in_main + self._in_window

    def _settle(self) -> None:
        """Moves what the window has no room for into the main queue, where that is worth it."""
        main_bytes = self._size_bytes - self._window_bytes
        while self._in_window > self._window_bytes and len(self._window) > 1:
            candidate, kept = self._window.popitem(last=False)
            self._in_window -= kept.size
            self._main[candidate] = kept
            self._in_main += kept.size
            if self._in_main > main_bytes:
                self._contest(candidate, main_bytes)
        if self._stored > self._size_bytes:
            self._evicted += self._drop_down_to(int(self._size_bytes * _WATERMARK)).slices

    def _contest(self, candidate: SliceId, main_bytes: int) -> None:
        """Keeps the candidate, or those that would have to go for it."""
        worth = self._wanted.of(candidate)
        while self._in_main > main_bytes:
            victim = next(iter(self._main))
            loser = victim if self._wanted.of(victim) < worth else candidate
            self._forget(loser)
            self._evicted += 1
            if loser == candidate:
                return

    def _drop_down_to(self, to_bytes: int) -> Dropped:
        slices = dropped = 0
        while self._stored > max(0, to_bytes):
            queue = self._main or self._window
            dropped += self._forget(next(iter(queue)))
            slices += 1
        return Dropped(slices, dropped)

    def _forget(self, slice_id: SliceId) -> int:
        """Forgets a slice; the bytes that it took."""
        if (kept := self._main.pop(slice_id, None)) is not None:
            self._in_main -= kept.size
        elif (kept := self._window.pop(slice_id, None)) is not None:
            self._in_window -= kept.size
        else:
            return 0
        siblings = self._by_resource[slice_id.resource]
        del siblings[slice_id]
        if not siblings:
            del self._by_resource[slice_id.resource]
        return kept.size


def _blocks(data: memoryview) -> Iterable[bytes]:
    return (bytes(data[start : start + BLOCK_BYTES]) for start in range(0, len(data), BLOCK_BYTES))


def _cut(blocks: tuple[bytes, ...], span: Span) -> bytes:
    first, start = divmod(span.start, BLOCK_BYTES)
    if span.end <= (first + 1) * BLOCK_BYTES:
        block = blocks[first]
        return block if len(span) == len(block) else block[start : start + len(span)]
    last = (span.end - 1) // BLOCK_BYTES
    joined = memoryview(b"".join(blocks[first : last + 1]))
    return bytes(joined[start : start + len(span)])
