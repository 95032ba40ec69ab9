"""One slice on its way: fetched once, read by everybody who wants it while it grows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, nullcontext

from synctv.application.delivery.places import Place
from synctv.application.delivery.relay import BROKEN_OFF
from synctv.application.delivery.source import Beyond, Part, Source, Whole
from synctv.application.delivery.tally import MediaTally
from synctv.application.ports.slices import SliceId
from synctv.domain.delivery.media_object import MediaObject, ResourceId
from synctv.domain.delivery.ranges import Span
from synctv.domain.errors import UpstreamChanged, UpstreamFailed, UpstreamFormat, UpstreamTimeout

Seen = Callable[["Fill", "MediaObject | None"], None]
"""Told which version an upstream showed to a fill; None when it showed that it sends no parts."""

FILL_SECONDS = 300.0
"""A slice that takes longer is given up: an upstream that drips would hold its place for ever."""


NO_PARTS = "it no longer sends parts of this file. Load it again."


class SendsNoParts(Exception):
    """The upstream ignores ranges, or does not know the length: there is nothing to slice."""


class NothingThere(Exception):
    """The slice lies past the end of what the upstream has; `length` is that, where the upstream says so."""

    def __init__(self, length: int | None) -> None:
        self.length = length
        super().__init__(length)


class Fill:
    """A slice of one version, or of whichever version the upstream has: then it tells which once that is known.

    Its bytes are in `buffer` up to `have`. When it is done it is either `stored`, and its bytes are to be read from the
    store, or they stay here for as long as somebody reads. `readers` are those who wait for it.
    """

    def __init__(self, resource: ResourceId, index: int, slice_bytes: int, source: Source, seen: Seen) -> None:
        self.resource = resource
        self.index = index
        self.media: MediaObject | None = None
        self.buffer = bytearray()
        self.have = 0
        self.readers = 0
        self.done = False
        self.stored = False
        self.error: Exception | None = None
        self._slice_bytes = slice_bytes
        self._source = source
        self._seen = seen
        self._news = asyncio.Event()

    @property
    def host(self) -> str:
        """Who is asked for it."""
        return self._source.host

    @property
    def id(self) -> SliceId | None:
        """Which slice it is, once the version is known."""
        return None if self.media is None else self._id(self.media)

    # ------------------------------------------------------------ for who reads

    async def version(self) -> MediaObject:
        """The version that the slice is of. Raises what became of the fill."""
        while self.media is None:
            await self._wait()
        return self.media

    async def take(self, span: Span) -> bytes | None:
        """Some bytes from the start of the span on, as soon as there are any; None when they are in the store.

        Raises what became of the fill, once there is nothing left to give.
        """
        while self.have <= span.start and not self.stored:
            await self._wait()
        if self.stored:
            return None
        with memoryview(self.buffer) as view:
            return bytes(view[span.start : min(self.have, span.end)])

    async def unread(self) -> None:
        """Returns when nobody reads it any more."""
        while self.readers:
            await self._change()

    async def _wait(self) -> None:
        if self.error is not None:
            raise self.error
        await self._change()

    async def _change(self) -> None:
        await self._news.wait()

    def tell(self) -> None:
        """Wakes everybody who waits for a change."""
        self._news.set()
        self._news = asyncio.Event()

    # ------------------------------------------------------------ for who fetches

    async def fetch(self, tally: MediaTally, place: Place) -> tuple[SliceId, MediaObject]:
        """Fetches it all, going on once from where an answer broke off; what it is. Raises what became of it.

        Its buffer is there only while it has the place, which it may leave until the upstream begins.
        """
        try:
            async with asyncio.timeout(FILL_SECONDS):
                media = await self._fetch_twice(tally, place)
                return self._id(media), media
        except TimeoutError:
            raise UpstreamTimeout(self._source.host, FILL_SECONDS) from None

    def finish(self, *, stored: bool) -> None:
        """It is all there; when it is in the store it is let go here."""
        self.done, self.stored = True, stored
        if stored:
            self.buffer = bytearray()
        self.tell()

    def fail(self, error: Exception) -> None:
        """Nothing more will come."""
        self.error, self.done = error, True
        self.tell()

    async def _fetch_twice(self, tally: MediaTally, place: Place) -> MediaObject:
        try:
            await self._fetch_rest(tally, place)
            broken_off = None
        except (UpstreamChanged, UpstreamFormat):
            raise
        except UpstreamFailed as error:
            if self.media is None or not self.have:
                raise  # it never began: that is no accident on the way
            broken_off = error
        if broken_off is not None or self.have < len(self.buffer):
            await self._fetch_rest(tally, place)
        if self.media is None or self.have < len(self.buffer):
            raise UpstreamFailed(self._source.host, BROKEN_OFF)
        return self.media

    async def _fetch_rest(self, tally: MediaTally, place: Place) -> None:
        start = self.index * self._slice_bytes
        end = start + self._slice_bytes if self.media is None else self._span(self.media).end
        async with AsyncExitStack() as stack:
            with nullcontext() if self.buffer else place.left_if_slow():
                answer = await stack.enter_async_context(self._source.part(Span(start + self.have, end)))
            await place.enter()
            match answer:
                case Part(stream, span, media):
                    self._recognise(media)
                    await self._read(stream.chunks(), self.have + len(span), tally)
                case Whole():
                    self._seen(self, None)
                    raise SendsNoParts if self.media is None else UpstreamFormat(self._source.host, NO_PARTS)
                case Beyond(length):
                    self._beyond(length)

    async def _read(self, chunks: AsyncIterator[bytes], upto: int, tally: MediaTally) -> None:
        async for chunk in chunks:
            if self.have + len(chunk) > upto:
                raise UpstreamFormat(self._source.host, "it sends more than it announced.")
            self.buffer[self.have : self.have + len(chunk)] = chunk
            self.have += len(chunk)
            tally.fetched_bytes += len(chunk)
            self.tell()

    def _recognise(self, media: MediaObject) -> None:
        known = self.media
        if known is None:
            self.media = known = media
        self._seen(self, media)
        if not media.same_as(known):
            raise UpstreamChanged(self._source.host)
        if not self.buffer:
            self.buffer = bytearray(len(self._span(known)))
            self.tell()

    def _id(self, media: MediaObject) -> SliceId:
        return SliceId(self.resource, media.version(self._slice_bytes), self.index)

    def _span(self, media: MediaObject) -> Span:
        return media.slice_span(self.index, self._slice_bytes)

    def _beyond(self, length: int | None) -> None:
        if self.media is None:
            raise NothingThere(length)
        if length in (None, self.media.length):
            raise UpstreamFormat(self._source.host, "it refuses bytes of a file that it said it has.")
        raise UpstreamChanged(self._source.host)
