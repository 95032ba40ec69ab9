"""The bus: tells other processes what happened in a room. Best effort; the event log is the truth."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from synctv.domain.ids import ConnectionId, Micros, NodeId, RoomId
from synctv.domain.rooms.actor import ActorRef
from synctv.domain.rooms.events import LoggedEvent
from synctv.domain.rooms.viewers import Viewer


@dataclass(frozen=True, slots=True)
class Told:
    """A committed event of the room."""

    event: LoggedEvent


@dataclass(frozen=True, slots=True)
class NodePresence:
    """Who is connected to the room at one node, whole. A node that falls silent is forgotten by the others."""

    room_id: RoomId
    node_id: NodeId
    at: Micros
    viewers: tuple[Viewer, ...]


@dataclass(frozen=True, slots=True)
class SignalSent:
    """A WebRTC signal for one connection, at whichever node it is."""

    room_id: RoomId
    to: ConnectionId
    sender: ConnectionId
    actor: ActorRef
    kind: str
    payload: str


BusMessage = Told | NodePresence | SignalSent


class EventBus(ABC):
    """Publishes to rooms and subscribes to them.

    Messages that one process publishes to a room arrive in their order at every subscriber, its own included, each at
    most once. While the bus is away messages are lost and subscriptions wait; they come back by themselves, and
    `on_gap` of `subscribe` tells that some may have been missed.
    """

    @abstractmethod
    async def publish(self, room_id: RoomId, message: BusMessage) -> None:
        """Hands the message over. Raises `Unavailable` when the bus can't be reached."""

    @abstractmethod
    def subscribe(
        self, room_id: RoomId, on_message: Callable[[BusMessage], None], on_gap: Callable[[], None]
    ) -> AbstractAsyncContextManager[None]:
        """Delivers the room's messages until the block is left. The callbacks do not block and do not raise."""
