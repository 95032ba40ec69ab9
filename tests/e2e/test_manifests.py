"""What we write about films is read by a player that is not ours: manifests of tracks, and rewritten ones."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from synctv.domain.delivery import dash, hls
from synctv.domain.delivery.manifests import Role
from synctv.domain.delivery.media_index import Index, NeedMore, find_index
from synctv.domain.delivery.mpd import Track, compose
from synctv.domain.delivery.playable import Container
from tests.e2e.film import ffmpeg_path, media_host

SECONDS = 4
PICTURE = ["-f", "lavfi", "-i", "testsrc=size=128x72:rate=24000/1001"]
TONE = ["-f", "lavfi", "-i", "sine=sample_rate=48000"]
H264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "24"]
INDEXED_MP4 = ["-movflags", "+dash+global_sidx+frag_keyframe"]


def make(path: Path, inputs: Sequence[str], *options: str) -> Path:
    """The file that ffmpeg makes of these inputs."""
    command = [ffmpeg_path(), "-v", "error", "-nostdin", *inputs, "-t", str(SECONDS), *options, str(path)]
    subprocess.run(command, check=True)
    return path


async def probed(url: str) -> list[dict[str, Any]]:
    """The streams that ffprobe finds at an address, with how many packets it could read of each."""
    ffprobe = shutil.which("ffprobe")
    if ffprobe is None:
        pytest.skip("No ffprobe here, which comes with most ffmpegs.")
    options = ["-v", "error", "-of", "json", "-count_packets", "-show_streams", url]
    process = await asyncio.create_subprocess_exec(ffprobe, *options, stdout=-1, stderr=-1)
    output, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    found: list[dict[str, Any]] = json.loads(output)["streams"]
    return found


def index_of(path: Path) -> Index:
    """Found as for a file far away: with no more of it than is asked for."""
    found = find_index(path.read_bytes()[:64])
    while isinstance(found, NeedMore):
        found = find_index(path.read_bytes()[: found.bytes])
    return found


async def test_a_manifest_of_split_tracks_is_played_as_one_film(tmp_path: Path) -> None:
    picture = index_of(make(tmp_path / "v.mp4", PICTURE, *H264, *INDEXED_MP4))
    sound = index_of(make(tmp_path / "a.mp4", TONE, "-c:a", "aac", *INDEXED_MP4))
    assert picture.duration == pytest.approx(SECONDS, abs=0.1)
    tracks = [
        Track(
            "v", "v.mp4?a=1", Container.MP4, "avc1.64000A", 40_000, picture.init_range, picture.index_range,
            width=128, height=72, frame_rate=23.976,
        ),
        Track(
            "a", "a.mp4", Container.MP4, "mp4a.40.2", 70_000, sound.init_range, sound.index_range, sampling_rate=48_000
        ),
    ]  # fmt: skip
    (tmp_path / "film.mpd").write_bytes(compose(tracks, SECONDS))
    async with media_host(tmp_path) as origin:
        streams = await probed(f"{origin}/film.mpd")
    assert [(stream["codec_name"], stream["codec_type"]) for stream in streams] == [("h264", "video"), ("aac", "audio")]
    assert int(streams[0]["nb_read_packets"]) > 90


async def test_a_webm_has_its_index_where_we_say(tmp_path: Path) -> None:
    path = make(
        tmp_path / "v.webm", PICTURE, "-c:v", "libvpx", "-deadline", "realtime", "-g", "24", "-cues_to_front", "1"
    )
    index = index_of(path)
    content = path.read_bytes()
    assert content[index.index_range.first :].startswith(b"\x1c\x53\xbb\x6b")
    assert content[index.index_range.last + 1 :].startswith(b"\x1f\x43\xb6\x75")
    assert index.duration == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.parametrize("options", [["-use_timeline", "0"], ["-use_timeline", "1", "-seg_duration", "1"]])
async def test_a_rewritten_manifest_leads_the_player_through_our_addresses(tmp_path: Path, options: list[str]) -> None:
    folder = tmp_path / "far" / "away"
    folder.mkdir(parents=True)
    made = make(folder / "m.mpd", [*PICTURE, *TONE], *H264, "-c:a", "aac", "-f", "dash", *options)
    roles = set()
    async with media_host(tmp_path) as origin:

        def replace(url: str, role: Role) -> str:
            roles.add(role)
            return url.replace("https://far.test/", f"{origin}/far/")

        written = dash.rewrite(made.read_bytes(), "https://far.test/away/m.mpd", replace)
        (tmp_path / "ours.mpd").write_bytes(written.document)
        streams = await probed(f"{origin}/ours.mpd")
    assert {stream["codec_name"] for stream in streams} == {"h264", "aac"}
    assert all(int(stream["nb_read_packets"]) > 90 for stream in streams)
    assert written.duration == pytest.approx(SECONDS, abs=0.2)
    assert roles == {Role.PREFIX}


async def test_a_rewritten_playlist_leads_the_player_through_our_addresses(tmp_path: Path) -> None:
    folder = tmp_path / "far"
    folder.mkdir()
    options = ["-f", "hls", "-hls_time", "1", "-hls_segment_type", "fmp4", "-hls_playlist_type", "vod"]
    made = make(folder / "m.m3u8", PICTURE, *H264, *options)
    async with media_host(tmp_path) as origin:
        written = hls.rewrite(
            made.read_text(),
            "https://far.test/m.m3u8",
            lambda url, role: url.replace("https://far.test/", f"{origin}/far/"),
        )
        (tmp_path / "ours.m3u8").write_text(written.text)
        streams = await probed(f"{origin}/ours.m3u8")
    assert [stream["codec_name"] for stream in streams] == ["h264"]
    assert written.duration == pytest.approx(SECONDS, abs=0.2)
