"""Names of codecs, and what a player can do in a media server's words."""

from __future__ import annotations

import msgspec
import pytest

from synctv.adapters.providers.jellyfin.answers import MediaSource
from synctv.adapters.providers.jellyfin.codecs import BROWSERS, codecs_of, server_codecs
from synctv.adapters.providers.jellyfin.device_profile import (
    QUALITIES,
    SAME_SIZE,
    container_of,
    device_profile,
    transcoding_profile,
)
from synctv.domain.delivery.playable import Container
from synctv.domain.delivery.profile import ANY, Profile, profile_of
from tests.adapters.providers.jellyfin.server import AAC, AC3, H264, HEVC, Json, source, stream


def version(*streams: Json, **more: object) -> MediaSource:
    return msgspec.convert(source("x", "mkv", *streams, **more), MediaSource, strict=False)


@pytest.mark.parametrize(
    "streams, codecs",
    [
        ([H264, AAC], "avc1.640029,mp4a.40.2"),
        ([HEVC, AAC, AC3], "hvc1.2.4.L150.B0,mp4a.40.2"),
        ([stream(0, "Video", "vp9", BitDepth=10), stream(1, "Audio", "opus")], "vp09.02.41.10,opus"),
        ([stream(0, "Video", "av1", Level=13), stream(1, "Audio", "eac3")], "av01.0.13M.08,ec-3"),
        ([stream(0, "Video", "vp8")], "vp8"),
        ([stream(1, "Audio", "flac")], "flac"),
        ([stream(0, "Video", "h264", Profile="Odd", Level=41)], None),
        ([H264, stream(1, "Audio", "dts")], None),
        ([stream(0, "Video", None), AAC], None),  # type: ignore[arg-type]
        ([], None),
    ],
)
def test_a_version_s_codecs_are_said_as_players_do(streams: list[Json], codecs: str | None) -> None:
    assert codecs_of(version(*streams)) == codecs


def test_the_sound_that_plays_by_itself_counts() -> None:
    assert codecs_of(version(H264, AAC, AC3, DefaultAudioStreamIndex=2)) == "avc1.640029,ac-3"


def test_what_a_player_says_is_said_as_servers_do() -> None:
    assert server_codecs(["avc1.640029", "hev1", "mp4a.40.2", "nonsense"]) == {"h264", "hevc", "aac"}
    assert server_codecs([]) == server_codecs(["nonsense"]) == BROWSERS


@pytest.mark.parametrize(
    "names, container",
    [
        ("mov,mp4,m4a,3gp", Container.MP4),
        ("matroska,webm", Container.MKV),
        ("MKV", Container.MKV),
        ("avi", None),
        (None, None),
    ],
)
def test_a_version_is_packed_in_one_way(names: str | None, container: Container | None) -> None:
    assert container_of(names) is container


def directly(profile: Profile) -> dict[str, tuple[str, str]]:
    """What plays as it is: by first file name, the codecs of picture and sound of films."""
    told = device_profile(profile)["DirectPlayProfiles"]
    assert isinstance(told, list)
    films = [entry for entry in told if entry["Type"] == "Video"]
    return {entry["Container"].partition(",")[0]: (entry["VideoCodec"], entry["AudioCodec"]) for entry in films}


def test_a_player_that_says_nothing_is_a_browser() -> None:
    found = directly(ANY)
    assert set(found) == {"mp4", "webm", "ogg"}
    assert "hevc" not in found["mp4"][0]
    assert found["webm"] == ("av1,vp8,vp9", "opus,vorbis")


def test_a_player_gets_what_it_says() -> None:
    assert directly(profile_of("mkv,mp4;hvc1,mp4a;;auto")) == {"mp4": ("hevc", "aac"), "mkv": ("hevc", "aac")}
    # Sound alone, and no film whose picture nobody named.
    assert directly(profile_of("mp4;mp4a;;auto")) == {}


def test_a_transcoding_plays_nothing_as_it_is_and_keeps_to_its_size() -> None:
    for quality in (*QUALITIES, SAME_SIZE):
        told = transcoding_profile(quality)
        assert told["DirectPlayProfiles"] == []
        assert told["MaxStreamingBitrate"] == quality.bitrate
        assert ("Height" in str(told["CodecProfiles"])) == (quality.height is not None)
