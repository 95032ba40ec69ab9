"""Streams that go on: handed from the upstream to one viewer as they come, and kept nowhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

from synctv.application.delivery.answer import MediaAnswer, MediaRequest
from synctv.application.delivery.peeking import peeked, shows_page
from synctv.application.delivery.source import HEAD_SECONDS, STALL_SECONDS, Renew
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch, FetchStream, StreamRequest
from synctv.application.ports.slices import Piece
from synctv.domain.delivery.offer import Upstream
from synctv.domain.delivery.upstream_status import MAY_HAVE_EXPIRED, failure, host_of
from synctv.domain.errors import Invalid, UpstreamFormat

_TYPES = ("video/", "audio/")


class LiveMedia:
    """One transfer for each viewer. A viewer who reads slowly makes the upstream wait: no more than a few pieces are
    read ahead. It ends with its viewer."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock

    async def open(self, upstream: Upstream, request: MediaRequest, renew: Renew) -> MediaAnswer:
        """The stream from now on. There are no ranges of it. Raises what fetching raises."""
        async with AsyncExitStack() as stack:
            answer = await self._answer(stack, upstream, renew)
            headers = {"cache-control": "no-store", "content-type": _type(answer), "accept-ranges": "none"}
            if request.method != "GET":
                return MediaAnswer(200, headers)
            return MediaAnswer(200, headers, _body(answer), stack.pop_all())

    async def _answer(self, stack: AsyncExitStack, upstream: Upstream, renew: Renew) -> FetchStream:
        answer = await self._asked(stack, upstream)
        if answer.status in MAY_HAVE_EXPIRED or shows_page(answer):
            await stack.aclose()
            answer = await self._asked(stack, await renew())
        host = host_of(answer.url)
        if answer.status != 200:
            raise failure(host, answer.status, answer.headers.get("retry-after"), self._clock.now())
        if shows_page(answer):
            raise UpstreamFormat(host, "it sends a page in the place of a stream. It may be over; try again later.")
        return answer

    async def _asked(self, stack: AsyncExitStack, upstream: Upstream) -> FetchStream:
        request = StreamRequest(
            upstream.url, headers=upstream.asking, head_timeout=HEAD_SECONDS, stall_timeout=STALL_SECONDS
        )
        try:
            answer = await stack.enter_async_context(self._fetch.stream(request))
        except Invalid as error:
            raise UpstreamFormat(host_of(upstream.url), f"it names an address that can't be called. {error}") from None
        return await peeked(answer, HEAD_SECONDS)


def _type(answer: FetchStream) -> str:
    said = answer.headers.get("content-type", "")
    return said if said.lower().startswith(_TYPES) else "application/octet-stream"


async def _body(answer: FetchStream) -> AsyncGenerator[Piece, None]:
    async for chunk in answer.chunks():
        yield chunk
