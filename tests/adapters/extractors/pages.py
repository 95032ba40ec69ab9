"""A site of a test's own, whose pages hold media, for the real yt-dlp and streamlink to read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

MASTER = """#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360,CODECS="avc1.42001e,mp4a.40.2"
low.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=2800000,RESOLUTION=1280x720,CODECS="avc1.4d401f,mp4a.40.2"
high.m3u8
"""
APART = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",DEFAULT=YES,URI="sound.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=2800000,RESOLUTION=1280x720,CODECS="avc1.4d401f,mp4a.40.2",AUDIO="a"
high.m3u8
"""
MEDIA = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nsegment0.ts\n"


@dataclass
class Pages:
    """A running site; `seen` are path and headers of the requests, oldest first."""

    port: int = 0
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    redirect: str = ""

    @property
    def origin(self) -> str:
        """The beginning of its addresses."""
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """A page, a playlist, or a fault."""
        self.seen.append((request.path, {name.lower(): value for name, value in request.headers.items()}))
        name = request.path.strip("/")
        playlists = {"master.m3u8": MASTER, "apart.m3u8": APART, "high.m3u8": MEDIA, "low.m3u8": MEDIA}
        if name in playlists:
            return web.Response(text=playlists[name], content_type="application/vnd.apple.mpegurl")
        if name == "film.mp4":
            return web.Response(body=b"\0\0\0\x18ftypisom" + bytes(2_000), content_type="video/mp4")
        if name == "moved":
            return web.Response(status=302, headers={"Location": self.redirect})
        if name.isdigit():
            return web.Response(status=int(name), text="<html></html>", content_type="text/html")
        if name == "hang":
            await self.closing.wait()
        if name == "endless":
            return await self._endless(request)
        return web.Response(text=self._page(name), content_type="text/html")

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        await response.prepare(request)
        await response.write(b"<html><body>")
        while not self.closing.is_set():
            await response.write(b"<p>more</p>" * 10_000)
        return response

    def _page(self, name: str) -> str:
        media = {"film": f'<video src="{self.origin}/film.mp4"></video>'}
        return f"<html><head><title>A film: {name}</title></head><body>{media.get(name, '')}</body></html>"


@asynccontextmanager
async def pages() -> AsyncIterator[Pages]:
    """The site on a free port until the block is left."""
    served = Pages()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", served.answer)
    runner = web.AppRunner(application, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.port = runner.addresses[0][1]
    try:
        yield served
    finally:
        served.closing.set()
        await runner.cleanup()
