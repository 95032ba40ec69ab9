"""Playables: what a player needs."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from synctv.domain.delivery.playable import Container, Delivery, Playable, Variant
from synctv.domain.ids import ItemId
from synctv.entrypoints.views.times import Instant, instant


class VariantView(Struct, frozen=True, rename="camel"):
    """One way to play the item. `bitrate` is in bits a second; `headers` must be sent by who fetches the bytes."""

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
        )


class PlayableView(Struct, frozen=True, rename="camel"):
    """The variants, best first. `expiresAt` is null for addresses that do not run out."""

    item_id: ItemId
    variants: list[VariantView]
    subtitles: list[Mapping[str, str]]
    danmaku: list[Mapping[str, str]]
    expires_at: Instant | None

    @classmethod
    def of(cls, playable: Playable) -> PlayableView:
        """The view of a playable."""
        return cls(
            item_id=playable.item_id,
            variants=[VariantView.of(variant) for variant in playable.variants],
            subtitles=[],
            danmaku=[],
            expires_at=None if playable.expires_at is None else instant(playable.expires_at),
        )
