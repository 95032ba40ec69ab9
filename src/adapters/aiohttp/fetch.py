"""Calls to other servers with aiohttp."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientConnectorSSLError,
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    InvalidURL,
    ServerDisconnectedError,
    TCPConnector,
    ThreadedResolver,
)
from aiohttp.abc import AbstractResolver, ResolveResult

from synctv.adapters.aiohttp.addresses import literal
from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.redirects import REDIRECTS, Hop, next_hop, parsed
from synctv.application.ports.fetch import Fetch, FetchRequest, FetchResponse
from synctv.domain.errors import UpstreamFailed, UpstreamTimeout

MAX_CONNECTIONS = 100
MAX_CONNECTIONS_PER_HOST = 16
USER_AGENT = "SyncTV"

_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (ClientConnectorDNSError, "its name can't be resolved. Check the address."),
    (ClientConnectorCertificateError, "its certificate is not valid."),
    (ClientConnectorSSLError, "it can't be talked to over TLS. Check whether the address begins with http or https."),
    (ClientConnectorError, "it can't be connected to."),
    (ServerDisconnectedError, "it ended the connection without an answer."),
    (ClientPayloadError, "its answer broke off."),
    (InvalidURL, "its address can't be called."),
    (Exception, "it does not answer in HTTP as it should."),
)


class CheckedResolver(AbstractResolver):
    """Resolves names to those of their addresses that the policy allows; aiohttp connects to nothing else."""

    def __init__(self, policy: EgressPolicy, inner: AbstractResolver) -> None:
        self._policy = policy
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The allowed addresses. Raises `UpstreamRefused` when there are none."""
        found = await self._inner.resolve(host, port, family)
        addresses = {ip_address(entry["host"].partition("%")[0]) for entry in found}
        allowed = {str(address) for address in self._policy.must_allow(host, port, addresses)}
        return [entry for entry in found if str(ip_address(entry["host"].partition("%")[0])) in allowed]

    async def close(self) -> None:
        """Closes the resolver that does the work."""
        await self._inner.close()


class AiohttpFetch(Fetch):
    """One pool of connections. Made by `aiohttp_fetch`, which closes it.

    A name is resolved anew for each connection, and every address is checked before it is connected to; a connection
    that is kept open and used again was checked when it was made.
    """

    def __init__(self, session: ClientSession, policy: EgressPolicy) -> None:
        self._session = session
        self._policy = policy

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        """The answer, whatever its status."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        hop = Hop(parsed(request.url), request.method.upper(), headers, request.body)
        try:
            async with asyncio.timeout(request.timeout):
                return await self._follow(hop, request)
        except TimeoutError:
            raise UpstreamTimeout(hop.host, request.timeout) from None

    async def _follow(self, hop: Hop, request: FetchRequest) -> FetchResponse:
        for _ in range(request.max_redirects + 1):
            answer = await self._one(hop, request.max_bytes)
            if isinstance(answer, FetchResponse):
                return answer
            hop = answer
        raise UpstreamFailed(hop.host, _too_many_redirects(request.max_redirects))

    async def _one(self, hop: Hop, max_bytes: int) -> FetchResponse | Hop:
        """The answer to one request, or the request that it redirects to."""
        url = hop.url
        address = literal(hop.host)
        if address is not None:
            self._policy.must_allow(hop.host, hop.port, [address])
            url = url.with_host(str(address))
        try:
            async with self._session.request(
                hop.method, url, headers=hop.headers, data=hop.body, allow_redirects=False
            ) as response:
                location = response.headers.get("Location")
                if response.status in REDIRECTS and location:
                    response.close()
                    return next_hop(hop, response.status, location)
                return await _read(response, max_bytes)
        except TimeoutError:
            raise  # aiohttp's own are `ClientError`s, too; all of them are the caller's time limit
        except (ClientError, OSError) as error:
            reason = next(text for kind, text in _REASONS if isinstance(error, kind))
            raise UpstreamFailed(hop.host, reason) from error


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
    if truncated:
        response.close()
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return FetchResponse(response.status, headers, bytes(body[:max_bytes]), str(response.url), truncated)


@asynccontextmanager
async def aiohttp_fetch(policy: EgressPolicy, resolver: AbstractResolver | None = None) -> AsyncIterator[AiohttpFetch]:
    """The adapter, until the block is left. `resolver` is the system's unless another one is given."""
    connector = TCPConnector(
        resolver=CheckedResolver(policy, resolver or ThreadedResolver()),
        use_dns_cache=False,
        limit=MAX_CONNECTIONS,
        limit_per_host=MAX_CONNECTIONS_PER_HOST,
    )
    async with ClientSession(
        connector=connector,
        cookie_jar=DummyCookieJar(),
        headers={"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"},
        timeout=ClientTimeout(total=None, sock_connect=None, sock_read=None),
        trust_env=False,
    ) as session:
        yield AiohttpFetch(session, policy)
