"""A media server of a test's own, with all the bad habits that servers have."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from aiohttp import web

BOMB_BYTES = 200 << 20


@dataclass
class Site:
    """A running server; `seen` are the requests that it got, oldest first, as method, path and headers."""

    body: bytes
    port: int = 0
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    redirects: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """The beginning of its addresses."""
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Whatever the path asks for."""
        lower = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append((request.method, request.path, lower))
        name = request.path.strip("/")
        if name in self.redirects:
            status, location = self.redirects[name]
            return web.Response(status=status, headers={"Location": location}, body=b"moved")
        plain = {"missing": (404, b"no"), "broken": (500, b"oh"), "empty": (204, b"")}
        if name in plain:
            status, body = plain[name]
            return web.Response(status=status, body=body or None)
        if name == "file":
            return self._file(request)
        return await self._strange(name, request)

    def _file(self, request: web.Request) -> web.Response:
        headers = {"Content-Type": "video/mp4", "X-Odd-Name": "Yes", "Set-Cookie": "a=b"}
        part = request.http_range
        if part.start is None and part.stop is None:
            return web.Response(body=self.body, headers=headers)
        start, stop, _ = part.indices(len(self.body))
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(self.body)}"
        return web.Response(status=206, body=self.body[start:stop], headers=headers)

    async def _strange(self, name: str, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if name == "bomb":
            response.headers["Content-Encoding"] = "gzip"
            await response.prepare(request)
            await response.write(gzip.compress(bytes(BOMB_BYTES), 1))
            return response
        if name == "short":
            response.content_length = 1_000
            await response.prepare(request)
            await response.write(b"only this")
            assert request.transport is not None
            request.transport.close()
            return response
        await response.prepare(request)
        if name == "endless":
            while not self.closing.is_set():
                await response.write(bytes(65_536))
        elif name == "drip":
            while not self.closing.is_set():
                await response.write(b".")
                await asyncio.sleep(0.005)
        else:
            await self.closing.wait()
        return response


@asynccontextmanager
async def site(body: bytes = b"body") -> AsyncIterator[Site]:
    """A server on a free port of 127.0.0.1 until the block is left."""
    served = Site(body)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", served.answer)
    runner = web.AppRunner(application, shutdown_timeout=1.0)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    served.port = runner.addresses[0][1]
    try:
        yield served
    finally:
        served.closing.set()
        await runner.cleanup()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port of 127.0.0.1 at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
