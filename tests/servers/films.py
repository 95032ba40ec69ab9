"""Films that servers under test can look at: a few hundred bytes that say how long they last, with nothing to see."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.servers.web import serving

SECONDS = 7_200


def film(seconds: int = SECONDS) -> bytes:
    """An MP4 of this length without a track."""
    # ISO/IEC 14496-12, 8.2.2: version and flags, two times, time scale, duration, rate, volume, matrix, next track.
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    header = struct.pack(">IIIIIIH10x", 0, 0, 0, 1_000, seconds * 1_000, 0x10000, 0x100)
    movie = _box(b"moov", _box(b"mvhd", header + matrix + bytes(24) + struct.pack(">I", 1)))
    return _box(b"ftyp", b"isom" + struct.pack(">I", 512) + b"isommp41") + movie + _box(b"mdat", b"")


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


@asynccontextmanager
async def film_address() -> AsyncIterator[str]:
    """Where a film lies, on this machine."""

    async def answer(request: web.Request) -> web.Response:
        content = film()
        wanted = request.http_range
        part = content[wanted]
        if part == content:
            return web.Response(body=content, content_type="video/mp4", headers={"Accept-Ranges": "bytes"})
        first = wanted.start or 0
        headers = {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(content)}", "Accept-Ranges": "bytes"}
        return web.Response(body=part, status=206, content_type="video/mp4", headers=headers)

    application = web.Application()
    application.router.add_get("/film.mp4", answer)
    async with serving(application) as origin:
        yield f"{origin}/film.mp4"
