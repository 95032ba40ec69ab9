"""Storage of each room's playback, its history and the answers to its commands, inside a transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from synctv.domain.ids import Micros, RoomId
from synctv.domain.playback.history import HistoryEntry
from synctv.domain.playback.playback import Playback


class Playbacks(ABC):
    """What each room shows."""

    @abstractmethod
    async def add(self, room_id: RoomId, playback: Playback) -> None:
        """Stores the first playback of a new room."""

    @abstractmethod
    async def get(self, room_id: RoomId, *, lock: bool = False) -> Playback | None:
        """The playback; with `lock`, nobody else changes it until the transaction ends."""

    @abstractmethod
    async def update(self, room_id: RoomId, playback: Playback, expected_version: int) -> None:
        """Replaces it. Raises `VersionConflict` unless the stored version is the expected one."""

    @abstractmethod
    async def answer(self, room_id: RoomId, operation_id: str) -> Playback | None:
        """The playback that the operation led to when it was first carried out."""

    @abstractmethod
    async def remember(self, room_id: RoomId, operation_id: str, answer: Playback, *, forget_before: Micros) -> None:
        """Keeps the answer to an operation, and drops those of this room that were given before an instant."""

    @abstractmethod
    async def history(self, room_id: RoomId, limit: int) -> Sequence[HistoryEntry]:
        """The newest entries, oldest of them first."""

    @abstractmethod
    async def add_history(self, room_id: RoomId, entry: HistoryEntry, *, keep: int, since: Micros) -> None:
        """Appends an entry, and drops what is past the `keep` newest ones or older than `since`."""
