"""What a browser can play, told by the end of a path, by a content type, and by the first bytes. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
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
_HLS, _DASH = Format(Container.HLS, _VIDEO), Format(Container.DASH, _VIDEO)
_FLV, _TS = Format(Container.FLV, _VIDEO), Format(Container.MPEGTS, _VIDEO)
_MKV, _AAC = Format(Container.MKV, _VIDEO), Format(Container.AAC, _AUDIO)

PLAYABLE = (
    "Browsers play mp4, webm, HLS (m3u8), DASH (mpd), flv and ts, some mkv, "
    "and as audio mp3, m4a, aac, ogg, flac and wav."
)

_BY_EXTENSION: Mapping[str, Format] = {
    "mp4": _MP4_VIDEO,
    "m4v": _MP4_VIDEO,
    "mov": _MP4_VIDEO,
    "m4a": _MP4_AUDIO,
    "webm": _WEBM_VIDEO,
    "weba": _WEBM_AUDIO,
    "m3u8": _HLS,
    "mpd": _DASH,
    "flv": _FLV,
    "ts": _TS,
    "m2ts": _TS,
    "mkv": _MKV,
    "aac": _AAC,
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
    "application/dash+xml": _DASH,
    "video/x-flv": _FLV,
    "video/flv": _FLV,
    "video/mp2t": _TS,
    "video/x-matroska": _MKV,
    "video/matroska": _MKV,
    "audio/aac": _AAC,
    "audio/aacp": _AAC,
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
_KNOWN_UNPLAYABLE = frozenset({"avi", "wmv", "rmvb", "rm", "mpg", "mpeg", "vob", "3gp"})
_TS_PACKET = 188
_MPD = re.compile(rb"<(?:\w{1,20}:)?MPD[\s>]")
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
    return next((format_(data) for shows, format_ in _BY_FIRST_BYTES if shows(data)), None)


def _is_ts(data: bytes) -> bool:
    # Each packet begins with the sync byte (ISO/IEC 13818-1, 2.4.3.2); one alone is the letter G.
    return len(data) > 2 * _TS_PACKET and data[: 2 * _TS_PACKET + 1 : _TS_PACKET] == b"GGG"


def _is_mp3(data: bytes) -> bool:
    # An MPEG audio frame: eleven set bits, then a version and a layer that exist (ISO/IEC 11172-3).
    frame = len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0 and data[1] & 0x06 == 0x02
    return data.startswith(b"ID3") or frame


_BY_FIRST_BYTES: Sequence[tuple[Callable[[bytes], object], Callable[[bytes], Format]]] = (
    (lambda data: data[4:8] == b"ftyp", lambda data: _MP4_AUDIO if data[8:12] in (b"M4A ", b"M4B ") else _MP4_VIDEO),
    (lambda data: data.startswith(_EBML), lambda data: _WEBM_VIDEO if b"webm" in data[:64] else _MKV),
    (lambda data: data.removeprefix(b"\xef\xbb\xbf").startswith(b"#EXTM3U"), lambda _: _HLS),
    (lambda data: _MPD.search(data[:2_048]), lambda _: _DASH),
    (lambda data: data.startswith(b"FLV\x01"), lambda _: _FLV),
    (lambda data: data.startswith(b"OggS"), lambda data: _OGG_VIDEO if b"theora" in data[:256] else _OGG_AUDIO),
    (lambda data: data.startswith(b"fLaC"), lambda _: _FLAC),
    (lambda data: data.startswith(b"RIFF") and data[8:12] == b"WAVE", lambda _: _WAV),
    (_is_ts, lambda _: _TS),
    (_is_mp3, lambda _: _MP3),
)
