"""Playables: what a player needs to show what the room shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synctv.application.playback.stage import Stage
from synctv.application.ports.providers import Provider
from synctv.application.ports.transaction import Transactions
from synctv.application.rooms.access import Access
from synctv.domain.delivery.playable import Playable
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

    async def of_current(self, actor: Actor, room_id: RoomId) -> Playable:
        """The playable of the current item. Everybody inside may play it. Raises `Conflict` when there is none."""
        async with self.transactions.read() as tx:
            await self.access.standing(tx, actor, room_id)
            view = await self.stage.view(tx, room_id, await self.stage.load(tx, room_id))
        if view.item is None:
            raise Conflict("Nothing is selected in this room.")
        provider = self.providers.get(view.item.provider)
        if provider is None:
            raise UpstreamFailed(view.item.provider, "this server no longer has the provider of this item.")
        return await provider.play(view.item)
