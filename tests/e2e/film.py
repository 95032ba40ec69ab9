"""Real films, made by ffmpeg, on a web server that answers ranges as a media host does."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.servers.web import serving


def ffmpeg_path() -> str:
    """The program. Without it the test that asks is skipped; where `CI` is `true` it fails."""
    found = shutil.which("ffmpeg")
    if found is not None:
        return found
    missing = "No ffmpeg found, which makes the films of this test: install `ffmpeg`."
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


CLOCK = "testsrc=size=1920x1080:rate=30:decimals=2"
"""A test picture in 1080p that shows the seconds since its start."""

SUNSET = "gradients=size=640x360:rate=30:speed=0.01:nb_colors=4:c0=0x1b0f33:c1=0xd92c60:c2=0xf7b267:c3=0x0d3b66:seed=7"
SEA = "gradients=size=640x360:rate=30:speed=0.01:nb_colors=3:c0=0x062c43:c1=0x5591a9:c2=0x9ccddc:seed=3"


def make_film(path: Path, *, seconds: int, picture: str, pitch: int = 440) -> None:
    """An H.264 film with sound. `picture` is one of ffmpeg's sources with 30 frames a second, `pitch` a tone in Hz."""
    command = [
        ffmpeg_path(), "-v", "error", "-y",
        "-f", "lavfi", "-i", picture,
        "-f", "lavfi", "-i", f"sine=frequency={pitch}",
        "-t", str(seconds),
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-g", "60", "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-b:a", "64k", "-movflags", "+faststart",
        str(path),
    ]  # fmt: skip
    subprocess.run(command, check=True)


def make_streams(film: Path) -> None:
    """The same film beside it as HLS, DASH and FLV, in folders called like the film, and a subtitle."""
    for name, options in {
        "film.m3u8": ["-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod"],
        "film.mpd": ["-f", "dash", "-seg_duration", "4"],
        "film.flv": ["-f", "flv"],
    }.items():
        target = film.with_suffix("") / name.rpartition(".")[2] / name
        target.parent.mkdir(parents=True, exist_ok=True)
        command = [ffmpeg_path(), "-v", "error", "-y", "-i", str(film), "-c", "copy", *options, str(target)]
        subprocess.run(command, check=True)


@asynccontextmanager
async def media_host(folder: Path, *, open_to_all: bool = True, referer: str | None = None) -> AsyncIterator[str]:
    """The folder's files at an address of this machine.

    Pages of other origins may read them if the host is `open_to_all`; with a `referer`, only who says it gets anything.
    """

    @web.middleware
    async def guarded(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if referer is not None and request.headers.get("Referer") != referer:
            return web.Response(status=403, text="<html>Go away</html>", content_type="text/html")
        response = await handler(request)
        if open_to_all:
            response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    application = web.Application(middlewares=[guarded])
    application.router.add_static("/", folder)
    async with serving(application) as origin:
        yield origin
