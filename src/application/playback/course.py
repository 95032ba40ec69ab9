"""The course of the shared playback by itself: what happens without anybody's command.

Every node that serves a room may call these at the same moment; the expected version lets exactly one of them win.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from synctv.application.playback.beyond import Beyond, Way
from synctv.application.playback.stage import Stage
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.errors import Invalid, TooManyCalls, UpstreamFailed
from synctv.domain.ids import MICROS, Micros, RoomId
from synctv.domain.playback.following import after_the_end
from synctv.domain.playback.history import MAX_ENTRIES
from synctv.domain.playback.playback import Change, Playback, Reason
from synctv.domain.rooms.room import Room, RoomStatus

log = logging.getLogger(__name__)

END_TOLERANCE_SECONDS = 0.5
"""How far ahead of the known end an item may be taken for ended: containers and players differ by so much."""


Transition = Callable[[Transaction, Room, Playback, Change], Awaitable[Playback]]


@dataclass(frozen=True, slots=True)
class PlaybackCourse:
    """Advances, holds and releases."""

    transactions: Transactions
    stage: Stage
    beyond: Beyond

    async def advance(self, room_id: RoomId, expected_version: int) -> bool:
        """Goes on after the item's end as the room's auto-play says; False when another was first or it is early."""
        way = await self._beyond(room_id, expected_version)

        async def after_the_end(tx: Transaction, room: Room, before: Playback, change: Change) -> Playback:
            return await self._after_the_end(tx, room, before, change, way)

        return await self._change(room_id, expected_version, after_the_end)

    async def hold(self, room_id: RoomId, expected_version: int) -> bool:
        """Holds the playback, since a viewer ran out of buffer; only in rooms that wait for buffering."""
        return await self._change(room_id, expected_version, _hold)

    async def ready(self, room_id: RoomId, expected_version: int) -> bool:
        """Ends a hold, since everybody is ready."""
        return await self._change(room_id, expected_version, _release(Reason.READY))

    async def give_up_waiting(self, room_id: RoomId, expected_version: int) -> bool:
        """Ends a hold that has lasted for as long as the room allows."""
        return await self._change(room_id, expected_version, _release(Reason.TIMEOUT))

    async def _change(
        self,
        room_id: RoomId,
        expected_version: int,
        transition: Transition,
    ) -> bool:
        heard = await self.stage.audience.of(room_id)
        async with self.transactions.write() as tx:
            room = await tx.rooms.get(room_id)
            before = await tx.playbacks.get(room_id, lock=True)
            if room is None or room.status is not RoomStatus.ACTIVE or before is None:
                return False
            if before.version != expected_version:
                return False
            change = self.stage.change(room, heard, None)
            after = await transition(tx, room, before, change)
            if after is before:
                return False
            await self.stage.store(tx, room_id, before, after)
            return True

    async def _beyond(self, room_id: RoomId, expected_version: int) -> Way | None:
        """Where the room's queue is at its end, what goes on from there. A provider that fails ends it."""
        async with self.transactions.read() as tx:
            room = await tx.rooms.get(room_id)
            before = await tx.playbacks.get(room_id)
            if room is None or before is None or before.version != expected_version:
                return None
            if not _over(before, self.stage.clock.now()):
                return None
            item = await self.beyond.edge(tx, room, before, +1, asked=False)
        try:
            return await self.beyond.way(item, +1)
        except (UpstreamFailed, Invalid, TooManyCalls) as error:
            log.info("What follows in a live folder could not be found: %s", error)
            return None

    async def _after_the_end(
        self, tx: Transaction, room: Room, before: Playback, change: Change, way: Way | None
    ) -> Playback:
        if not _over(before, change.now):
            return before
        if way is not None and await self.beyond.edge(tx, room, before, +1, asked=False) is not None:
            entered = await self.beyond.enter(tx, way)
            if entered is not None:
                return await self.stage.show(tx, room.id, before, entered, Reason.ADVANCE, change)
        order = await self.stage.order_around(tx, room.id, before)
        recent = [entry.item_id for entry in await tx.playbacks.history(room.id, MAX_ENTRIES)]
        following = after_the_end(before, order, recent, room.settings.auto_play.mode, room.id)
        if following is None:
            return before.ended(change)
        return await self.stage.show(tx, room.id, before, following, Reason.ADVANCE, change)


def _over(playback: Playback, now: Micros) -> bool:
    """Whether what plays has come to its end, as far as one can tell."""
    ends = playback.ends_at()
    early = ends is not None and now < ends - END_TOLERANCE_SECONDS * MICROS
    return playback.item is not None and playback.moving and not early


async def _hold(_tx: Transaction, _room: Room, before: Playback, change: Change) -> Playback:
    return before.held(change) if before.moving and change.hold_seconds is not None else before


def _release(reason: Reason) -> Transition:
    async def released(_tx: Transaction, _room: Room, before: Playback, change: Change) -> Playback:
        return before.released(reason, change)

    return released
