"""What happens to a connection while the hub waits for something."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from synctv.adapters.memory.bus import MemoryEventBus
from synctv.adapters.memory.transport import MemoryTransport
from synctv.application.chat.conversation import NewMessage
from synctv.application.ports.bus import BusMessage
from synctv.application.realtime.messages import (
    ChatQuery,
    ChatView,
    Failure,
    GoodbyeCode,
    Mode,
    Observe,
    Observed,
    Request,
    SendSignal,
    Signal,
)
from synctv.application.rooms.lifecycle import RoomEdit
from synctv.application.rooms.membership import AccessEdit
from synctv.domain.errors import Denied, Unavailable
from synctv.domain.ids import RoomId
from synctv.domain.rooms.permissions import Permission
from tests.application.realtime.nodes import Nodes, nodes
from tests.application.realtime.watching import connect, settle
from tests.applications import running


@pytest.fixture
async def server() -> AsyncIterator[Nodes]:
    async with nodes() as server:
        yield server


async def test_a_room_stays_open_for_who_is_about_to_enter(server: Nodes) -> None:
    product = server.one
    mia = await product.account("mia")
    room_id = await product.room(mia)
    first = await connect(product, mia, room_id)
    product.application.hub.disconnect(first.connection)
    server.gate.shut()
    transport = MemoryTransport()
    async with asyncio.TaskGroup() as group:
        connecting = group.create_task(product.application.hub.connect(mia, room_id, transport))
        await settle()
        product.clock.advance(6.0)
        await settle()
        server.gate.open()
    assert connecting.result() is not None
    assert product.application.hub.room_count() == 1


async def test_who_connects_many_times_at_once_gets_no_more_than_the_limit() -> None:
    async with nodes(realtime={"connections_per_account": 2}) as server:
        product = server.one
        mia = await product.account("mia")
        room_id = await product.room(mia)
        server.gate.shut()
        transports = [MemoryTransport() for _ in range(5)]
        async with asyncio.TaskGroup() as group:
            for transport in transports:
                group.create_task(product.application.hub.connect(mia, room_id, transport))
            await settle()
            server.gate.open()
        assert product.application.hub.connection_count() == 2
        refused = [one.goodbye for one in transports if one.goodbye is not None]
        assert [goodbye.code for goodbye in refused] == [GoodbyeCode.LIMIT] * 3


async def test_who_was_about_to_enter_when_the_server_drains_is_sent_away(server: Nodes) -> None:
    product = server.one
    mia = await product.account("mia")
    room_id = await product.room(mia)
    server.gate.shut()
    transport = MemoryTransport()
    async with asyncio.TaskGroup() as group:
        group.create_task(product.application.hub.connect(mia, room_id, transport))
        await settle()
        await product.application.hub.drain(0.0)
        server.gate.open()
    assert transport.goodbye is not None
    assert transport.goodbye.code is GoodbyeCode.DRAINING


async def test_a_connection_that_is_gone_begins_no_observation(server: Nodes) -> None:
    product = server.one
    mia = await product.account("mia")
    room_id = await product.room(mia)
    await connect(product, mia, room_id)
    watcher = await connect(product, mia, room_id)
    hub = product.application.hub
    server.gate.shut()
    for number, name in enumerate(("first", "second"), start=1):
        request = Request(number, Observe(name, ChatQuery(50), Mode.SNAPSHOT, None))
        hub.receive(watcher.connection, request, product.clock.now())
    await settle()
    hub.disconnect(watcher.connection)
    server.gate.open()
    await settle()
    assert not watcher.connection.observations


async def test_a_value_that_was_being_read_is_not_told_to_who_may_not_see_it_any_more(server: Nodes) -> None:
    product = server.one
    mia = await product.account("mia")
    room_id = await product.room(mia)
    tom = await product.member("tom", room_id)
    await product.application.chat.send(mia, room_id, NewMessage("a", "secret"))
    watcher = await connect(product, tom, room_id)
    server.gate.shut()
    request = Request(1, Observe("chat", ChatQuery(50), Mode.SNAPSHOT, None))
    product.application.hub.receive(watcher.connection, request, product.clock.now())
    await settle()
    reading = server.gate.open_for_others()
    edit = AccessEdit(removed=frozenset({Permission.VIEW_CHAT_HISTORY}))
    await product.application.members.change_access(mia, room_id, tom.id, edit, None)
    await settle()
    reading.set()
    await settle()
    assert watcher.told(Observed) == []
    assert watcher.values(ChatView, "chat") == []
    [answer] = watcher.told(Failure)
    assert isinstance(answer.error, Denied)


async def test_an_older_look_at_access_does_not_undo_a_newer_one(server: Nodes) -> None:
    product = server.one
    mia = await product.account("mia")
    room_id = await product.room(mia)
    tom = await product.member("tom", room_id)
    await connect(product, mia, room_id)
    server.gate.shut()
    async with asyncio.TaskGroup() as group:
        connecting = group.create_task(product.application.hub.connect(tom, room_id, MemoryTransport()))
        await settle()
        entering = server.gate.open_for_others()
        await product.application.rooms.edit(mia, room_id, RoomEdit(name="Balcony"), None)
        await settle()
        server.gate.shut()
        entering.set()
        await settle()
        looking = server.gate.open_for_others()
        edit = AccessEdit(removed=frozenset({Permission.VIEW_CHAT_HISTORY}))
        await product.application.members.change_access(mia, room_id, tom.id, edit, None)
        await settle()
        looking.set()
        await settle()
    connection = connecting.result()
    assert connection is not None
    assert Permission.VIEW_CHAT_HISTORY not in connection.standing.permissions


async def test_a_room_that_the_bus_refuses_is_unavailable_and_can_be_entered_later() -> None:
    class Refusing(MemoryEventBus):
        refusing = True

        @asynccontextmanager
        async def subscribe(
            self, room_id: RoomId, on_message: Callable[[BusMessage], None], on_gap: Callable[[], None]
        ) -> AsyncIterator[None]:
            if self.refusing:
                raise Unavailable("bus")
            async with super().subscribe(room_id, on_message, on_gap):
                yield

    bus = Refusing()
    async with nodes(bus=bus) as server:
        product = server.one
        mia = await product.account("mia")
        room_id = await product.room(mia)
        transport = MemoryTransport()
        async with asyncio.timeout(5):
            assert await product.application.hub.connect(mia, room_id, transport) is None
        assert transport.goodbye is not None
        assert transport.goodbye.code is GoodbyeCode.UNAVAILABLE
        bus.refusing = False
        await connect(product, mia, room_id)


async def test_who_was_told_goodbye_is_not_listened_to_any_more() -> None:
    async with running() as product:
        mia = await product.account("mia")
        room_id = await product.room(mia)
        tom = await product.member("tom", room_id)
        his, hers = await connect(product, tom, room_id), await connect(product, mia, room_id)
        await product.application.members.kick(mia, room_id, tom.id)
        await settle()
        assert his.transport.goodbye is not None
        request = Request(1, SendSignal(hers.connection.id, "offer", "still here"))
        product.application.hub.receive(his.connection, request, product.clock.now())
        await settle()
        assert hers.told(Signal) == []
