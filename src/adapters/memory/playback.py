"""Playbacks, their history and the answers to commands, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from synctv.adapters.memory.store import GivenAnswer, View, with_entry
from synctv.adapters.text import must_be_storable
from synctv.application.ports.playback import Playbacks
from synctv.domain.errors import AlreadyExists, VersionConflict
from synctv.domain.ids import Micros, RoomId
from synctv.domain.playback.history import HistoryEntry
from synctv.domain.playback.playback import Playback


class MemoryPlaybacks(Playbacks):
    """What each room shows."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, room_id: RoomId, playback: Playback) -> None:
        """Stores the first playback of a room. Raises `NotFound` for a room that isn't there."""
        self._view.must_have_room(room_id)
        if room_id in self._view.state.playbacks:
            raise AlreadyExists("playback")
        self._store(room_id, playback)

    async def get(self, room_id: RoomId, *, lock: bool = False) -> Playback | None:
        """The playback; writers take turns anyway."""
        if lock:
            self._view.must_be_writable()
        return self._view.state.playbacks.get(room_id)

    async def update(self, room_id: RoomId, playback: Playback, expected_version: int) -> None:
        """Replaces it."""
        stored = self._view.state.playbacks.get(room_id)
        if stored is None or stored.version != expected_version:
            raise VersionConflict("playback", stored)
        self._store(room_id, playback)

    async def answer(self, room_id: RoomId, operation_id: str) -> Playback | None:
        """The playback that the operation led to."""
        given = self._view.state.answers.get(room_id, {}).get(operation_id)
        return given.playback if given else None

    async def remember(self, room_id: RoomId, operation_id: str, answer: Playback, *, forget_before: Micros) -> None:
        """Keeps the answer, as given when it was changed; an answer that is kept already stays."""
        self._view.must_have_room(room_id)
        must_be_storable(operation_id)
        state = self._view.state
        kept = {id: one for id, one in state.answers.get(room_id, {}).items() if one.at >= forget_before}
        if operation_id not in kept:
            kept = {**with_entry(kept, operation_id, GivenAnswer(answer, answer.changed_at))}
        self._view.change(replace(state, answers={**state.answers, room_id: kept}))

    async def history(self, room_id: RoomId, limit: int) -> Sequence[HistoryEntry]:
        """The newest entries, oldest of them first."""
        entries = self._view.state.history.get(room_id, ())
        return entries[-limit:] if limit > 0 else ()

    async def add_history(self, room_id: RoomId, entry: HistoryEntry, *, keep: int, since: Micros) -> None:
        """Appends an entry, which stays itself in any case."""
        self._view.must_have_room(room_id)
        must_be_storable(entry)
        state = self._view.state
        younger = [one for one in state.history.get(room_id, ()) if one.played_at >= since]
        kept = (*younger, entry)[-max(keep, 1) :]
        self._view.change(replace(state, history={**state.history, room_id: kept}))

    def _store(self, room_id: RoomId, playback: Playback) -> None:
        state = self._view.state
        self._view.change(replace(state, playbacks=with_entry(state.playbacks, room_id, playback)))
