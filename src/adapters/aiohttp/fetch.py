"""Calls to other servers with aiohttp."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientConnectorSSLError,
    ClientError,
    ClientPayloadError,
    ClientResponse,
    InvalidURL,
    ServerDisconnectedError,
    ThreadedResolver,
)
from aiohttp.abc import AbstractResolver

from synctv.adapters.aiohttp.addresses import literal
from synctv.adapters.aiohttp.connections import CALLS, STREAMS, Connections
from synctv.adapters.aiohttp.egress import Egress
from synctv.adapters.aiohttp.redirects import REDIRECTS, Hop, next_hop, parsed
from synctv.application.ports.fetch import Fetch, FetchRequest, FetchResponse, FetchStream, StreamRequest
from synctv.domain.errors import UpstreamFailed, UpstreamTimeout

_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (ClientConnectorDNSError, "its name can't be resolved. Check the address."),
    (ClientConnectorCertificateError, "its certificate is not valid."),
    (ClientConnectorSSLError, "it can't be talked to over TLS. Check whether the address begins with http or https."),
    (ClientConnectorError, "it can't be connected to. Check the address, and whether it is running."),
    (ServerDisconnectedError, "it ended the connection without an answer."),
    (ClientPayloadError, "its answer broke off."),
    (InvalidURL, "its address can't be called."),
    (Exception, "it does not answer in HTTP as it should."),
)


class AiohttpFetch(Fetch):
    """Calls over kept connections. Made by `aiohttp_fetch`, which closes them.

    A name is resolved anew for each connection, and every address is checked before it is connected to; a connection
    that is kept open and used again was checked when it was made, by rules of which nothing was taken back since.
    """

    def __init__(self, calls: Connections, streams: Connections, policy: Egress) -> None:
        self._calls = calls
        self._streams = streams
        self._policy = policy

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        """The answer, whatever its status."""
        hop = _first_hop(request.url, request.method, request.headers, request.body)
        try:
            async with asyncio.timeout(request.timeout):
                response = await self._called(hop, request)
                with closing(response), _translated(response.url.host or ""):
                    return await _read(response, request.max_bytes)
        except TimeoutError:
            raise UpstreamTimeout(hop.host, request.timeout) from None

    @asynccontextmanager
    async def stream(self, request: StreamRequest) -> AsyncIterator[AiohttpFetchStream]:
        """The answer, whatever its status."""
        hop = _first_hop(request.url, request.method, request.headers, None)
        try:
            async with asyncio.timeout(request.head_timeout):
                response = await self._follow(hop, request.max_redirects, self._streams)
        except TimeoutError:
            raise UpstreamTimeout(hop.host, request.head_timeout) from None
        # A body that was read to its end has given its connection back already; any other ends with its connection.
        with closing(response):
            yield AiohttpFetchStream(response, request.stall_timeout)

    async def _called(self, hop: Hop, request: FetchRequest) -> ClientResponse:
        if request.follow:
            return await self._follow(hop, request.max_redirects, self._calls)
        return await self._answer(hop, self._calls)

    async def _follow(self, hop: Hop, max_redirects: int, connections: Connections) -> ClientResponse:
        """The answer at the end of all redirects, its body not read. Whoever gets it reads it or closes it."""
        for _ in range(max_redirects + 1):
            answer = await self._one(hop, connections)
            if isinstance(answer, ClientResponse):
                return answer
            hop = answer
        raise UpstreamFailed(hop.host, _too_many_redirects(max_redirects))

    async def _one(self, hop: Hop, connections: Connections) -> ClientResponse | Hop:
        """The answer to one request, or the request that it redirects to."""
        response = await self._answer(hop, connections)
        location = response.headers.get("Location")
        if response.status not in REDIRECTS or not location:
            return response
        response.close()
        return next_hop(hop, response.status, location)

    async def _answer(self, hop: Hop, connections: Connections) -> ClientResponse:
        """The answer to one request, a redirect too."""
        url = hop.url
        address = literal(hop.host)
        if address is not None:
            self._policy.must_allow(hop.host, hop.port, [address])
            url = url.with_host(str(address))
        with _translated(hop.host):
            session = await connections.session()
            return await session.request(hop.method, url, headers=hop.headers, data=hop.body, allow_redirects=False)


class AiohttpFetchStream(FetchStream):
    """A body on its way. aiohttp stops reading from the connection while more than two buffers wait."""

    def __init__(self, response: ClientResponse, stall_timeout: float) -> None:
        self.status = response.status
        self.headers = _headers(response)
        self.url = str(response.url)
        self._response = response
        self._stall_timeout = stall_timeout

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives."""
        host = self._response.url.host or ""
        while True:
            try:
                async with asyncio.timeout(self._stall_timeout):
                    with _translated(host):
                        chunk = await self._response.content.readany()
            except TimeoutError:
                raise UpstreamTimeout(host, self._stall_timeout) from None
            if not chunk:
                return
            yield chunk


def _first_hop(url: str, method: str, headers: Mapping[str, str], body: bytes | None) -> Hop:
    return Hop(parsed(url), method.upper(), {name.lower(): value for name, value in headers.items()}, body)


@contextmanager
def _translated(host: str) -> Iterator[None]:
    """The client's errors as ours."""
    try:
        yield
    except TimeoutError:
        raise  # aiohttp's own are `ClientError`s, too; all of them are the caller's time limit
    except (ClientError, OSError) as error:
        reason = next(text for kind, text in _REASONS if isinstance(error, kind))
        raise UpstreamFailed(host, reason) from error


def _too_many_redirects(allowed: int) -> str:
    if allowed == 0:
        return "it redirects, where it should answer."
    return f"it redirects more than {allowed} times."


async def _read(response: ClientResponse, max_bytes: int) -> FetchResponse:
    body = bytearray()
    while len(body) <= max_bytes:
        # Decompressed in small steps, so that a short body can't become a huge one in memory.
        chunk = await response.content.readany()
        if not chunk:
            break
        body += chunk
    truncated = len(body) > max_bytes
    return FetchResponse(response.status, _headers(response), bytes(body[:max_bytes]), str(response.url), truncated)


def _headers(response: ClientResponse) -> dict[str, str]:
    """Names in lower case; one that came several times has all its values."""
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


@asynccontextmanager
async def aiohttp_fetch(policy: Egress, resolver: AbstractResolver | None = None) -> AsyncIterator[AiohttpFetch]:
    """The adapter, until the block is left. `resolver` is the system's unless another one is given."""
    resolver = resolver or ThreadedResolver()
    calls, streams = Connections(policy, resolver, CALLS), Connections(policy, resolver, STREAMS)
    try:
        yield AiohttpFetch(calls, streams, policy)
    finally:
        await calls.close()
        await streams.close()
