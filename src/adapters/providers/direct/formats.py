"""What a browser can play, told by the end of a path, by a content type, and by the first bytes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from synctv.domain.delivery.playable import Container
from synctv.domain.library.item import MediaKind


class Format(NamedTuple):
    """How the bytes are packed, and what a viewer gets from them."""

    container: Container
    kind: MediaKind


_VIDEO, _AUDIO = MediaKind.VIDEO, MediaKind.AUDIO
_MP4_VIDEO, _MP4_AUDIO = Format(Container.MP4, _VIDEO), Format(Container.MP4, _AUDIO)
_WEBM_VIDEO, _WEBM_AUDIO = Format(Container.WEBM, _VIDEO), Format(Container.WEBM, _AUDIO)
_OGG_VIDEO, _OGG_AUDIO = Format(Container.OGG, _VIDEO), Format(Container.OGG, _AUDIO)
_MP3, _FLAC, _WAV = Format(Container.MP3, _AUDIO), Format(Container.FLAC, _AUDIO), Format(Container.WAV, _AUDIO)
_HLS = Format(Container.HLS, _VIDEO)

PLAYABLE = "Browsers play mp4, webm and HLS (m3u8), and as audio mp3, m4a, ogg, flac and wav."

_BY_EXTENSION: Mapping[str, Format] = {
    "mp4": _MP4_VIDEO,
    "m4v": _MP4_VIDEO,
    "mov": _MP4_VIDEO,
    "m4a": _MP4_AUDIO,
    "webm": _WEBM_VIDEO,
    "weba": _WEBM_AUDIO,
    "m3u8": _HLS,
    "mp3": _MP3,
    "ogv": _OGG_VIDEO,
    "ogg": _OGG_AUDIO,
    "oga": _OGG_AUDIO,
    "opus": _OGG_AUDIO,
    "flac": _FLAC,
    "wav": _WAV,
}
_BY_CONTENT_TYPE: Mapping[str, Format] = {
    "video/mp4": _MP4_VIDEO,
    "video/x-m4v": _MP4_VIDEO,
    "video/quicktime": _MP4_VIDEO,
    "audio/mp4": _MP4_AUDIO,
    "audio/x-m4a": _MP4_AUDIO,
    "video/webm": _WEBM_VIDEO,
    "audio/webm": _WEBM_AUDIO,
    "application/vnd.apple.mpegurl": _HLS,
    "application/x-mpegurl": _HLS,
    "audio/mpegurl": _HLS,
    "audio/x-mpegurl": _HLS,
    "audio/mpeg": _MP3,
    "audio/mp3": _MP3,
    "video/ogg": _OGG_VIDEO,
    "audio/ogg": _OGG_AUDIO,
    "application/ogg": _OGG_AUDIO,
    "audio/flac": _FLAC,
    "audio/x-flac": _FLAC,
    "audio/wav": _WAV,
    "audio/wave": _WAV,
    "audio/x-wav": _WAV,
    "audio/vnd.wave": _WAV,
}
_KNOWN_UNPLAYABLE = frozenset(
    {"mkv", "avi", "wmv", "flv", "rmvb", "rm", "mpg", "mpeg", "ts", "m2ts", "vob", "3gp", "mpd"}
)
_EBML = b"\x1a\x45\xdf\xa3"


def by_extension(extension: str) -> Format | None:
    """The format that a file with this ending has, most likely."""
    return _BY_EXTENSION.get(extension)


def is_unplayable(extension: str) -> bool:
    """Whether it is the ending of video files that no browser plays."""
    return extension in _KNOWN_UNPLAYABLE


def by_content_type(content_type: str) -> Format | None:
    """The format that a server names (`video/mp4; codecs=…`)."""
    return _BY_CONTENT_TYPE.get(content_type.partition(";")[0].strip().lower())


def by_first_bytes(data: bytes) -> Format | None:
    """The format that the beginning of a body shows. Of mp4 and ogg only the container is certain."""
    if data[4:8] == b"ftyp":
        return _MP4_AUDIO if data[8:12] in (b"M4A ", b"M4B ") else _MP4_VIDEO
    if data.startswith(_EBML) and b"webm" in data[:64]:
        return _WEBM_VIDEO
    if data.removeprefix(b"\xef\xbb\xbf").startswith(b"#EXTM3U"):
        return _HLS
    if data.startswith(b"OggS"):
        return _OGG_VIDEO if b"theora" in data[:256] else _OGG_AUDIO
    if data.startswith(b"fLaC"):
        return _FLAC
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return _WAV
    return _MP3 if _is_mp3(data) else None


def is_matroska(data: bytes) -> bool:
    """Whether it is Matroska beyond the part of it that is WebM."""
    return data.startswith(_EBML) and b"matroska" in data[:64]


def _is_mp3(data: bytes) -> bool:
    # An MPEG audio frame: eleven set bits, then a version and a layer that exist (ISO/IEC 11172-3).
    frame = len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0 and data[1] & 0x06 == 0x02
    return data.startswith(b"ID3") or frame
