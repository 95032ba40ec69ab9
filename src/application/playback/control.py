"""Control of the shared playback by people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synctv.application.library.discretion import FOLDERS_SERVER, discretion
from synctv.application.playback.beyond import Beyond, Way
from synctv.application.playback.commands import (
    Next,
    Order,
    Pause,
    Play,
    PlayFromHistory,
    Previous,
    Seek,
    Select,
    SetRate,
    Stop,
)
from synctv.application.playback.stage import PlaybackView, Stage, current_item
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.application.rooms.access import Access
from synctv.domain.chat.message import valid_client_id
from synctv.domain.errors import Conflict, NotFound, VersionConflict
from synctv.domain.ids import RoomId, seconds_after
from synctv.domain.library.item import MediaItem
from synctv.domain.playback.following import on_demand
from synctv.domain.playback.history import MAX_ENTRIES, HistoryEntry, step
from synctv.domain.playback.playback import Change, Playback, Reason
from synctv.domain.rooms.actor import Actor
from synctv.domain.rooms.events import PlaybackChanged
from synctv.domain.rooms.permissions import Permission
from synctv.domain.rooms.room import Room

REMEMBER_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class PlaybackControl:
    """Shows and changes what a room plays."""

    transactions: Transactions
    access: Access
    stage: Stage
    beyond: Beyond

    async def current(self, actor: Actor, room_id: RoomId) -> PlaybackView:
        """What the room shows. Everybody inside may see it."""
        async with self.transactions.read() as tx:
            await self.access.standing(tx, actor, room_id)
            return await self.stage.view(tx, room_id, await self.stage.load(tx, room_id))

    async def history(self, actor: Actor, room_id: RoomId) -> Sequence[tuple[HistoryEntry, MediaItem | None]]:
        """What the room played, oldest first, with the items that are still there."""
        async with self.transactions.read() as tx:
            (await self.access.standing(tx, actor, room_id)).require(Permission.BROWSE_LIBRARY)
            entries = await tx.playbacks.history(room_id, MAX_ENTRIES)
            items = await tx.library.find(room_id, {entry.item_id for entry in entries})
        return [(entry, items.get(entry.item_id)) for entry in entries]

    async def command(self, actor: Actor, room_id: RoomId, order: Order) -> PlaybackView:
        """Carries out a command.

        Raises `VersionConflict` with the current `PlaybackView` when the playback is not at the expected version any
        more, `Denied`, `Invalid`, `Conflict` for what can't be done now, and `NotFound` for an unknown item.
        """
        operation = f"{actor.id}:{valid_client_id(order.operation_id, 'operationId')}" if order.operation_id else ""
        heard = await self.stage.audience.of(room_id)
        way = await self._beyond(actor, room_id, order)
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id)
            standing.require(order.permission)
            before = await self.stage.load(tx, room_id, lock=True)
            if operation and (answer := await tx.playbacks.answer(room_id, operation)):
                return await self.stage.view(tx, room_id, answer)
            if order.expected_version not in (None, before.version):
                raise VersionConflict("playback", await self.stage.view(tx, room_id, before))
            change = self.stage.change(standing.room, heard, actor.ref, order.operation_id)
            after = await self._carry_out(tx, standing.room, before, order, change, way)
            if operation:
                forget = seconds_after(change.now, -REMEMBER_SECONDS)
                await tx.playbacks.remember(room_id, operation, after, forget_before=forget)
            return await self.stage.store(tx, room_id, before, after)

    async def items_removed(self, tx: Transaction, room_id: RoomId, actor: Actor) -> None:
        """Stops what plays if its item is gone, in the caller's transaction, which removed some."""
        before = await self.stage.load(tx, room_id, lock=True)
        if before.item is not None and await tx.library.get(room_id, before.item.id) is None:
            change = Change(actor.ref, "", self.stage.clock.now())
            await self.stage.store(tx, room_id, before, before.stopped(Reason.ITEM_REMOVED, change))

    async def item_lasts(self, tx: Transaction, item: MediaItem) -> None:
        """Takes over a duration that was just learned, in the caller's transaction. The version stays."""
        before = await self.stage.load(tx, item.room_id, lock=True)
        if before.item is None or before.item.id != item.id or item.duration is None:
            return
        after = before.with_duration(item.duration)
        await tx.playbacks.update(item.room_id, after, before.version)
        await tx.events.append(item.room_id, lambda _: PlaybackChanged(after, item), self.stage.clock.now())

    async def _beyond(self, actor: Actor, room_id: RoomId, order: Order) -> Way | None:
        """What is beyond the end of the queue, where the command leads there."""
        if not isinstance(order.command, Next | Previous):
            return None
        direction = +1 if isinstance(order.command, Next) else -1
        async with self.transactions.read() as tx:
            standing = await self.access.standing(tx, actor, room_id)
            standing.require(order.permission)
            before = await self.stage.load(tx, room_id)
            known = await self._known(tx, room_id)
            if order.expected_version not in (None, before.version) or step(known, before.history_entry, direction):
                return None
            item = await self.beyond.edge(tx, standing.room, before, direction, asked=True)
        if item is None:
            return None
        # It was chosen from a folder of who counts as having added it.
        with discretion(item.added_by, actor.id, FOLDERS_SERVER):
            return await self.beyond.way(item, direction)

    async def _carry_out(
        self, tx: Transaction, room: Room, before: Playback, order: Order, change: Change, way: Way | None
    ) -> Playback:
        match order.command:
            case Play(at):
                return before.played(change, at)
            case Pause(at):
                return before.paused(change, at)
            case Seek(position):
                return before.sought(position, change)
            case SetRate(rate):
                return before.at_rate(rate, change)
            case Stop():
                return before.stopped(Reason.STOP, change)
            case other:
                return await self._navigate(tx, room, before, other, change, way)

    async def _navigate(
        self,
        tx: Transaction,
        room: Room,
        before: Playback,
        command: Select | Next | Previous | PlayFromHistory,
        change: Change,
        way: Way | None,
    ) -> Playback:
        match command:
            case Select(item_id):
                return await self.stage.show(tx, room.id, before, item_id, Reason.SELECT, change)
            case PlayFromHistory(entry_id):
                entries = await tx.playbacks.history(room.id, MAX_ENTRIES)
                entry = next((entry for entry in entries if entry.id == entry_id), None)
                if entry is None:
                    raise NotFound("history entry")
                return await self._replay(tx, room, before, entry, Reason.HISTORY, change)
            case Next():
                return await self._step(tx, room, before, Reason.NEXT, change, way)
            case Previous():
                return await self._step(tx, room, before, Reason.PREVIOUS, change, way)

    async def _step(
        self, tx: Transaction, room: Room, before: Playback, reason: Reason, change: Change, way: Way | None
    ) -> Playback:
        direction = +1 if reason is Reason.NEXT else -1
        entries = await self._known(tx, room.id)
        if entry := step(entries, before.history_entry, direction):
            return await self._replay(tx, room, before, entry, reason, change)
        following = None
        if way is not None and await self.beyond.edge(tx, room, before, direction, asked=True) is not None:
            following = await self.beyond.enter(tx, way)
        if following is None:
            order = await self.stage.order_around(tx, room.id, before)
            recent = [entry.item_id for entry in entries]
            following = on_demand(before, order, recent, room.settings.auto_play.mode, room.id, direction)
        if following is None:
            where = "after" if direction > 0 else "before"
            raise Conflict(f"There is nothing {where} this item. Choose another, or add one.")
        return await self.stage.show(tx, room.id, before, following, reason, change)

    async def _known(self, tx: Transaction, room_id: RoomId) -> Sequence[HistoryEntry]:
        """What the room played and still has."""
        history = await tx.playbacks.history(room_id, MAX_ENTRIES)
        items = await tx.library.find(room_id, {entry.item_id for entry in history})
        return [entry for entry in history if entry.item_id in items]

    async def _replay(
        self, tx: Transaction, room: Room, before: Playback, entry: HistoryEntry, reason: Reason, change: Change
    ) -> Playback:
        item = await self.stage.item(tx, room.id, entry.item_id)
        return before.selected(current_item(item), entry.id, reason, change)
