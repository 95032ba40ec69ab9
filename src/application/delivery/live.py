"""Streams that go on: handed from the upstream to one viewer as they come, and kept nowhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

from synctv.application.delivery.answer import MediaAnswer, MediaRequest
from synctv.application.delivery.source import Renew
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch, FetchStream, StreamRequest
from synctv.application.ports.slices import Buffer
from synctv.domain.delivery.offer import Upstream
from synctv.domain.delivery.upstream_status import MAY_HAVE_EXPIRED, failure, host_of

HEAD_SECONDS = 15.0
STALL_SECONDS = 20.0

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
        answer = await stack.enter_async_context(self._fetch.stream(_request(upstream)))
        if answer.status in MAY_HAVE_EXPIRED:
            await stack.aclose()
            answer = await stack.enter_async_context(self._fetch.stream(_request(await renew())))
        if answer.status != 200:
            now = self._clock.now()
            raise failure(host_of(answer.url), answer.status, answer.headers.get("retry-after"), now)
        return answer


def _request(upstream: Upstream) -> StreamRequest:
    return StreamRequest(upstream.url, headers=upstream.headers, head_timeout=HEAD_SECONDS, stall_timeout=STALL_SECONDS)


def _type(answer: FetchStream) -> str:
    said = answer.headers.get("content-type", "")
    return said if said.lower().startswith(_TYPES) else "application/octet-stream"


async def _body(answer: FetchStream) -> AsyncGenerator[Buffer, None]:
    async for chunk in answer.chunks():
        yield chunk
