"""What every bus promises."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from synctv.adapters.memory.bus import MemoryEventBus
from synctv.adapters.redis.bus import redis_event_bus
from synctv.adapters.redis.client import redis_client
from synctv.application.ports.bus import BusMessage, EventBus, NodePresence, SignalSent, Told
from synctv.domain.ids import AccountId, ConnectionId, Micros, NodeId, RoomId
from synctv.domain.library.item import MediaItem, MediaKind
from synctv.domain.playback.playback import CurrentItem, Playback, Playing, Reason
from synctv.domain.rooms.actor import ActorKind, ActorRef
from synctv.domain.rooms.events import LoggedEvent, MemberChange, MemberChanged, PlaybackChanged
from synctv.domain.rooms.permissions import RoomRole
from synctv.domain.rooms.viewers import Readiness, Viewer

ROOM = RoomId("room_1")
OTHER_ROOM = RoomId("room_2")
ANN = ActorRef("usr_1", "Ann", ActorKind.ACCOUNT)


@dataclass
class Ear:
    """Somebody who subscribed: what it heard, and how often it was told of a gap."""

    heard: list[BusMessage] = field(default_factory=list)
    gaps: int = 0
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def on_message(self, message: BusMessage) -> None:
        self.heard.append(message)
        self.stirred.set()

    def on_gap(self) -> None:
        self.gaps += 1
        self.stirred.set()

    async def until(self, reached: Callable[[], bool]) -> None:
        """Returns once it has heard enough."""
        async with asyncio.timeout(30):
            while not reached():
                self.stirred.clear()
                await self.stirred.wait()

    def listens(self, bus: EventBus, room: RoomId = ROOM) -> AbstractAsyncContextManager[None]:
        """Subscribes."""
        return bus.subscribe(room, self.on_message, self.on_gap)


Nodes = AbstractAsyncContextManager[tuple[EventBus, EventBus]]


@asynccontextmanager
async def memory_nodes() -> AsyncIterator[tuple[EventBus, EventBus]]:
    bus = MemoryEventBus()
    yield bus, bus


@asynccontextmanager
async def redis_nodes(url: str) -> AsyncIterator[tuple[EventBus, EventBus]]:
    prefix = f"synctv-test-{secrets.token_hex(8)}:"
    async with (
        redis_client(url) as one,
        redis_client(url) as two,
        redis_event_bus(one, prefix) as here,
        redis_event_bus(two, prefix) as there,
    ):
        yield here, there


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def nodes(request: pytest.FixtureRequest) -> Nodes:
    """Two nodes of a cluster; one and the same where the bus is for one process."""
    return memory_nodes() if request.param == "memory" else redis_nodes(request.getfixturevalue("redis_url"))


def told(seq: int, room: RoomId = ROOM) -> Told:
    """An event of the room."""
    return Told(LoggedEvent(room, seq, Micros(seq), MemberChanged(AccountId("usr_1"), MemberChange.JOINED)))


def a_message_of_each_kind() -> list[BusMessage]:
    """All kinds of messages, with all their fields set."""
    item = MediaItem("item_1", ROOM, None, "Film", "direct", MediaKind.VIDEO, {"url": "http://x/"}, 9.5, ANN, 1, 0, 1)  # type: ignore[arg-type]
    playback = Playback(
        CurrentItem(item.id, 9.5), Playing(1.25, Micros(7)), 1.5, Micros(6), 3, ANN, Reason.SEEK, "op", None
    )
    viewer = Viewer(
        ConnectionId("c"), ANN, RoomRole.MEMBER, Micros(5), Readiness.READY, position=1.0, drift=-0.01, round_trip=0.04
    )
    return [
        Told(LoggedEvent(ROOM, 1, Micros(8), PlaybackChanged(playback, item))),
        NodePresence(ROOM, NodeId("node_1"), Micros(9), (viewer,)),
        SignalSent(ROOM, ConnectionId("to"), ConnectionId("from"), ANN, "offer", "v=0\r\n"),
    ]


async def test_every_kind_of_message_arrives_as_it_was_sent(nodes: Nodes) -> None:
    ear = Ear()
    async with nodes as (here, there), ear.listens(there):
        for message in a_message_of_each_kind():
            await here.publish(ROOM, message)
        await ear.until(lambda: len(ear.heard) == 3)
    assert ear.heard == a_message_of_each_kind()


async def test_messages_keep_their_order_and_reach_the_publishing_node_too(nodes: Nodes) -> None:
    near, far = Ear(), Ear()
    async with nodes as (here, there), near.listens(here), far.listens(there):
        for seq in range(200):
            await here.publish(ROOM, told(seq))
        for ear in (near, far):
            await ear.until(lambda ear=ear: len(ear.heard) == 200)  # type: ignore[misc]
    assert near.heard == far.heard == [told(seq) for seq in range(200)]


async def test_messages_published_at_once_keep_the_order_of_the_calls(nodes: Nodes) -> None:
    ear = Ear()
    async with nodes as (here, there), ear.listens(there):
        await asyncio.gather(*(here.publish(ROOM, told(seq)) for seq in range(100)))
        await ear.until(lambda: len(ear.heard) == 100)
    assert ear.heard == [told(seq) for seq in range(100)]


async def test_two_subscribers_of_one_room_both_hear_each_message_once(nodes: Nodes) -> None:
    first, second = Ear(), Ear()
    async with nodes as (here, there), first.listens(there), second.listens(there):
        await here.publish(ROOM, told(1))
        await here.publish(ROOM, told(2))
        for ear in (first, second):
            await ear.until(lambda ear=ear: len(ear.heard) >= 2)  # type: ignore[misc]
    assert first.heard == second.heard == [told(1), told(2)]


async def test_a_room_hears_nothing_of_another(nodes: Nodes) -> None:
    ear, other = Ear(), Ear()
    async with nodes as (here, there), ear.listens(there), other.listens(there, OTHER_ROOM):
        await here.publish(OTHER_ROOM, told(1, OTHER_ROOM))
        await here.publish(ROOM, told(2))
        await ear.until(lambda: bool(ear.heard))
        await other.until(lambda: bool(other.heard))
    assert ear.heard == [told(2)]
    assert other.heard == [told(1, OTHER_ROOM)]


async def test_who_has_left_hears_nothing_while_others_go_on(nodes: Nodes) -> None:
    gone, ear = Ear(), Ear()
    async with nodes as (here, there), ear.listens(there):
        async with gone.listens(there):
            await here.publish(ROOM, told(1))
            await gone.until(lambda: bool(gone.heard))
        await here.publish(ROOM, told(2))
        await ear.until(lambda: len(ear.heard) == 2)
    assert gone.heard == [told(1)]


async def test_after_the_last_one_left_the_room_is_silent(nodes: Nodes) -> None:
    ear, witness = Ear(), Ear()
    async with nodes as (here, there), witness.listens(there, OTHER_ROOM):
        async with ear.listens(there):
            pass
        await here.publish(ROOM, told(1))
        await here.publish(OTHER_ROOM, told(2, OTHER_ROOM))
        await witness.until(lambda: bool(witness.heard))
    assert ear.heard == []


async def test_who_comes_back_hears_what_is_published_from_then_on(nodes: Nodes) -> None:
    ear = Ear()
    async with nodes as (here, there):
        for seq in range(1, 30):
            async with ear.listens(there):
                await here.publish(ROOM, told(seq))
                await ear.until(lambda seq=seq: len(ear.heard) == seq)  # type: ignore[misc]
    assert ear.heard == [told(seq) for seq in range(1, 30)]
    assert ear.gaps == 0


async def test_one_callback_may_subscribe_twice_and_leave_once(nodes: Nodes) -> None:
    ear = Ear()
    async with nodes as (here, there), ear.listens(there):
        async with ear.listens(there):
            await here.publish(ROOM, told(1))
            await ear.until(lambda: len(ear.heard) == 2)
        await here.publish(ROOM, told(2))
        await ear.until(lambda: len(ear.heard) == 3)
    assert ear.heard == [told(1), told(1), told(2)]


async def test_publishing_to_a_room_where_nobody_listens_is_no_error(nodes: Nodes) -> None:
    async with nodes as (here, _):
        await here.publish(ROOM, told(1))


async def test_an_error_inside_the_block_comes_out_as_itself(nodes: Nodes) -> None:
    with pytest.raises(ZeroDivisionError):
        async with nodes as (here, _), Ear().listens(here):
            raise ZeroDivisionError
