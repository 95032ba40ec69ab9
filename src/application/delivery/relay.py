"""Bytes handed on as they come, without keeping them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from synctv.application.delivery.source import Part, Source, Whole
from synctv.application.ports.fetch import FetchStream
from synctv.domain.delivery.media_object import MediaObject
from synctv.domain.delivery.ranges import Span
from synctv.domain.errors import UpstreamChanged, UpstreamFailed, UpstreamFormat

BROKEN_OFF = "its answer broke off."


class Relay:
    """The bytes of one span of one version, from an answer that is open or is opened with the first byte.

    When the answer breaks off or stalls, the rest is asked for once more; what then comes has to be of the same
    version. `media` and `span` are None where nobody knows how long it is: then it ends when it ends.
    """

    def __init__(self, source: Source, media: MediaObject | None, span: Span | None) -> None:
        self._source = source
        self._media = media
        self._position = span.start if span else 0
        self._end = span.end if span else None
        self._answer = AsyncExitStack()
        self._chunks: AsyncIterator[bytes] | None = None
        self._may_resume = media is not None

    def take(self, stream: FetchStream, answer: AsyncExitStack) -> None:
        """Goes on with an answer that is open already; it is closed with this."""
        self._chunks, self._answer = stream.chunks(), answer

    async def read(self) -> bytes | None:
        """The next bytes; None at the end. Raises what the fetch port raises, and `UpstreamChanged`."""
        while self._end is None or self._position < self._end:
            try:
                chunk = await self._next()
            except UpstreamChanged:
                raise
            except UpstreamFailed:
                if not self._may_resume:
                    raise
                await self._broken_off()
                continue
            if chunk is None:
                return None
            self._position += len(chunk)
            return chunk
        return None

    async def aclose(self) -> None:
        """Ends the transfer."""
        self._chunks = None
        await self._answer.aclose()

    async def _broken_off(self) -> None:
        self._may_resume = False
        await self.aclose()

    async def _next(self) -> bytes | None:
        if self._chunks is None:
            self._chunks = await self._open()
        async for chunk in self._chunks:
            if self._end is not None and self._position + len(chunk) > self._end:
                raise UpstreamFormat(self._source.host, "it sends more than it announced.")
            return chunk
        if self._end is not None:
            raise UpstreamFailed(self._source.host, BROKEN_OFF)
        return None

    async def _open(self) -> AsyncIterator[bytes]:
        """The answer that holds the rest."""
        if self._end is None or self._media is None:
            raise UpstreamFailed(self._source.host, BROKEN_OFF)
        async with AsyncExitStack() as stack:
            wanted = Span(self._position, self._end)
            match await stack.enter_async_context(self._source.part(wanted)):
                case Part(stream, _, media) if media.same_as(self._media):
                    self._answer = stack.pop_all()
                    return stream.chunks()
                case Whole(media=media) if media is None or media.same_as(self._media):
                    raise UpstreamFailed(self._source.host, f"{BROKEN_OFF} It can't be gone on with.")
                case _:
                    raise UpstreamChanged(self._source.host)
