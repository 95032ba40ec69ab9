"""Beyond the end of the queue: an item that was chosen from a dynamic folder is followed by what comes next there.

Providers are asked ahead of the transaction that goes on, which looks again whether it still is to go there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from synctv.application.library.found import Spot, item_of
from synctv.application.library.live_folders import LiveFolders, Neighbour
from synctv.application.library.places import tell
from synctv.application.playback.stage import Stage
from synctv.application.ports.transaction import Transaction
from synctv.domain.ids import ItemId
from synctv.domain.library.item import MAX_ITEMS, MediaItem
from synctv.domain.library.order import place_before
from synctv.domain.playback.following import goes_beyond
from synctv.domain.playback.playback import Playback
from synctv.domain.rooms.room import Room


@dataclass(frozen=True, slots=True)
class Way:
    """The item that the queue ends at, in which direction, and what was found beyond it."""

    item: MediaItem
    step: int
    neighbour: Neighbour


@dataclass(frozen=True, slots=True)
class Beyond:
    """Finds what is beyond, and puts it into the queue."""

    stage: Stage
    live: LiveFolders

    async def edge(
        self, tx: Transaction, room: Room, playback: Playback, step: int, *, asked: bool
    ) -> MediaItem | None:
        """The shown item, where its dynamic folder is what goes on from it. `asked`: by a person."""
        item = (await self.stage.view(tx, room.id, playback)).item
        if item is None or item.origin is None:
            return None
        order = await self.stage.order_around(tx, room.id, playback)
        return item if goes_beyond(playback, order, room.settings.auto_play.mode, step, asked=asked) else None

    async def way(self, item: MediaItem | None, step: int) -> Way | None:
        """What is beyond the item. Raises what `LiveFolders.beside` raises."""
        neighbour = None if item is None else await self.live.beside(item, step)
        return None if item is None or neighbour is None else Way(item, step, neighbour)

    async def enter(self, tx: Transaction, way: Way) -> ItemId | None:
        """Puts what was found right beside the item; None where the room has no place for it.

        What lies in the item's folder already is moved there: nothing is in the queue twice.
        """
        there, found, behalf = way.item, way.neighbour.found, way.neighbour.behalf
        now = self.stage.clock.now()
        items = {one.id: one for one in await tx.library.in_order(there.room_id, there.folder_id)}
        item = next((one for one in items.values() if one.origin == there.origin and one.source == found.source), None)
        if item is None:
            if await tx.library.total(there.room_id) >= MAX_ITEMS:
                return None
            spot = Spot(there.room_id, there.folder_id, 0)
            item = item_of(ItemId(self.stage.ids.new("item")), found, behalf, spot, now)
        for id, rank in place_before(list(items.values()), item.id, there.id if way.step < 0 else None).items():
            if id in items:
                await tx.library.update(items[id].moved(rank, there.folder_id), items[id].version)
            else:
                await tx.library.add(replace(item, rank=rank))
        await tell(tx, there.room_id, [there.folder_id], now)
        return item.id
