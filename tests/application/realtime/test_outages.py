"""The hub while its storage is away, and when it comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from synctv.adapters.memory.bus import MemoryEventBus
from synctv.application.chat.conversation import NewMessage
from synctv.application.playback.commands import Order, Select
from synctv.application.playback.stage import PlaybackView
from synctv.application.ports.bus import BusMessage, Told
from synctv.application.realtime.messages import ChatQuery, ChatView, MembersQuery, MembersView, PlaybackQuery, Report
from synctv.application.realtime.reading import Reader
from synctv.domain.ids import RoomId
from synctv.domain.library.item import MediaItem
from synctv.domain.playback.playback import Holding, Playing, Reason
from synctv.domain.rooms.settings import WaitForBuffering
from synctv.domain.rooms.viewers import Readiness
from tests.application.realtime.nodes import Nodes, nodes
from tests.application.realtime.watching import Watcher, connect, settle


@pytest.fixture
async def server() -> AsyncIterator[Nodes]:
    async with nodes() as server:
        yield server


def report(item: MediaItem, readiness: Readiness, version: int, duration: float | None = None) -> Report:
    return Report(item.id, readiness, 0.0, duration, None, 0.04, version)


async def watching(server: Nodes, **settings: object) -> tuple[MediaItem, Watcher]:
    """Somebody watches the first of two items, and another connection is there."""
    product = server.one
    mia = await product.account("mia")
    room_id = await product.room(mia, **settings)
    items = [await product.item(mia, room_id, title) for title in ("one", "two")]
    watcher, other = await connect(product, mia, room_id), await connect(product, mia, room_id)
    for one in (watcher, other):
        await one.ask(report(items[0], Readiness.READY, 1))
    await watcher.observe(PlaybackQuery())
    await server.pass_time(1)
    await watcher.ask(Order(Select(items[0].id)))
    return items[0], watcher


def latest(watcher: Watcher) -> PlaybackView:
    return watcher.values(PlaybackView)[-1]


async def test_a_gap_is_filled_when_the_storage_is_back(server: Nodes) -> None:
    product = server.one
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watcher = await connect(product, mia, room_id)
    await watcher.observe(ChatQuery(50))
    bus, publisher = product.container.bus(), product.container.publisher()
    publisher.listen(lambda _event: None)
    original, kept = bus.publish, []

    async def lossy(room: object, message: object) -> None:
        if isinstance(message, Told):
            kept.append(message)
        else:
            await original(room, message)

    bus.publish = lossy
    for text in ("lost", "arrives"):
        await product.application.chat.send(mia, room_id, NewMessage(text, text))
    await settle()
    server.gate.away = True
    await original(room_id, kept[-1])
    await server.pass_time(3)
    server.gate.away = False
    await server.pass_time(3)
    told = [message.text for view in watcher.values(ChatView) for message in view.messages]
    assert told == ["lost", "arrives"]


async def test_a_gap_that_the_bus_noticed_is_filled_when_the_storage_is_back() -> None:
    class Gapping(MemoryEventBus):
        @asynccontextmanager
        async def subscribe(
            self, room_id: RoomId, on_message: Callable[[BusMessage], None], on_gap: Callable[[], None]
        ) -> AsyncIterator[None]:
            self.on_gap = on_gap
            async with super().subscribe(room_id, on_message, on_gap):
                yield

        async def publish(self, room_id: RoomId, message: BusMessage) -> None:
            """Loses everything."""

    bus = Gapping()
    async with nodes(bus=bus) as server:
        product = server.one
        mia = await product.account("mia")
        room_id = await product.room(mia)
        watcher = await connect(product, mia, room_id)
        await watcher.observe(ChatQuery(50))
        product.container.publisher().listen(lambda _event: None)
        await product.application.chat.send(mia, room_id, NewMessage("lost", "lost"))
        server.gate.away = True
        bus.on_gap()
        await server.pass_time(3)
        server.gate.away = False
        await server.pass_time(3)
        assert [message.text for view in watcher.values(ChatView) for message in view.messages] == ["lost"]


async def test_a_hold_that_could_not_end_in_time_ends_when_the_storage_is_back(server: Nodes) -> None:
    item, watcher = await watching(server, wait_for_buffering=WaitForBuffering(enabled=True, max_seconds=8.0))
    assert isinstance(latest(watcher).playback.motion, Holding)
    await watcher.ask(report(item, Readiness.BUFFERING, latest(watcher).playback.version))
    server.gate.away = True
    await server.pass_time(10)
    server.gate.away = False
    await server.pass_time(3)
    assert isinstance(latest(watcher).playback.motion, Playing)
    assert latest(watcher).playback.reason is Reason.TIMEOUT


async def test_what_follows_starts_when_the_storage_is_back(server: Nodes) -> None:
    item, watcher = await watching(server)
    await watcher.ask(report(item, Readiness.READY, latest(watcher).playback.version, duration=20.0))
    server.gate.away = True
    await server.pass_time(25)
    server.gate.away = False
    await server.pass_time(3)
    following = latest(watcher).item
    assert following is not None
    assert following.title == "two"


async def test_an_end_that_could_not_be_heeded_is_heeded_when_it_is_reported_again(server: Nodes) -> None:
    item, watcher = await watching(server)
    ended = report(item, Readiness.ENDED, latest(watcher).playback.version)
    server.gate.away = True
    await watcher.ask(ended)
    await server.pass_time(2)
    server.gate.away = False
    await watcher.ask(ended)
    await server.pass_time(1)
    following = latest(watcher).item
    assert following is not None
    assert following.title == "two"


async def test_a_duration_that_could_not_be_kept_is_learned_when_it_is_reported_again(server: Nodes) -> None:
    item, watcher = await watching(server)
    known = report(item, Readiness.READY, latest(watcher).playback.version, duration=20.0)
    server.gate.away = True
    await watcher.ask(known)
    server.gate.away = False
    await watcher.ask(known)
    current = latest(watcher).playback.item
    assert current is not None
    assert current.duration == 20.0


async def test_a_value_that_could_not_be_read_for_a_fault_is_told_when_it_can(
    server: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = server.one
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watcher = await connect(product, mia, room_id)
    await watcher.observe(MembersQuery(200))
    with monkeypatch.context() as patch:
        patch.setattr(Reader, "load", failing)
        await product.member("tom", room_id)
        await settle()
    await server.pass_time(2.0)
    assert watcher.values(MembersView)[-1].total == 2


async def failing(*_: object) -> None:
    """A load with a fault."""
    raise ValueError("a fault of ours")
