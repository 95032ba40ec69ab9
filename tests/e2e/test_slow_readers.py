"""A client that does not read what it is sent: it is let go, and the others get everything."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.e2e.conftest import Launch
from tests.servers.client import JSON, Frame, Person, RoomSocket, people
from tests.servers.synctv import WAIT_SECONDS

pytestmark = pytest.mark.server

MESSAGES = 650
TEXT = "文" * 3_900
"""So many messages with it fill what the kernel keeps, what the server's socket keeps, and the server's queue."""

QUICK = {"realtime.frames_per_second": 10_000}


@asynccontextmanager
async def stalled(person: Person, room: str) -> AsyncIterator[ClientConnection]:
    """A connection that observes the chat and from then on takes nothing off the network until it is read from."""
    address = person.server.realtime.removeprefix("ws://")
    host, _, port = address.partition(":")
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, (host, int(port)))
    url = f"ws://{address}/ws/v1/rooms/{room}?ticket={await person.ticket(room)}"
    opened = connect(
        url,
        sock=sock,
        subprotocols=[Subprotocol(JSON)],
        compression=None,
        max_queue=1,
        ping_interval=None,
        close_timeout=1,
        proxy=None,
    )
    async with opened as connection:
        await connection.send(json.dumps({"seq": 1, "observe": {"id": "chat", "chat": {}}}))
        while json.loads(await connection.recv()).get("seq") != 1:
            pass
        yield connection


async def talk(speaker: RoomSocket) -> list[str]:
    """Says more than fits; the texts."""
    said = [f"{number} {TEXT}" for number in range(MESSAGES)]
    for text in said:
        await speaker.ask({"chatSend": {"clientId": text[:8], "text": text}})
    return said


async def rest(connection: ClientConnection) -> list[Frame]:
    """All that is still to be read, to the end of the connection."""
    found: list[Frame] = []
    async with asyncio.timeout(WAIT_SECONDS):
        with suppress(ConnectionClosed):
            while True:
                found.append(json.loads(await connection.recv()))
    return found


async def test_who_does_not_read_is_told_too_slow_and_the_others_get_everything(launch: Launch) -> None:
    server = await launch(QUICK)
    async with people(server) as nobody:
        root = await nobody.signed_in()
        room = await root.room()
        async with root.joined(room) as speaker, root.joined(room) as reader, stalled(root, room) as slow:
            await reader.observe("chat")
            said = await talk(speaker)
            frames = await rest(slow)
            await reader.until(lambda _: len(reader.chat()) == MESSAGES)
            assert reader.chat() == said
            assert not reader.ended.is_set()
    assert frames[-1]["goodbye"]["code"] == "TOO_SLOW"
    assert frames[-1]["goodbye"]["reconnect"]
    heard = [one["text"] for frame in frames[:-1] for one in frame["changed"]["chat"]["messages"]]
    # What it got has no holes, so that it can go on from there.
    assert heard == said[: len(heard)]
    assert 0 < len(heard) < MESSAGES


async def test_who_never_reads_again_is_cut_off(launch: Launch) -> None:
    server = await launch(QUICK)
    async with people(server) as nobody:
        root = await nobody.signed_in()
        room = await root.room()
        async with root.joined(room) as speaker, stalled(root, room):
            await speaker.observe("presence")
            await speaker.until(lambda frame: viewers(frame) == 2)
            await talk(speaker)
            known = len(speaker.frames)
            await speaker.until(lambda frame: viewers(frame) == 1, after=known)
            assert (await root.ask("GET", f"/rooms/{room}"))["online"] == 1


def viewers(frame: Frame) -> int:
    """How many are there, in a frame that says so."""
    return int(frame.get("changed", {}).get("presence", {}).get("total", -1))
