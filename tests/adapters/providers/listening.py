"""Web applications on free ports of 127.0.0.1, and answers that they give instead of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says to everything, as long as a test wants it to."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def made(self) -> web.Response:
        """The answer to one request."""
        return web.Response(body=self.body, status=self.status, headers=self.headers)


@asynccontextmanager
async def listening(application: web.Application) -> AsyncIterator[str]:
    """Its origin, until the block is left."""
    runner = web.AppRunner(application, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
