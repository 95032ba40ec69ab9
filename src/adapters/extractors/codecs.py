"""Families of video codecs, in which a player can change quality, and names of formats. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from synctv.adapters.extractors.info import Format
from synctv.domain.delivery.playable import Container

FAMILIES: Mapping[str, str] = {
    "avc": "AVC",
    "vp9": "VP9",
    "av1": "AV1",
    "hevc": "HEVC",
    "vp9-hdr": "VP9 HDR",
    "av1-hdr": "AV1 HDR",
}
"""The families with their names, the most playable first."""

_FAMILY: tuple[tuple[str, str], ...] = (
    (r"avc[1-4]|h264", "avc"),
    (r"vp9\.2|vp09\.0[23]", "vp9-hdr"),
    (r"vp0?9", "vp9"),
    (r"av01\.\d+\.\d+[MH]\.1[02]", "av1-hdr"),
    (r"av0?1", "av1"),
    (r"hev1|hvc1|h265|hevc|dvh[1e]", "hevc"),
)
_PLAIN_NAMES = {"h264": "avc1.640028", "h265": "hvc1", "hevc": "hvc1", "av1": "av01.0.08M.08", "aac": "mp4a.40.2"}
_CONTAINERS: Mapping[str, Container] = {
    "mp4": Container.MP4,
    "m4v": Container.MP4,
    "mov": Container.MP4,
    "m4a": Container.MP4,
    "m4s": Container.MP4,
    "webm": Container.WEBM,
    "weba": Container.WEBM,
    "mkv": Container.MKV,
    "flv": Container.FLV,
    "ts": Container.MPEGTS,
    "mp3": Container.MP3,
    "aac": Container.AAC,
    "ogg": Container.OGG,
    "oga": Container.OGG,
    "opus": Container.OGG,
    "flac": Container.FLAC,
    "wav": Container.WAV,
}
_AUDIO_EXTENSIONS = frozenset({"m4a", "weba", "mp3", "aac", "ogg", "oga", "opus", "flac", "wav"})

LISTS = frozenset({Container.HLS, Container.DASH})
"""What names its pieces, for a player that fetches them."""


def container_of(one: Format) -> Container | None:
    """How the format is packed; None for what no player here knows."""
    if "m3u8" in one.protocol:
        return Container.HLS
    if one.protocol.startswith("http_dash_segments"):
        return Container.DASH if one.manifest_url else None
    return _CONTAINERS.get(one.ext.lower()) if one.protocol in ("http", "https") else None


def has_video(one: Format) -> bool:
    """Whether there is a picture in it. What nobody knows of is taken for there, unless its name says otherwise."""
    unknown = one.vcodec is None and one.ext.lower() not in _AUDIO_EXTENSIONS
    return unknown or one.vcodec not in (None, "none")


def has_audio(one: Format) -> bool:
    """Whether there is sound in it."""
    return one.acodec != "none"


def family_of(one: Format) -> str | None:
    """The family of its video codec."""
    codec = one.vcodec or ""
    return next((family for pattern, family in _FAMILY if re.match(pattern, codec, re.IGNORECASE)), None)


def plays_family(family: str, codecs: frozenset[str]) -> bool:
    """Whether a client that named these codecs plays the family. One that named none is taken for a current browser."""
    if not codecs:
        return True
    wanted = family.removesuffix("-hdr")
    known = (family_of(Format(id="", url="", vcodec=codec)) for codec in codecs)
    return any(name is not None and name.removesuffix("-hdr") == wanted for name in known)


def codec_names(*codecs: str | None) -> str | None:
    """Names as RFC 6381 has them, joined; None where one is not known."""
    present = [codec for codec in codecs if codec != "none"]
    if not present or not all(present):
        return None
    return ",".join(_PLAIN_NAMES.get(str(codec).lower(), str(codec)) for codec in present)


class Ids:
    """Gives names that are stable, allowed in an offer, and unique in it."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def is_free(self, name: str) -> bool:
        """Whether nothing has this name yet."""
        return name not in self._given

    def of(self, *parts: str) -> str:
        """A name made of these."""
        plain = re.sub(r"[^A-Za-z0-9._-]+", "_", "-".join(parts))[:56] or "format"
        name, number = plain, 2
        while name in self._given:
            name, number = f"{plain}.{number}", number + 1
        self._given.add(name)
        return name


def best_height(formats: Iterable[Format]) -> int | None:
    """The height of the highest."""
    return max((one.height for one in formats if one.height), default=None)
