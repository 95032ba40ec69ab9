"""Playables: what a player needs."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from synctv.domain.delivery.playable import Container, Delivery, Playable, Variant
from synctv.domain.ids import ItemId
from synctv.entrypoints.views.times import Instant, instant


class VariantView(Struct, frozen=True, rename="camel"):
    """One way to play the item. `bitrate` is in bits a second; `headers` must be sent by who fetches the bytes.

    The `url` of what goes through the proxy is a path of the server's HTTP address.
    """

    id: str
    label: str
    url: str
    delivery: Delivery
    container: Container
    codecs: str | None
    width: int | None
    height: int | None
    bitrate: int | None
    headers: Mapping[str, str]
    live: bool

    @classmethod
    def of(cls, variant: Variant) -> VariantView:
        """The view of a variant."""
        return cls(
            id=variant.id,
            label=variant.label,
            url=variant.url,
            delivery=variant.delivery,
            container=variant.container,
            codecs=variant.codecs,
            width=variant.width,
            height=variant.height,
            bitrate=variant.bitrate,
            headers=dict(variant.headers),
            live=variant.live,
        )


class SubtitleView(Struct, frozen=True, rename="camel"):
    """A text track, as WebVTT. `language` is a BCP 47 tag."""

    id: str
    label: str
    language: str | None
    url: str
    default: bool


class DanmakuView(Struct, frozen=True, rename="camel"):
    """Comments that fly over the picture: `{"comments": [{"time", "mode", "color", "text"}]}`."""

    id: str
    label: str
    url: str


class ChapterView(Struct, frozen=True, rename="camel"):
    """A named part; `start` is in seconds."""

    start: float
    title: str


class PlayableView(Struct, frozen=True, rename="camel"):
    """The variants, best first. Before `expiresAt` the player asks again, and goes on where it is."""

    item_id: ItemId
    variants: list[VariantView]
    subtitles: list[SubtitleView]
    danmaku: list[DanmakuView]
    chapters: list[ChapterView]
    expires_at: Instant | None

    @classmethod
    def of(cls, playable: Playable) -> PlayableView:
        """The view of a playable."""
        return cls(
            item_id=playable.item_id,
            variants=[VariantView.of(variant) for variant in playable.variants],
            subtitles=[
                SubtitleView(one.id, one.label, one.language, one.url, one.default) for one in playable.subtitles
            ],
            danmaku=[DanmakuView(one.id, one.label, one.url) for one in playable.danmaku],
            chapters=[ChapterView(one.start, one.title) for one in playable.chapters],
            expires_at=None if playable.expires_at is None else instant(playable.expires_at),
        )
