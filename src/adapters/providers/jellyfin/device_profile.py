"""What a player can do, as a media server wants it told: it decides by that what it plays as it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synctv.adapters.providers.jellyfin.codecs import VIDEO, server_codecs
from synctv.domain.delivery.playable import Container
from synctv.domain.delivery.profile import Profile

UNLIMITED = 200_000_000
"""Bits a second, where nobody wants fewer: without a number Jellyfin takes 8 million and transcodes everything else."""

_FILES: Mapping[Container, str] = {
    Container.MP4: "mp4,m4v,mov,m4a,m4b",
    Container.WEBM: "webm",
    Container.MKV: "mkv",
    Container.MPEGTS: "ts,mpegts,m2ts",
    Container.FLV: "flv",
    Container.OGG: "ogg,oga,ogv",
    Container.MP3: "mp3",
    Container.AAC: "aac",
    Container.FLAC: "flac",
    Container.WAV: "wav",
}
_BROWSERS = frozenset(
    {Container.MP4, Container.WEBM, Container.OGG, Container.MP3, Container.AAC, Container.FLAC, Container.WAV}
)
_ONLY: Mapping[Container, frozenset[str]] = {Container.WEBM: frozenset({"vp8", "vp9", "av1", "opus", "vorbis"})}
_CONTAINERS: Mapping[str, Container] = {
    name: container for container, names in _FILES.items() for name in names.split(",")
} | {"matroska": Container.MKV, "mka": Container.MKV, "opus": Container.OGG}

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Quality:
    """One way to transcode: at most so many bits a second, and so many lines. `audio` is the index of a track."""

    id: str
    label: str
    bitrate: int = 20_000_000
    height: int | None = None
    audio: int | None = None


QUALITIES = (
    Quality("1080p", "1080p", 8_000_000, 1080),
    Quality("720p", "720p", 4_000_000, 720),
    Quality("480p", "480p", 1_500_000, 480),
)
SAME_SIZE = Quality("transcoded", "Original size, transcoded")


def container_of(names: str | None) -> Container | None:
    """How a version is packed: servers give several names where one format has them (`mov,mp4,m4a`)."""
    found = (_CONTAINERS.get(name.strip().lower()) for name in (names or "").split(","))
    return next((container for container in found if container is not None), None)


def device_profile(profile: Profile) -> Json:
    """What the player plays as it is, and what everything else is to be made into."""
    codecs = server_codecs(profile.codecs)
    containers = [one for one in _FILES if one in (profile.containers or _BROWSERS)]
    direct = [entry for container in containers for entry in _direct(container, codecs)]
    return _profile(UNLIMITED, direct, None)


def transcoding_profile(quality: Quality) -> Json:
    """Nothing plays as it is; every player of ours can play what becomes of it."""
    return _profile(quality.bitrate, [], quality.height)


def _direct(container: Container, codecs: frozenset[str]) -> list[Json]:
    allowed = codecs & _ONLY.get(container, codecs)
    video, audio = sorted(allowed & VIDEO), sorted(allowed - VIDEO)
    # A profile without codecs would mean any.
    entries: list[Json] = []
    if video and audio and container not in (Container.MP3, Container.AAC, Container.FLAC, Container.WAV):
        entries.append(
            {
                "Container": _FILES[container],
                "Type": "Video",
                "VideoCodec": ",".join(video),
                "AudioCodec": ",".join(audio),
            }
        )
    if container is Container.WAV:
        entries.append({"Container": "wav", "Type": "Audio"})
    elif audio:
        entries.append({"Container": _FILES[container], "Type": "Audio", "AudioCodec": ",".join(audio)})
    return entries


def _profile(bitrate: int, direct: list[Json], height: int | None) -> Json:
    conditions = [_at_most("VideoBitDepth", 8)] if not direct else []
    if height is not None:
        conditions.append(_at_most("Height", height))
    return {
        "Name": "SyncTV",
        "MaxStreamingBitrate": bitrate,
        "MaxStaticBitrate": UNLIMITED,
        "MusicStreamingTranscodingBitrate": 384_000,
        "DirectPlayProfiles": direct,
        "TranscodingProfiles": [
            {
                "Container": "ts",
                "Type": "Video",
                "VideoCodec": "h264",
                "AudioCodec": "aac",
                "Protocol": "hls",
                "Context": "Streaming",
                "MaxAudioChannels": "2",
                "MinSegments": 1,
                "BreakOnNonKeyFrames": True,
            },
            {"Container": "mp3", "Type": "Audio", "AudioCodec": "mp3", "Protocol": "http", "Context": "Streaming"},
        ],
        "ContainerProfiles": [],
        "CodecProfiles": [{"Type": "Video", "Codec": "h264", "Conditions": conditions}] if conditions else [],
        "SubtitleProfiles": [{"Format": name, "Method": "External"} for name in ("vtt", "ass", "ssa", "srt")],
    }


def _at_most(name: str, value: int) -> Json:
    return {"Condition": "LessThanEqual", "Property": name, "Value": str(value), "IsRequired": False}
