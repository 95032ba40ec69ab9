"""Playables: what a player needs to show what the room shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synctv.application.playback.stage import Stage
from synctv.application.ports.providers import PlayRequest, Provider
from synctv.application.ports.transaction import Transactions
from synctv.application.rooms.access import Access
from synctv.domain.delivery.offer import OfferedVariant, Upstream
from synctv.domain.delivery.playable import Delivery, Playable, Variant
from synctv.domain.delivery.profile import ANY, Profile
from synctv.domain.errors import Conflict, UpstreamFailed
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import Actor


@dataclass(frozen=True, slots=True)
class Playables:
    """Asks the item's provider."""

    transactions: Transactions
    access: Access
    stage: Stage
    providers: Mapping[str, Provider]

    async def of_current(self, actor: Actor, room_id: RoomId, profile: Profile = ANY) -> Playable:
        """The playable of the current item. Everybody inside may play it. Raises `Conflict` when there is none."""
        async with self.transactions.read() as tx:
            await self.access.standing(tx, actor, room_id)
            view = await self.stage.view(tx, room_id, await self.stage.load(tx, room_id))
        if view.item is None:
            raise Conflict("Nothing is selected in this room.")
        provider = self.providers.get(view.item.provider)
        if provider is None:
            raise UpstreamFailed(view.item.provider, "this server no longer has the provider of this item.")
        offer = await provider.play(PlayRequest(view.item.source, view.item.kind, profile=profile))
        return Playable(view.item.id, tuple(_direct(variant) for variant in offer.variants), offer.expires_at)


def _direct(variant: OfferedVariant) -> Variant:
    if not isinstance(variant.media, Upstream):
        raise TypeError(variant.media)
    return Variant(
        id=variant.id,
        label=variant.label,
        url=variant.media.url,
        delivery=Delivery.DIRECT,
        container=variant.container,
        codecs=variant.codecs,
        width=variant.width,
        height=variant.height,
        bitrate=variant.bitrate,
        headers=variant.media.headers,
    )
