"""Loading what observations show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synctv.application.playback.stage import PlaybackView, Stage
from synctv.application.ports.events import RoomEventLog
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.application.realtime.messages import (
    ChatQuery,
    ChatView,
    HistoryQuery,
    HistoryView,
    LibraryQuery,
    LibraryView,
    MembersQuery,
    MembersView,
    PlaybackQuery,
    Query,
    SettingsQuery,
    View,
)
from synctv.application.rooms.access import Access
from synctv.application.rooms.membership import MemberView
from synctv.domain.errors import NotFound
from synctv.domain.ids import FolderId, RoomId
from synctv.domain.library.folder import FolderTree
from synctv.domain.rooms.events import (
    ChatChanged,
    ChatPosted,
    LibraryChanged,
    LoggedEvent,
    MemberChanged,
    PlaybackChanged,
    RoomChanged,
    RoomEvent,
)
from synctv.domain.rooms.membership import MembershipState

REPLAYED_EVENTS = 1_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """A value and the room sequence at which it is true."""

    view: View
    seq: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Loads values and missed events. What lives in the hub only (presence, one's own permissions) is not here."""

    transactions: Transactions
    log: RoomEventLog
    access: Access
    stage: Stage

    async def load(self, room_id: RoomId, query: Query) -> Loaded:
        """The value of a query now. Raises `NotFound` for what isn't there (any more): a folder."""
        async with self.transactions.read() as tx:
            seq = await tx.events.last_seq(room_id)
            return Loaded(await self._view(tx, room_id, query), seq)

    async def missed(self, room_id: RoomId, after_seq: int) -> Sequence[LoggedEvent] | None:
        """The events after a sequence number, or None when the log can't tell (any more): a fresh value is due then."""
        events = await self.log.after(room_id, after_seq, REPLAYED_EVENTS)
        if events is None or len(events) == REPLAYED_EVENTS:
            return None
        if not events:
            async with self.transactions.read() as tx:
                # A number that was never given belongs to another room or another life of this one.
                return [] if await tx.events.last_seq(room_id) == after_seq else None
        return events

    async def _view(self, tx: Transaction, room_id: RoomId, query: Query) -> View:
        match query:
            case PlaybackQuery():
                return await self.stage.view(tx, room_id, await self.stage.load(tx, room_id))
            case LibraryQuery(folder_id, limit):
                return await self._library(tx, room_id, folder_id, limit)
            case ChatQuery(limit):
                found = await tx.chat.before(room_id, None, limit + 1)
                return ChatView(found[-limit:], snapshot=True, has_more=len(found) > limit)
            case HistoryQuery(limit):
                entries = await tx.playbacks.history(room_id, limit)
                items = await tx.library.find(room_id, {entry.item_id for entry in entries})
                return HistoryView([(entry, items[entry.item_id]) for entry in entries if entry.item_id in items])
            case _:
                return await self._view_of_room(tx, room_id, query)

    async def _library(self, tx: Transaction, room_id: RoomId, folder_id: FolderId | None, limit: int) -> LibraryView:
        tree = FolderTree(await tx.folders.of_room(room_id))
        tree.must_have(folder_id)
        items = await tx.library.in_order(room_id, folder_id, limit=limit)
        total = await tx.library.count(room_id, folder_id)
        return LibraryView(folder_id, tree.inside(folder_id), items, total)

    async def _view_of_room(self, tx: Transaction, room_id: RoomId, query: Query) -> View:
        room = await tx.rooms.get(room_id)
        if room is None:
            raise NotFound("room")
        match query:
            case SettingsQuery():
                return room
            case MembersQuery(limit):
                found = await tx.memberships.of_room(room_id, MembershipState.ACTIVE, after=None, limit=limit)
                total = await tx.memberships.count(room_id, MembershipState.ACTIVE)
                return MembersView([MemberView(one, self.access.permissions_of(room, one)) for one in found], total)
        raise TypeError(query)


def concerns(event: RoomEvent, query: Query) -> bool:
    """Whether an event may change the value of a query."""
    match event:
        case PlaybackChanged():
            return isinstance(query, PlaybackQuery | HistoryQuery)
        case ChatPosted() | ChatChanged():
            return isinstance(query, ChatQuery)
        case LibraryChanged(folder_id):
            if isinstance(query, LibraryQuery):
                return query.folder_id == folder_id
            return isinstance(query, HistoryQuery)
        case MemberChanged():
            return isinstance(query, MembersQuery)
        case RoomChanged():
            return isinstance(query, SettingsQuery | MembersQuery)
    return False


def told_by(event: RoomEvent, query: Query) -> View | None:
    """The value that the event itself carries for a query, so that nothing has to be loaded; else None."""
    match event:
        case PlaybackChanged(playback, item) if isinstance(query, PlaybackQuery):
            return PlaybackView(playback, item)
        case ChatPosted(message) | ChatChanged(message) if isinstance(query, ChatQuery):
            return ChatView([message], snapshot=False, has_more=False)
    return None
