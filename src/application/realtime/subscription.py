"""What arrives for one room over the bus, from before there is a channel for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from synctv.application.ports.bus import BusMessage, EventBus
from synctv.domain.ids import RoomId


class Subscription:
    """Listens to a room: `listen` runs as a task, and what it hears before `attach` waits for that."""

    def __init__(self, bus: EventBus, room_id: RoomId) -> None:
        self._bus = bus
        self._room_id = room_id
        self._subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._early: list[BusMessage] = []
        self._missed = False
        self._on_message: Callable[[BusMessage], None] = self._early.append
        self._on_gap: Callable[[], None] = self._note_gap

    async def listen(self) -> None:
        """Hears the room until cancelled."""
        try:
            async with self._bus.subscribe(self._room_id, self._message, self._gap):
                if not self._subscribed.done():
                    self._subscribed.set_result(None)
                await asyncio.Event().wait()
        except Exception as error:
            if self._subscribed.done():
                raise
            self._subscribed.set_exception(error)

    async def begun(self) -> None:
        """Returns when the room is heard. Raises what kept `listen` from it."""
        await self._subscribed

    def attach(self, on_message: Callable[[BusMessage], None], on_gap: Callable[[], None]) -> None:
        """Hands on what has been heard, and what will be."""
        self._on_message, self._on_gap = on_message, on_gap
        for message in self._early:
            on_message(message)
        self._early.clear()
        if self._missed:
            on_gap()

    def _message(self, message: BusMessage) -> None:
        self._on_message(message)

    def _gap(self) -> None:
        self._on_gap()

    def _note_gap(self) -> None:
        self._missed = True
