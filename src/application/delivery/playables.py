"""Playables: what a player needs to show what the room shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from synctv.application.delivery.addresses import Addresses, runs_out
from synctv.application.delivery.admission import viewer_of
from synctv.application.delivery.offers import Offers
from synctv.application.library.discretion import ITEMS_SERVER, discretion
from synctv.application.playback.stage import Stage
from synctv.application.ports.clock import Clock
from synctv.application.ports.media_links import MediaLinks
from synctv.application.ports.transaction import Transactions
from synctv.application.rooms.access import Access
from synctv.domain.delivery.choosing import deliveries, playable_variants
from synctv.domain.delivery.offer import Offer, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Danmaku, Delivery, Playable, Subtitle, Variant
from synctv.domain.delivery.profile import ANY, Profile
from synctv.domain.errors import Conflict
from synctv.domain.ids import Micros, RoomId
from synctv.domain.library.item import MediaItem
from synctv.domain.rooms.actor import Actor

THROUGH_PROXY = "~proxy"
"""What is added to the id of a variant that stands there a second time, through the proxy."""


@dataclass(frozen=True, slots=True)
class Playables:
    """Makes what a viewer gets of what the item's provider has.

    `proxies` tells whether this server hands media on; without that only public addresses can be played.
    """

    transactions: Transactions
    access: Access
    stage: Stage
    offers: Offers
    links: MediaLinks
    clock: Clock
    proxies: bool

    async def of_current(self, actor: Actor, room_id: RoomId, profile: Profile = ANY) -> Playable:
        """The playable of the current item. Everybody inside may play it.

        Raises `Conflict` when there is none, or none that the viewer may have in the way that the profile insists on,
        and what providers raise, which tells nobody but who added the item where that is.
        """
        async with self.transactions.read() as tx:
            await self.access.standing(tx, actor, room_id)
            view = await self.stage.view(tx, room_id, await self.stage.load(tx, room_id))
        if view.item is None:
            raise Conflict("Nothing is selected in this room.")
        with discretion(view.item.added_by, actor.id, ITEMS_SERVER):
            offer = await self.offers.of(view.item, profile.player)
        return self._playable(view.item, offer, actor, profile)

    def _playable(self, item: MediaItem, offer: Offer, actor: Actor, profile: Profile) -> Playable:
        addresses = Addresses(self.links, item.room_id, item.id, viewer_of(actor), profile.player, runs_out(self.clock))
        variants = tuple(
            _variant(variant, delivery, addresses)
            for variant in playable_variants(offer, profile)
            for delivery in deliveries(variant, profile, proxy=self.proxies)
        )
        if not variants:
            raise Conflict(_none_allowed(proxies=self.proxies))
        return Playable(
            item_id=item.id,
            variants=_named_apart(variants),
            expires_at=min(_ends(variants, offer, addresses)),
            subtitles=tuple(_subtitles(offer, addresses)) if self.proxies else (),
            danmaku=tuple(_danmaku(offer, addresses)) if self.proxies else (),
            chapters=offer.chapters,
        )


def _variant(variant: OfferedVariant, delivery: Delivery, addresses: Addresses) -> Variant:
    upstream = variant.media if isinstance(variant.media, Upstream) and delivery is Delivery.DIRECT else None
    return Variant(
        id=variant.id,
        label=variant.label,
        url=upstream.url if upstream else addresses.variant(variant.id, variant.container),
        delivery=delivery,
        container=variant.container,
        codecs=variant.codecs,
        width=variant.width,
        height=variant.height,
        bitrate=variant.bitrate,
        headers=upstream.headers if upstream else {},
        live=variant.live,
    )


def _named_apart(variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
    """The same variants, the second one of each pair under a name of its own."""
    direct = {variant.id for variant in variants if variant.delivery is Delivery.DIRECT}
    return tuple(
        replace(variant, id=variant.id + THROUGH_PROXY)
        if variant.delivery is Delivery.PROXY and variant.id in direct
        else variant
        for variant in variants
    )


def _ends(variants: tuple[Variant, ...], offer: Offer, addresses: Addresses) -> Iterator[Micros]:
    """When the addresses run out. The proxy's outlive those that it fetches from: it asks for new ones by itself."""
    yield addresses.expires_at
    if offer.expires_at is not None and any(variant.delivery is Delivery.DIRECT for variant in variants):
        yield offer.expires_at


def _subtitles(offer: Offer, addresses: Addresses) -> Iterator[Subtitle]:
    for subtitle in offer.subtitles:
        url = addresses.subtitle(subtitle.id)
        yield Subtitle(subtitle.id, subtitle.label, subtitle.language, url, subtitle.default)


def _danmaku(offer: Offer, addresses: Addresses) -> Iterator[Danmaku]:
    for danmaku in offer.danmaku:
        yield Danmaku(danmaku.id, danmaku.label, addresses.danmaku(danmaku.id))


def _none_allowed(*, proxies: bool) -> str:
    if not proxies:
        return "This source can only be played through a server, and this server hands no media on (media.proxy)."
    return "This source can only be played through this server. Allow that in the player's settings."
