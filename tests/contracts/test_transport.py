"""What every transport promises: order, no blocking, a goodbye that arrives, and an honest backlog."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from synctv.adapters.memory.transport import MemoryTransport
from synctv.adapters.websockets.transport import WebsocketTransport
from synctv.application.ports.transport import Transport
from synctv.application.realtime.messages import Goodbye, GoodbyeCode, Observed, Outgoing
from synctv.entrypoints.realtime.codec import CODECS
from synctv.entrypoints.realtime.encoding import json_frame

BYE = Goodbye(GoodbyeCode.KICKED, "Somebody has removed you.")


def said(number: int, text: str = "it") -> Outgoing:
    return Outgoing(Observed(text, number, changed=False))


class Peer(ABC):
    """A transport with the client at its other end."""

    transport: Transport

    @abstractmethod
    async def received(self, count: int) -> list[dict[str, Any]]:
        """The next frames that the client gets."""

    @abstractmethod
    def stop_reading(self) -> None:
        """The client reads nothing from now on."""

    @abstractmethod
    async def ended(self) -> None:
        """Returns when the connection is over for the client."""


class MemoryPeer(Peer):
    """The client of a transport that keeps what is sent."""

    def __init__(self) -> None:
        self.memory = self.transport = MemoryTransport()
        self._read = 0

    async def received(self, count: int) -> list[dict[str, Any]]:
        frames = [json_frame(one) for one in self.memory.sent[self._read : self._read + count]]
        assert len(frames) == count
        self._read += count
        return frames

    def stop_reading(self) -> None:
        self.memory.stop_reading()

    async def ended(self) -> None:
        assert self.memory.closed


class WebsocketPeer(Peer):
    """A real client at a real socket."""

    def __init__(self, server_side: ServerConnection, client: Any) -> None:
        codec = CODECS["synctv.v1.json"]
        self.transport = WebsocketTransport(server_side, codec.name, binary=codec.binary, encode=codec.encode)
        self._client = client

    async def received(self, count: int) -> list[dict[str, Any]]:
        return [msgspec.json.decode(await self._client.recv()) for _ in range(count)]

    def stop_reading(self) -> None:
        self._client.transport.pause_reading()

    async def ended(self) -> None:
        await self._client.wait_closed()


async def websocket_peer(stack: AsyncExitStack) -> WebsocketPeer:
    arrived: asyncio.Future[ServerConnection] = asyncio.get_running_loop().create_future()

    async def serve_one(connection: ServerConnection) -> None:
        arrived.set_result(connection)
        await connection.wait_closed()

    server = await stack.enter_async_context(serve(serve_one, "127.0.0.1", 0, compression=None))
    port = next(iter(server.sockets)).getsockname()[1]
    client = await stack.enter_async_context(connect(f"ws://127.0.0.1:{port}", compression=None, close_timeout=1))
    return WebsocketPeer(await arrived, client)


@pytest.fixture(params=["memory", "websockets"])
async def peer(request: pytest.FixtureRequest) -> AsyncIterator[Peer]:
    async with AsyncExitStack() as stack:
        yield MemoryPeer() if request.param == "memory" else await websocket_peer(stack)


async def until(holds: Callable[[], bool]) -> None:
    """Returns when it holds; the test's own time limit ends it otherwise."""
    while not holds():
        await asyncio.sleep(0.01)


async def test_messages_arrive_in_their_order(peer: Peer) -> None:
    for number in range(100):
        peer.transport.send(said(number))
    frames = await peer.received(100)
    assert [frame["observed"]["roomSeq"] for frame in frames] == [str(number) for number in range(100)]


async def test_one_message_may_go_to_the_same_client_twice(peer: Peer) -> None:
    message = said(7)
    peer.transport.send(message)
    peer.transport.send(message)
    first, second = await peer.received(2)
    assert first == second


async def test_the_goodbye_is_the_last_thing_that_arrives(peer: Peer) -> None:
    peer.transport.send(said(1))
    peer.transport.close(BYE)
    peer.transport.send(said(2))
    frames = await peer.received(2)
    assert frames[1]["goodbye"]["code"] == "KICKED"
    assert frames[1]["goodbye"]["reconnect"] is False
    await peer.ended()
    assert peer.transport.closed


async def test_only_the_first_goodbye_counts(peer: Peer) -> None:
    peer.transport.close(BYE)
    peer.transport.close(Goodbye(GoodbyeCode.IDLE, "Too late."))
    (frame,) = await peer.received(1)
    assert frame["goodbye"]["code"] == "KICKED"
    await peer.ended()


async def test_a_client_that_reads_has_no_backlog(peer: Peer) -> None:
    peer.transport.send(said(1))
    await peer.received(1)
    assert peer.transport.backlog() == 0


async def test_a_client_that_does_not_read_has_a_backlog_and_blocks_nobody(peer: Peer) -> None:
    peer.stop_reading()
    big = said(1, "x" * 50_000)
    for _ in range(400):
        peer.transport.send(big)
    await until(lambda: peer.transport.backlog() > 64 * 1024)


async def test_sending_after_the_end_does_nothing(peer: Peer) -> None:
    peer.transport.close(BYE)
    await peer.received(1)
    await peer.ended()
    peer.transport.send(said(1))
    assert peer.transport.backlog() == 0
