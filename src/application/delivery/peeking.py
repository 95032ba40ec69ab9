"""Looking at the beginning of a body before it is decided what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from synctv.application.ports.fetch import FetchStream
from synctv.domain.delivery.pages import ENOUGH_BYTES, is_page, may_be_page
from synctv.domain.delivery.ranges import parse_content_range
from synctv.domain.delivery.upstream_status import host_of
from synctv.domain.errors import UpstreamTimeout


class PeekedStream(FetchStream):
    """A body of which the beginning was read already; it is the whole body all the same."""

    def __init__(self, stream: FetchStream, rest: AsyncIterator[bytes], pieces: list[bytes]) -> None:
        self.status, self.headers, self.url = stream.status, stream.headers, stream.url
        self._rest = rest
        self._pieces = pieces

    @property
    def beginning(self) -> bytes:
        """What was read, as far as it tells anything."""
        return b"".join(self._pieces)[:ENOUGH_BYTES]

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, from its first byte on."""
        for piece in self._pieces:
            yield piece
        async for chunk in self._rest:
            yield chunk


def shows_page(stream: FetchStream) -> bool:
    """Whether a stream that was peeked into is a page (`domain.delivery.pages`)."""
    if not isinstance(stream, PeekedStream):
        return False
    said = parse_content_range(stream.headers.get("content-range")) if stream.status == 206 else None
    from_start = said is None or said.span is None or said.span.start == 0
    return is_page(stream.headers.get("content-type"), stream.beginning, from_start=from_start)


async def peeked(stream: FetchStream, seconds: float) -> FetchStream:
    """The stream, once there is enough of its body to tell whether it is a page; at once where it is called media.

    Raises what reading raises, and `UpstreamTimeout` where that takes longer than so many seconds.
    """
    if stream.status not in (200, 206) or not may_be_page(stream.headers.get("content-type")):
        return stream
    rest, pieces = stream.chunks(), list[bytes]()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in rest:
                pieces.append(chunk)
                if sum(map(len, pieces)) >= ENOUGH_BYTES:
                    break
    except TimeoutError:
        raise UpstreamTimeout(host_of(stream.url), seconds) from None
    return PeekedStream(stream, rest, pieces)
