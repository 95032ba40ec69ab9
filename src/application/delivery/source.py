"""Where the bytes of a medium come from: asking an upstream for some, and not taking its word for what it sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from synctv.application.delivery.peeking import peeked, shows_page
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch, FetchStream, StreamRequest
from synctv.domain.delivery.media_object import MediaObject, described
from synctv.domain.delivery.offer import Upstream
from synctv.domain.delivery.ranges import Asked, ContentRange, From, Span, parse_content_range, parse_length
from synctv.domain.delivery.upstream_status import MAY_HAVE_EXPIRED, failure, host_of
from synctv.domain.errors import UpstreamFormat

Renew = Callable[[], Awaitable[Upstream]]

HEAD_SECONDS = 60.0
"""So long an upstream may prepare what it sends: the first piece of a film that is transcoded takes half a minute."""
STALL_SECONDS = 20.0

_OURS = frozenset({"accept-encoding", "range", "if-range", "if-match", "if-none-match", "if-modified-since"})
"""Headers that no provider decides about."""


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from the first one that was asked for on; `span` ends earlier than asked when the upstream says so."""

    stream: FetchStream
    span: Span
    media: MediaObject


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything, or no one knows how much: the upstream sends no parts, or not of this. `media` is None without a
    length."""

    stream: FetchStream
    content_type: str
    media: MediaObject | None


@dataclass(frozen=True, slots=True)
class Beyond:
    """There are no such bytes. `length` where the upstream says how many there are."""

    length: int | None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an upstream may take, in seconds: until its headers, and from one piece of the body to the next."""

    head: float = HEAD_SECONDS
    stall: float = STALL_SECONDS


class Source:
    """An upstream on behalf of one viewer. When its address has run out it is resolved anew, where that is possible.

    A page counts as an address that has run out, too, unless `any_type` says that it may be what is wanted. It is known
    by its first bytes: some servers call media so.
    """

    def __init__(
        self,
        fetch: Fetch,
        clock: Clock,
        upstream: Upstream,
        renew: Renew | None = None,
        patience: Patience | None = None,
        *,
        any_type: bool = False,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._upstream = upstream
        self._renew = renew
        self._renewing = asyncio.Lock()
        self._patience = patience or Patience()
        self._any_type = any_type

    @property
    def host(self) -> str:
        """Who is asked, for a sentence."""
        return host_of(self._upstream.url)

    def part(self, span: Span) -> AbstractAsyncContextManager[Part | Whole | Beyond]:
        """What comes when these bytes are asked for. Raises like `answer`."""
        return self.answer(From(span.start, span.end - 1))

    @asynccontextmanager
    async def answer(self, wanted: Asked | None) -> AsyncIterator[Part | Whole | Beyond]:
        """What comes when these bytes are asked for, or everything.

        Raises what the fetch port raises, what a status other than 200, 206 and 416 means, and `UpstreamFormat` for a
        page and for an answer that contradicts itself or the question.
        """
        async with self._asked(wanted) as stream:
            yield self._understood(stream, wanted)

    @asynccontextmanager
    async def _asked(self, wanted: Asked | None) -> AsyncIterator[FetchStream]:
        tried = self._upstream
        async with self._fetch.stream(self._request(tried, wanted)) as answer:
            stream = await self._looked_at(answer)
            if self._renew is None or not (stream.status in MAY_HAVE_EXPIRED or shows_page(stream)):
                yield self._good(stream)
                return
        async with self._fetch.stream(self._request(await self._renewed(tried), wanted)) as answer:
            yield self._good(await self._looked_at(answer))

    async def _looked_at(self, stream: FetchStream) -> FetchStream:
        if self._any_type:
            return stream
        return await peeked(stream, self._patience.head)

    async def _renewed(self, tried: Upstream) -> Upstream:
        async with self._renewing:
            if self._upstream is tried and self._renew is not None:
                self._upstream = await self._renew()
            return self._upstream

    def _request(self, upstream: Upstream, wanted: Asked | None) -> StreamRequest:
        headers = {name.lower(): value for name, value in upstream.headers.items() if name.lower() not in _OURS}
        headers["accept-encoding"] = "identity"
        if wanted is not None:
            headers["range"] = f"bytes={wanted}"
        return StreamRequest(
            upstream.url, headers=headers, head_timeout=self._patience.head, stall_timeout=self._patience.stall
        )

    def _good(self, stream: FetchStream) -> FetchStream:
        if stream.status not in (200, 206, 416):
            now = self._clock.now()
            raise failure(host_of(stream.url), stream.status, stream.headers.get("retry-after"), now)
        if shows_page(stream):
            advice = "It may be over, or for others only. Open its address in a browser, or add it anew."
            raise UpstreamFormat(host_of(stream.url), f"it sends a page in the place of media. {advice}")
        encoding = stream.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity") and stream.status != 416:
            raise UpstreamFormat(host_of(stream.url), "it sends compressed what it was asked to send as it is.")
        return stream

    def _understood(self, stream: FetchStream, wanted: Asked | None) -> Part | Whole | Beyond:
        said = parse_content_range(stream.headers.get("content-range"))
        match stream.status:
            case 416:
                return Beyond(said.length if said else None)
            case 200:
                return self._whole(stream)
            case _ if wanted is None:
                raise UpstreamFormat(host_of(stream.url), "it sends a part where everything was asked for.")
            case _:
                return self._part(stream, wanted, said)

    def _whole(self, stream: FetchStream) -> Whole:
        length = parse_length(stream.headers.get("content-length"))
        media = described(length or 0, stream.headers, self._clock.now())
        return Whole(stream, media.content_type, None if length is None else media)

    def _part(self, stream: FetchStream, wanted: Asked, said: ContentRange | None) -> Part | Whole:
        host = host_of(stream.url)
        if said is None or said.span is None:
            raise UpstreamFormat(host, "it sends a part of the file and does not say which.")
        if said.length is None:
            # Without a length there are no slices; the whole can still be handed on.
            return Whole(stream, described(0, stream.headers, self._clock.now()).content_type, None)
        if not wanted.fits(said.span, said.length):
            raise UpstreamFormat(host, "it sends another part of the file than it was asked for.")
        length = parse_length(stream.headers.get("content-length"))
        if length is not None and length != len(said.span):
            raise UpstreamFormat(host, "it announces two different lengths for one part of the file.")
        return Part(stream, said.span, described(said.length, stream.headers, self._clock.now()))
