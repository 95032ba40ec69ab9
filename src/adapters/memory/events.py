"""The log of room events in memory."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from synctv.adapters.memory.store import MemoryStore, RoomLog, State, View
from synctv.adapters.text import must_be_storable
from synctv.application.ports.events import RoomEventLog, RoomEvents
from synctv.domain.ids import Micros, RoomId
from synctv.domain.rooms.events import LoggedEvent, RoomEvent


class MemoryRoomEvents(RoomEvents):
    """The log, as a transaction writes it."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def append(self, room_id: RoomId, build: Callable[[int], RoomEvent], at: Micros) -> LoggedEvent:
        """Appends what `build` makes of the next number. Raises `NotFound` for a room that isn't there."""
        self._view.must_have_room(room_id)
        state = self._view.state
        log = state.logs.get(room_id, RoomLog())
        seq = log.last_seq + 1
        logged = LoggedEvent(room_id, seq, at, build(seq))
        must_be_storable(logged)
        logs = {**state.logs, room_id: RoomLog(seq, (*log.events, logged))}
        self._view.change(replace(state, logs=logs, unpublished={**state.unpublished, (room_id, seq): logged}))
        self._view.appended.append(logged)
        return logged

    async def last_seq(self, room_id: RoomId) -> int:
        """The number of the newest event, this transaction's own included."""
        return self._view.state.logs.get(room_id, RoomLog()).last_seq


class MemoryRoomEventLog(RoomEventLog):
    """The log of the store's committed events."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def after(self, room_id: RoomId, seq: int, limit: int) -> Sequence[LoggedEvent] | None:
        """The events after `seq`; None also for a number that this room has not reached."""
        log = self._store.state.logs.get(room_id, RoomLog())
        if seq > log.last_seq:
            return None
        start = bisect_right(log.events, seq, key=lambda logged: logged.seq)
        found = log.events[start : start + max(limit, 1)]
        complete = found[-1].seq == seq + len(found) if found else seq == log.last_seq
        return found if complete else None

    async def unpublished(self, before: Micros, limit: int) -> Sequence[LoggedEvent]:
        """Events that were never marked as published, in the order of their transactions."""
        found = (logged for logged in self._store.state.unpublished.values() if logged.at < before)
        return list(islice(found, max(limit, 0)))

    async def mark_published(self, events: Sequence[LoggedEvent]) -> None:
        """Notes that these have been handed to the bus."""
        marked = {(logged.room_id, logged.seq) for logged in events}
        async with self._store.change() as view:
            left = {key: logged for key, logged in view.state.unpublished.items() if key not in marked}
            view.change(replace(view.state, unpublished=left))

    async def prune(self, before: Micros, limit: int) -> int:
        """Drops published events written before an instant, but never a room's newest."""
        async with self._store.change() as view:
            dropped = set(islice(_droppable(view.state, before), max(limit, 0)))
            rooms = {room_id for room_id, _ in dropped}
            kept = {room_id: _without(view.state.logs[room_id], room_id, dropped) for room_id in rooms}
            view.change(replace(view.state, logs={**view.state.logs, **kept}))
        return len(dropped)


def _droppable(state: State, before: Micros) -> Iterator[tuple[RoomId, int]]:
    for room_id, log in state.logs.items():
        for logged in log.events:
            published = (room_id, logged.seq) not in state.unpublished
            if published and logged.at < before and logged.seq < log.last_seq:
                yield room_id, logged.seq


def _without(log: RoomLog, room_id: RoomId, dropped: set[tuple[RoomId, int]]) -> RoomLog:
    return replace(log, events=tuple(logged for logged in log.events if (room_id, logged.seq) not in dropped))
