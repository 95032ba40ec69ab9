"""Reading a medium in order, slice by slice, from what is kept and from what is on its way."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.delivery.fills import Fills, Lease
from synctv.application.delivery.relay import BROKEN_OFF, Relay
from synctv.application.delivery.source import Source
from synctv.application.delivery.streams import Streams
from synctv.application.delivery.tally import MediaTally
from synctv.application.ports.slices import Buffer, Piece, SliceId, SliceStore
from synctv.domain.delivery.media_object import MediaObject, ResourceId
from synctv.domain.delivery.ranges import Span
from synctv.domain.errors import UpstreamFailed


@dataclass(frozen=True, slots=True)
class Stock:
    """What slices are kept in and come from, for all viewers. `slice_bytes` is the size of each but the last one."""

    store: SliceStore
    fills: Fills
    streams: Streams
    tally: MediaTally
    slice_bytes: int


_ATTEMPTS = 3
"""A slice may have to make room again before it was read; then it is handed on without being kept."""


class Reader:
    """One viewer's way through one version. Reads one piece at a time, and fetches one slice ahead.

    `first` is a share in a slice that is on its way already. With `takes_files` what is kept in a file is given as a
    region of it, but for the first bytes: they leave together with the head, which for a short range is less work.
    """

    def __init__(
        self,
        stock: Stock,
        source: Source,
        resource: ResourceId,
        media: MediaObject,
        first: Lease | None = None,
        *,
        takes_files: bool = False,
    ) -> None:
        self._stock = stock
        self._source = source
        self._resource = resource
        self._media = media
        self._version = media.version(stock.slice_bytes)
        self._lease = first
        self._takes_files = takes_files
        self._began = False
        self._ahead: Lease | None = None
        self._relay: Relay | None = None
        self._index = -1
        self._attempts = 0

    async def begin(self, position: int, end: int) -> None:
        """Sees to it that what is read first is there or on its way."""
        await self._enter(position // self._stock.slice_bytes, end)

    async def read(self, position: int, end: int) -> Piece:
        """Some of the bytes from `position` on, at least one and none from `end` on.

        Raises what the fetch port raises, and `UpstreamChanged` when the bytes of this version can't be had any more.
        """
        if self._relay is not None:
            if (chunk := await self._relay.read()) is not None:
                return chunk
            await self._relay.aclose()
            self._relay = None
        index, start = divmod(position, self._stock.slice_bytes)
        if index != self._index:
            await self._enter(index, end)
        last = min(end - index * self._stock.slice_bytes, self._stock.slice_bytes)
        while True:
            piece = Span(start, self._stock.streams.piece_end(start, last))
            data = await self._kept(piece, last) if self._lease is None else await self._lease.fill.take(piece)
            if data is not None:
                return data
            self._release()
            if self._attempts > _ATTEMPTS:
                return await self._relayed(Span(position, end))

    async def aclose(self) -> None:
        """Ends everything that was begun for this viewer alone."""
        self._release()
        if self._ahead is not None:
            self._ahead.release()
        if self._relay is not None:
            await self._relay.aclose()

    async def _enter(self, index: int, end: int) -> None:
        first = self._index < 0
        self._index, self._attempts = index, 0
        if self._lease is not None and not (first and self._lease.fill.index == index):
            # The slice by which a thing was met is wanted soon, even where this viewer begins elsewhere.
            self._release(finish=first)
        slice_id = self._slice(index)
        self._stock.store.touch(slice_id)
        if self._ahead is not None:
            self._lease, self._ahead = self._ahead, None
            if self._lease.fill.index != index:
                self._release()
        missed = self._lease is not None or not await self._stock.store.has(slice_id)
        if missed and self._lease is None:
            self._lease = self._stock.fills.join(slice_id, self._media, self._source)
        self._stock.tally.misses += missed
        self._stock.tally.hits += not missed
        if (index + 1) * self._stock.slice_bytes < end and self._stock.fills.roomy:
            await self._look_ahead(self._slice(index + 1))

    async def _look_ahead(self, slice_id: SliceId) -> None:
        if not await self._stock.store.has(slice_id):
            self._ahead = self._stock.fills.join(slice_id, self._media, self._source)

    async def _kept(self, piece: Span, last: int) -> Piece | None:
        """The bytes from the store, as many as there are up to `last` when they need not be in memory; without them a
        share in the fill of the slice."""
        slice_id = self._slice(self._index)
        if self._takes_files and self._began:
            region = self._stock.store.region(slice_id, Span(piece.start, last))
            if region is not None:
                return region
        self._began = True
        data = await self._stock.store.read(slice_id, piece)
        if data is None:
            self._attempts += 1
            self._lease = self._stock.fills.join(slice_id, self._media, self._source)
            data = await self._lease.fill.take(piece)
        return data

    async def _relayed(self, span: Span) -> Buffer:
        self._stock.tally.bypasses += 1
        self._relay = Relay(self._source, self._media, span)
        chunk = await self._relay.read()
        if chunk is None:
            raise UpstreamFailed(self._source.host, BROKEN_OFF)
        return chunk

    def _slice(self, index: int) -> SliceId:
        return SliceId(self._resource, self._version, index)

    def _release(self, *, finish: bool = False) -> None:
        if self._lease is not None:
            self._lease.release(finish=finish)
            self._lease = None
