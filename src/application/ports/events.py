"""The log of room events: the truth about what happened in which order, and the outbox of what is to be told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from synctv.domain.ids import Micros, RoomId
from synctv.domain.rooms.events import LoggedEvent, RoomEvent


class RoomEvents(ABC):
    """The log, as a transaction writes it."""

    @abstractmethod
    async def append(self, room_id: RoomId, build: Callable[[int], RoomEvent], at: Micros) -> LoggedEvent:
        """Appends the event that `build` makes of its own sequence number, in this transaction.

        Numbers are dense per room: the first is 1, and a rolled back transaction leaves no gap. Until the transaction
        ends no other one appends to this room, so append last.
        """

    @abstractmethod
    async def last_seq(self, room_id: RoomId) -> int:
        """The number of the newest event, as this transaction sees it; 0 when there is none."""


class RoomEventLog(ABC):
    """The log of committed events, as others read it."""

    @abstractmethod
    async def after(self, room_id: RoomId, seq: int, limit: int) -> Sequence[LoggedEvent] | None:
        """The events after `seq`, in order. None when the log doesn't hold all of them, or never came to `seq`."""

    @abstractmethod
    async def unpublished(self, before: Micros, limit: int) -> Sequence[LoggedEvent]:
        """Events written before an instant that were never marked as published, oldest first."""

    @abstractmethod
    async def mark_published(self, events: Sequence[LoggedEvent]) -> None:
        """Notes that these have been handed to the bus."""

    @abstractmethod
    async def prune(self, before: Micros, limit: int) -> int:
        """Drops published events written before an instant, but never a room's newest; how many were dropped."""
