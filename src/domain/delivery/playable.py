"""A playable: what a player needs to show an item now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from synctv.domain.ids import ItemId, Micros


class Delivery(StrEnum):
    """How a client gets the bytes."""

    DIRECT = "direct"
    PROXY = "proxy"


class Container(StrEnum):
    """How the bytes are packed, as far as a player has to know."""

    MP4 = "mp4"
    WEBM = "webm"
    HLS = "hls"
    MP3 = "mp3"
    OGG = "ogg"
    FLAC = "flac"
    WAV = "wav"


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to play the item. `bitrate` is in bits a second; `headers` must be sent by who fetches the bytes."""

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


@dataclass(frozen=True, slots=True)
class Playable:
    """The variants of an item, best first. `expires_at` is None for addresses that do not run out."""

    item_id: ItemId
    variants: tuple[Variant, ...]
    expires_at: Micros | None
