"""A playable: what a viewer's player needs to show an item now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from synctv.domain.ids import ItemId, Micros


class Delivery(StrEnum):
    """How a client gets the bytes."""

    DIRECT = "direct"
    PROXY = "proxy"


class DeliveryMode(StrEnum):
    """Which way somebody wants, or insists on."""

    AUTO = "auto"
    PROXY_ONLY = "proxy_only"
    PROXY_PREFERRED = "proxy_preferred"
    DIRECT_PREFERRED = "direct_preferred"
    DIRECT_ONLY = "direct_only"


class Container(StrEnum):
    """How the bytes are packed, as far as a player has to know."""

    MP4 = "mp4"
    WEBM = "webm"
    MKV = "mkv"
    HLS = "hls"
    DASH = "dash"
    FLV = "flv"
    MPEGTS = "mpegts"
    MP3 = "mp3"
    AAC = "aac"
    OGG = "ogg"
    FLAC = "flac"
    WAV = "wav"


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to play the item. `bitrate` is in bits a second; `headers` must be sent by who fetches the bytes.

    The `url` of what goes through the proxy is a path of this server's HTTP address.
    """

    id: str
    label: str
    url: str
    delivery: Delivery
    container: Container
    codecs: str | None = None
    width: int | None = None
    height: int | None = None
    bitrate: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    live: bool = False


@dataclass(frozen=True, slots=True)
class Subtitle:
    """A text track, always WebVTT. `language` is a BCP 47 tag, or None where nobody said."""

    id: str
    label: str
    language: str | None
    url: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class Danmaku:
    """Comments that fly over the picture, as JSON."""

    id: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A named part; `start` is in seconds."""

    start: float
    title: str


@dataclass(frozen=True, slots=True)
class Playable:
    """The variants of an item, best first. `expires_at` is None for addresses that do not run out.

    Before it does, the player asks again and goes on where it is.
    """

    item_id: ItemId
    variants: tuple[Variant, ...]
    expires_at: Micros | None
    subtitles: tuple[Subtitle, ...] = ()
    danmaku: tuple[Danmaku, ...] = ()
    chapters: tuple[Chapter, ...] = ()
