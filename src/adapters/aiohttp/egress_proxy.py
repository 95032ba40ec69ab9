"""A proxy on this machine for programs that fetch by themselves: it lets out what the egress policy allows.

They are given its address with a name and a password of their own, and have no other way out.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver

from synctv.adapters.aiohttp.addresses import literal
from synctv.adapters.aiohttp.connections import CheckedResolver
from synctv.adapters.aiohttp.egress import Egress
from synctv.adapters.aiohttp.proxy_requests import NotAProxyRequest, ProxyRequest, parsed_request
from synctv.application.realtime.tasks import Tasks
from synctv.domain.errors import UpstreamRefused

LOOPBACK = "127.0.0.1"
MAX_HEAD_BYTES = 32 << 10
PIECE_BYTES = 64 << 10
LINGER_SECONDS = 0.5

_REASONS = {400: "Bad Request", 403: "Forbidden", 407: "Proxy Authentication Required", 502: "Bad Gateway"}
_REASONS |= {503: "Service Unavailable", 504: "Gateway Timeout"}


@dataclass(frozen=True, slots=True)
class ProxyLimits:
    """`connections` is for all users together; times are in seconds; `bytes_down` bounds what one connection brings."""

    connections: int = 64
    head_seconds: float = 10.0
    connect_seconds: float = 10.0
    idle_seconds: float = 30.0
    bytes_down: int = 64 << 20


@dataclass(slots=True)
class Pass:
    """The right of one program to use the proxy. `url` holds its password."""

    url: str = field(repr=False)
    port: int
    _refusal: UpstreamRefused | None = None

    def refused(self, error: UpstreamRefused) -> None:
        """Notes what was refused; the first one tells."""
        self._refusal = self._refusal or error

    def taken_refusal(self) -> UpstreamRefused | None:
        """What the policy refused since this was last asked."""
        refusal, self._refusal = self._refusal, None
        return refusal


class _Answered(Exception):
    """The request ends with this status."""

    def __init__(self, status: int) -> None:
        self.status = status


class EgressProxy:
    """Forwards CONNECT and plain HTTP requests. Made by `egress_proxy`, which ends it.

    A name is resolved anew for each connection, and only an address that was checked is connected to.
    """

    def __init__(self, policy: Egress, resolver: AbstractResolver, limits: ProxyLimits) -> None:
        self._policy = policy
        self._resolver = CheckedResolver(policy, resolver)
        self._limits = limits
        self._passes: dict[str, tuple[str, Pass]] = {}
        self.open = 0
        self.port = 0

    def admit(self) -> Pass:
        """A new right to use it, until `dismiss`."""
        user, password = secrets.token_hex(8), secrets.token_urlsafe(24)
        granted = Pass(f"http://{user}:{password}@{LOOPBACK}:{self.port}", self.port)
        self._passes[user] = (password, granted)
        return granted

    def dismiss(self, granted: Pass) -> None:
        """Ends the right; connections that are open go on."""
        self._passes = {user: entry for user, entry in self._passes.items() if entry[1] is not granted}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, which is one request or one tunnel."""
        self.open += 1
        try:
            if self.open > self._limits.connections:
                raise _Answered(503)
            await self._forward(reader, writer)
        except _Answered as answer:
            await _refuse(reader, writer, answer.status)
        except OSError:
            pass  # one of the two went away
        finally:
            self.open -= 1
            await _closed(writer)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await self._request(reader)
        granted = self._granted(request)
        up_reader, up_writer = await self._connected(request, granted)
        try:
            if request.tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                up_writer.write(request.head)
            await self._relay(reader, writer, up_reader, up_writer)
        finally:
            await _closed(up_writer)

    async def _request(self, reader: asyncio.StreamReader) -> ProxyRequest:
        try:
            async with asyncio.timeout(self._limits.head_seconds):
                return parsed_request(await reader.readuntil(b"\r\n\r\n"))
        except (NotAProxyRequest, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            raise _Answered(400) from None

    def _granted(self, request: ProxyRequest) -> Pass:
        user, password = request.credentials or ("", "")
        expected, granted = self._passes.get(user, ("", None))
        if granted is None or not hmac.compare_digest(password.encode(), expected.encode()):
            raise _Answered(407)
        return granted

    async def _connected(
        self, request: ProxyRequest, granted: Pass
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the first of the allowed addresses that takes one."""
        try:
            async with asyncio.timeout(self._limits.connect_seconds):
                for address in await self._addresses(request):
                    with suppress(OSError):
                        return await asyncio.open_connection(address, request.port, limit=PIECE_BYTES)
        except UpstreamRefused as error:
            granted.refused(error)
            raise _Answered(403) from None
        except TimeoutError:
            raise _Answered(504) from None
        except OSError:
            raise _Answered(502) from None
        raise _Answered(502)

    async def _addresses(self, request: ProxyRequest) -> list[str]:
        address = literal(request.host)
        if address is not None:
            return [str(one) for one in self._policy.must_allow(request.host, request.port, [address])]
        return [entry["host"] for entry in await self._resolver.resolve(request.host, request.port)]

    async def _relay(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        up_reader: asyncio.StreamReader,
        up_writer: asyncio.StreamWriter,
    ) -> None:
        """Both directions, until one of the two ends goes away, too much came, or nothing comes any more."""
        async with asyncio.TaskGroup() as group:
            ways = [group.create_task(_send(reader, up_writer)), group.create_task(self._receive(up_reader, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()

    async def _receive(self, up_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = self._limits.bytes_down
        with suppress(TimeoutError, OSError):
            while left > 0:
                async with asyncio.timeout(self._limits.idle_seconds):
                    piece = await up_reader.read(PIECE_BYTES)
                    writer.write(piece)
                    await writer.drain()
                if not piece:
                    return
                left -= len(piece)

    async def close(self) -> None:
        """Closes the resolver."""
        await self._resolver.close()


async def _send(reader: asyncio.StreamReader, up_writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(PIECE_BYTES):
            up_writer.write(piece)
            await up_writer.drain()


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int) -> None:
    asked = 'Proxy-Authenticate: Basic realm="egress"\r\n' if status == 407 else ""
    head = f"HTTP/1.1 {status} {_REASONS[status]}\r\n{asked}Content-Length: 0\r\nConnection: close\r\n\r\n"
    with suppress(OSError, TimeoutError):
        writer.write(head.encode())
        writer.write_eof()
        # Closing with something unread would reset the connection, and the answer might be lost.
        async with asyncio.timeout(LINGER_SECONDS):
            while await reader.read(PIECE_BYTES):
                pass


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@asynccontextmanager
async def egress_proxy(
    policy: Egress, resolver: AbstractResolver | None = None, limits: ProxyLimits | None = None
) -> AsyncIterator[EgressProxy]:
    """The proxy on a free port of this machine, until the block is left. `resolver` is the system's unless given."""
    proxy = EgressProxy(policy, resolver or ThreadedResolver(), limits or ProxyLimits())
    async with Tasks() as tasks:

        def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.start(proxy.serve(reader, writer), "a connection of the egress proxy")

        server = await asyncio.start_server(take, LOOPBACK, 0, limit=MAX_HEAD_BYTES)
        proxy.port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            await proxy.close()
