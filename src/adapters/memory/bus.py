"""The bus of a server that is one process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from synctv.application.ports.bus import BusMessage, EventBus
from synctv.domain.ids import RoomId

_Receiver = Callable[[BusMessage], None]


class MemoryEventBus(EventBus):
    """Calls the subscribers while publishing, in the order in which they came. It is never away: there are no gaps."""

    def __init__(self) -> None:
        self._receivers: dict[RoomId, list[_Receiver]] = {}

    async def publish(self, room_id: RoomId, message: BusMessage) -> None:
        """Hands the message to everybody who subscribed to the room before this call."""
        for receive in tuple(self._receivers.get(room_id, ())):
            receive(message)

    @asynccontextmanager
    async def subscribe(
        self, room_id: RoomId, on_message: Callable[[BusMessage], None], on_gap: Callable[[], None]
    ) -> AsyncIterator[None]:
        """Delivers the room's messages until the block is left."""

        # A function of its own for each subscription: one callback may be subscribed twice and leave once.
        def receive(message: BusMessage) -> None:
            on_message(message)

        receivers = self._receivers.setdefault(room_id, [])
        receivers.append(receive)
        try:
            yield
        finally:
            receivers.remove(receive)
            if not receivers:
                del self._receivers[room_id]
