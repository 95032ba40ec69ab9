"""Names of codecs: those of players (RFC 6381) and those of media servers, which are ffmpeg's. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from synctv.adapters.providers.jellyfin.answers import MediaSource, Stream

_OF_PLAYERS: Mapping[str, str] = {
    "avc1": "h264", "avc3": "h264", "hvc1": "hevc", "hev1": "hevc", "av01": "av1", "vp09": "vp9", "vp9": "vp9",
    "vp08": "vp8", "vp8": "vp8", "mp4v": "mpeg4", "mp4a": "aac", "mp3": "mp3", "opus": "opus", "vorbis": "vorbis",
    "flac": "flac", "ac-3": "ac3", "ec-3": "eac3", "alac": "alac",
}  # fmt: skip
_AUDIO: Mapping[str, str] = {
    "aac": "mp4a.40.2", "mp3": "mp3", "opus": "opus", "vorbis": "vorbis", "flac": "flac", "ac3": "ac-3",
    "eac3": "ec-3", "alac": "alac",
}  # fmt: skip
_AVC_PROFILES: Mapping[str, str] = {
    "constrained baseline": "42e0", "baseline": "4200", "main": "4d40", "high": "6400", "high 10": "6e00",
}  # fmt: skip
BROWSERS = frozenset({"h264", "vp8", "vp9", "av1", "aac", "mp3", "opus", "vorbis", "flac"})
"""What a current browser plays that says nothing."""

VIDEO = frozenset({"h264", "hevc", "av1", "vp9", "vp8", "mpeg4"})


def server_codecs(players: Iterable[str]) -> frozenset[str]:
    """What a player said, in the words of media servers; what is not known to them is left out."""
    names = frozenset(
        _OF_PLAYERS[name] for codec in players if (name := codec.partition(".")[0].lower()) in _OF_PLAYERS
    )
    return names or BROWSERS


def codecs_of(source: MediaSource) -> str | None:
    """The codecs of a version, in the words of players; None where they are not known for certain."""
    streams = [*source.streams("Video")[:1], *_played_audio(source)]
    names = [_name(stream) for stream in streams]
    return ",".join(name for name in names if name) if names and all(names) else None


def _played_audio(source: MediaSource) -> list[Stream]:
    """The sound that plays when nobody chooses."""
    tracks = source.streams("Audio")
    chosen = [track for track in tracks if track.index == source.default_audio_stream_index]
    return (chosen or tracks)[:1]


def _name(stream: Stream) -> str | None:
    level = int(stream.level or 0)
    profile = (stream.profile or "").lower()
    match (stream.codec or "").lower():
        case "h264" if profile in _AVC_PROFILES and 0 < level < 256:
            return f"avc1.{_AVC_PROFILES[profile]}{level:02x}"
        case "hevc" if profile in ("main", "main 10") and 0 < level < 256:
            return f"hvc1.{'2.4' if profile == 'main 10' else '1.6'}.L{level}.B0"
        case "av1":
            return f"av01.0.{min(max(level, 0), 31):02d}M.{stream.bit_depth or 8:02d}"
        case "vp9":
            return f"vp09.{'02' if (stream.bit_depth or 8) > 8 else '00'}.41.{stream.bit_depth or 8:02d}"
        case "vp8":
            return "vp8"
        case codec:
            return _AUDIO.get(codec)
