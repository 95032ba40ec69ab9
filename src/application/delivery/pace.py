"""How fast the proxy sends: no faster than a viewer and its room may have, and not too many bodies at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from synctv.application.ports.clock import Clock
from synctv.application.ports.slices import FileRegion, Piece
from synctv.domain.errors import RateLimited
from synctv.domain.ids import MICROS, Micros, seconds_after

PIECE_BYTES = 64 << 10
"""What is sent at a time while there is a limit, so that a slow viewer gets a steady flow."""

BURST_SECONDS = 1.0
KEPT = 10_000
"""So many buckets of those who have nothing sent now are remembered until they are full again."""


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """Bytes a second for one viewer and for all of a room together; None for as much as there is."""

    viewer: float | None = None
    room: float | None = None


@dataclass(slots=True)
class _Bucket:
    """What may be sent at once, refilled with time; below 0 is what was sent ahead of it."""

    rate: float
    level: float
    filled_at: Micros
    users: int = 0

    def spend(self, size: int, now: Micros) -> float:
        """Takes so many bytes out; the seconds to wait before they are sent."""
        self._fill(now)
        self.level -= size
        return max(0.0, -self.level / self.rate)

    def full(self, now: Micros) -> bool:
        """Whether nothing is known by it any more that a new one would not tell."""
        self._fill(now)
        return self.level >= self.rate * BURST_SECONDS

    def _fill(self, now: Micros) -> None:
        filled = (now - self.filled_at) / MICROS * self.rate
        self.level = min(self.rate * BURST_SECONDS, self.level + filled)
        self.filled_at = now


@dataclass(slots=True)
class Pacer:
    """Shares bandwidth among the bodies that are being sent at this process, and counts them for each viewer.

    `sent_bytes` are those that were handed to the network since the start.
    """

    bandwidth: Bandwidth
    streams_per_viewer: int
    clock: Clock
    sending: int = 0
    sent_bytes: int = 0
    refused: int = 0
    _buckets: OrderedDict[Hashable, _Bucket] = field(default_factory=OrderedDict)
    _streams: dict[Hashable, int] = field(default_factory=dict)

    @contextmanager
    def stream(self, viewer: Hashable) -> Iterator[None]:
        """One body for this viewer, until the block is left. Raises `RateLimited` while there are too many."""
        count = self._streams.get(viewer, 0)
        if count >= self.streams_per_viewer:
            self.refused += 1
            raise RateLimited(1.0)
        self._streams[viewer] = count + 1
        self.sending += 1
        try:
            yield
        finally:
            self.sending -= 1
            self._streams[viewer] -= 1
            if not self._streams[viewer]:
                del self._streams[viewer]

    async def paced(
        self, body: AsyncGenerator[Piece, None], viewer: Hashable, room: Hashable
    ) -> AsyncGenerator[Piece, None]:
        """The same bytes, as fast as the viewer and the room may have them. Closes the body when it is closed."""
        limits = [(("viewer", viewer), self.bandwidth.viewer), (("room", room), self.bandwidth.room)]
        try:
            with self._taken([(key, rate) for key, rate in limits if rate is not None]) as buckets:
                async for chunk in body:
                    for piece in _pieces(chunk) if buckets else (chunk,):
                        if buckets:
                            await self._wait(buckets, len(piece))
                        self.sent_bytes += len(piece)
                        yield piece
        finally:
            await body.aclose()

    async def _wait(self, buckets: list[_Bucket], size: int) -> None:
        now = self.clock.now()
        wait = max(bucket.spend(size, now) for bucket in buckets)
        try:
            if wait > 0:
                await self.clock.sleep_until(seconds_after(now, wait))
        except BaseException:
            # Who leaves meanwhile is sent nothing; the next request of a player that seeks need not wait for it.
            for bucket in buckets:
                bucket.level += size
            raise

    @contextmanager
    def _taken(self, wanted: list[tuple[Hashable, float]]) -> Iterator[list[_Bucket]]:
        now = self.clock.now()
        taken = []
        for key, rate in wanted:
            bucket = self._buckets.setdefault(key, _Bucket(rate, rate * BURST_SECONDS, now))
            bucket.users += 1
            taken.append(bucket)
        try:
            yield taken
        finally:
            for (key, _), bucket in zip(wanted, taken, strict=True):
                bucket.users -= 1
                self._buckets.move_to_end(key)
            self._forget_idle()

    def _forget_idle(self) -> None:
        """Forgets who has nothing sent, once the bucket is full: a new one for each request would be a new burst."""
        now = self.clock.now()
        for key, bucket in list(self._buckets.items()):
            if bucket.users:
                continue
            if not bucket.full(now) and len(self._buckets) <= KEPT:
                return
            del self._buckets[key]


def _pieces(chunk: Piece) -> Iterator[Piece]:
    if isinstance(chunk, FileRegion):
        yield from chunk.parts(PIECE_BYTES)
        return
    view = memoryview(chunk)
    for start in range(0, len(view), PIECE_BYTES):
        yield view[start : start + PIECE_BYTES]
