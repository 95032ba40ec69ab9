"""Answers that were programmed beforehand, for tests and for a server that may call nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from synctv.application.ports.fetch import Fetch, FetchRequest, FetchResponse, FetchStream, StreamRequest
from synctv.domain.errors import DomainError, Invalid, UpstreamFailed

_EVERYTHING = 1 << 40
_PIECE_BYTES = 1_000


class MemoryFetch(Fetch):
    """Answers what `answers` and `fails` told it to; every other server does not exist.

    Answers a HEAD without a body, and a GET of one range with that range. `requests` are all that were made, oldest
    first.
    """

    def __init__(self) -> None:
        self._answers: dict[str, FetchResponse | DomainError] = {}
        self.requests: list[FetchRequest] = []

    def answers(
        self,
        url: str,
        body: bytes = b"",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        redirected_to: str | None = None,
    ) -> None:
        """From now on this is at the address; `redirected_to` is the one that answers in the end."""
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        self._answers[url] = FetchResponse(status, lower, body, redirected_to or url, truncated=False)

    def fails(self, url: str, error: DomainError) -> None:
        """From now on calling the address raises this."""
        self._answers[url] = error

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        """The programmed answer."""
        self.requests.append(request)
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Invalid.field("url", "An address begins with http:// or https:// and names a server.", "url")
        answer = self._answers.get(request.url)
        if isinstance(answer, DomainError):
            raise answer
        if answer is None:
            raise UpstreamFailed(parts.hostname, "its name can't be resolved. Check the address.")
        if answer.url != request.url and not request.follow:
            return FetchResponse(302, {"location": answer.url}, b"", request.url, truncated=False)
        if answer.url != request.url and request.max_redirects == 0:
            raise UpstreamFailed(parts.hostname, "it redirects, where it should answer.")
        return _cut(answer, request)

    @asynccontextmanager
    async def stream(self, request: StreamRequest) -> AsyncIterator[MemoryFetchStream]:
        """The programmed answer, whole."""
        asked = FetchRequest(
            request.url, request.method, request.headers, max_bytes=_EVERYTHING, max_redirects=request.max_redirects
        )
        yield MemoryFetchStream(await self.fetch(asked))


class MemoryFetchStream(FetchStream):
    """A programmed body, in small pieces."""

    def __init__(self, answer: FetchResponse) -> None:
        self.status, self.headers, self.url = answer.status, answer.headers, answer.url
        self._body = answer.body

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body."""
        for start in range(0, len(self._body), _PIECE_BYTES):
            yield self._body[start : start + _PIECE_BYTES]


def _cut(answer: FetchResponse, request: FetchRequest) -> FetchResponse:
    status, headers, body = answer.status, {"content-length": str(len(answer.body)), **answer.headers}, answer.body
    asked = {name.lower(): value for name, value in request.headers.items()}.get("range")
    if asked is not None and status == 200:
        start, end = _range(asked, len(body))
        headers["content-range"] = f"bytes {start}-{end - 1}/{len(body)}"
        headers["content-length"] = str(end - start)
        status, body = 206, body[start:end]
    if request.method == "HEAD":
        body = b""
    return FetchResponse(status, headers, body[: request.max_bytes], answer.url, len(body) > request.max_bytes)


def _range(asked: str, length: int) -> tuple[int, int]:
    """Start and end of one range (`bytes=0-99`, `bytes=100-`, `bytes=-100`)."""
    first, _, last = asked.removeprefix("bytes=").partition("-")
    if not first:
        return max(0, length - int(last)), length
    return int(first), min(length, int(last) + 1) if last else length
