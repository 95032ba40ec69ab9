"""Files as ffmpeg makes them, served by a local server, resolved as for a person."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.providers.direct.provider import DirectProvider
from synctv.application.ports.providers import ResolvedSource
from tests.servers.web import serving

SECONDS = 3
PICTURE = ["-f", "lavfi", "-i", f"testsrc=size=64x64:rate=10:duration={SECONDS}"]
TONE = ["-f", "lavfi", "-i", f"sine=duration={SECONDS}"]
H264 = [*PICTURE, "-c:v", "libx264", "-pix_fmt", "yuv420p"]


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_static("/", folder)
    async with serving(application) as origin:
        yield origin


async def made(folder: Path, name: str, *options: str) -> ResolvedSource:
    """What the provider says of a file that ffmpeg makes of these options."""
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("No ffmpeg here to make files with.")
    command = [ffmpeg, "-v", "error", "-nostdin", *options, str(folder / name)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        pytest.skip(f"This ffmpeg can't make {name}: {run.stderr.strip()[:200]}")
    async with served(folder) as origin, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        (found,) = await DirectProvider(fetch).resolve({"url": f"{origin}/{name}"})
        return found


@pytest.mark.parametrize(
    "name, options, container, kind",
    [
        ("late.mp4", H264, "mp4", "video"),
        ("early.mp4", [*H264, "-movflags", "+faststart"], "mp4", "video"),
        ("film.mov", H264, "mp4", "video"),
        ("song.m4a", [*TONE, "-c:a", "aac"], "mp4", "audio"),
        ("film.webm", [*PICTURE, "-c:v", "libvpx", "-deadline", "realtime"], "webm", "video"),
        ("list.m3u8", [*H264, "-f", "hls", "-hls_time", "1", "-hls_playlist_type", "vod"], "hls", "video"),
    ],
)
async def test_the_duration_of_a_real_file_is_found(
    tmp_path: Path, name: str, options: list[str], container: str, kind: str
) -> None:
    resolved = await made(tmp_path, name, *options)
    assert (resolved.source["container"], resolved.kind) == (container, kind)
    assert resolved.duration == pytest.approx(SECONDS, abs=0.2)


@pytest.mark.parametrize(
    "name, container", [("song.mp3", "mp3"), ("song.ogg", "ogg"), ("song.flac", "flac"), ("song.wav", "wav")]
)
async def test_real_audio_is_recognised(tmp_path: Path, name: str, container: str) -> None:
    resolved = await made(tmp_path, name, *TONE)
    assert (resolved.source["container"], resolved.kind) == (container, "audio")


async def test_a_playlist_that_is_still_being_written_is_live(tmp_path: Path) -> None:
    options = ["-f", "hls", "-hls_time", "1", "-hls_flags", "omit_endlist"]
    assert (await made(tmp_path, "list.m3u8", *H264, *options)).kind == "live"


async def test_a_fragmented_file_without_a_duration_is_taken_without_one(tmp_path: Path) -> None:
    resolved = await made(tmp_path, "f.mp4", *H264, "-movflags", "frag_keyframe+empty_moov")
    assert resolved.source["container"] == "mp4"
    assert resolved.duration is None
