"""A thousand viewers in a process of their own, who only count what they are told, and one who gives the commands.

Driven over standard input, a word a line: `connect` opens the connections and observes, `command` gives all commands.
Each is answered by a line of JSON on standard output. What it is to do comes as JSON in the first argument.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import struct
import sys
import time
from typing import Any

import msgspec
import uvloop

from synctv.entrypoints.wire.synctv import v1 as wire

AT_ONCE = 50
WAIT_SECONDS = 60.0
PING, PONG, CLOSE = 0x9, 0xA, 0x8


class Plan(msgspec.Struct):
    """What to do: `pause` is the time in seconds between the last delivery of a command and the next command."""

    host: str
    port: int
    room: str
    token: str
    codec: str
    viewers: int
    commands: int
    pause: float


class Frames(asyncio.Protocol):
    """Reads whole WebSocket frames off a connection and calls back for each that carries data."""

    def __init__(self, plan: Plan, crowd: Crowd, *, counts: bool) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._plan = plan
        self._crowd = crowd
        self._counts = counts
        self._buffer = b""
        self._upgraded = False
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the upgrade."""
        self._transport = transport
        plan = self._plan
        lines = (
            f"GET /ws/v1/rooms/{plan.room} HTTP/1.1",
            f"Host: {plan.host}:{plan.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Protocol: {plan.codec}",
            f"Authorization: Bearer {plan.token}",
        )
        self._transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def data_received(self, data: bytes) -> None:
        """Takes bytes in."""
        if self._buffer:
            data = self._buffer + data
        if not self._upgraded:
            head, separator, data = data.partition(b"\r\n\r\n")
            if not separator:
                self._buffer = head
                return
            if b" 101 " not in head.partition(b"\r\n")[0]:
                self.opened.set_exception(ConnectionError(head.decode() + data.decode()))
                return
            self._upgraded = True
            self.opened.set_result(None)
        self._buffer = self._frames(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Nobody is to leave before the end."""
        if not self._crowd.over:
            self._crowd.lost += 1

    def send(self, payload: bytes) -> None:
        """Sends a data frame of less than 126 bytes."""
        self._write(0x2 if self._plan.codec.endswith("pb") else 0x1, payload)

    def _frames(self, data: bytes) -> bytes:
        at = 0
        while len(data) - at >= 2:
            length, start = data[at + 1], at + 2
            if length >= 126:
                size = 2 if length == 126 else 8
                start += size
                if len(data) < start:
                    break
                length = int.from_bytes(data[start - size : start], "big")
            end = start + length
            if len(data) < end:
                break
            kind = data[at] & 0xF
            if kind == PING:
                self._write(PONG, data[start:end])
            elif kind != CLOSE and self._counts:
                self._crowd.counted()
            at = end
        return data[at:]

    def _write(self, kind: int, payload: bytes) -> None:
        # A mask of zeros leaves the payload as it is.
        self._transport.write(struct.pack(">BBI", 0x80 | kind, 0x80 | len(payload), 0) + payload)


class Crowd:
    """All connections, and how many frames of one kind they wait for."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.lost = 0
        self.over = False
        self._left = 0
        self._last = 0.0
        self._done = asyncio.Event()

    def counted(self) -> None:
        """A viewer received a frame."""
        self._left -= 1
        if self._left == 0:
            self._last = time.perf_counter()
            self._done.set()

    async def delivered(self) -> float:
        """When the last of the awaited frames had come."""
        async with asyncio.timeout(WAIT_SECONDS):
            await self._done.wait()
        return self._last

    def expect(self, frames: int) -> None:
        """From now on so many frames are awaited."""
        self._left = frames
        self._done.clear()

    async def connect(self) -> None:
        """Opens all connections, and lets every viewer observe the playback."""
        plan = self.plan
        # A welcome, an answer and the playback for each.
        self.expect(3 * plan.viewers)
        waiting = asyncio.Semaphore(AT_ONCE)

        async def viewer() -> Frames:
            async with waiting:
                return await self._open(counts=True)

        self.viewers = await asyncio.gather(*(viewer() for _ in range(plan.viewers)))
        self.commander = await self._open(counts=False)
        observe = _encoded(plan, {"observe": {"id": "pb", "playback": {}}}, 1)
        for one in self.viewers:
            one.send(observe)
        await self.delivered()

    async def command(self) -> list[float]:
        """Seconds from each command sent to its last delivery."""
        plan, found = self.plan, []
        for number in range(plan.commands):
            body: dict[str, Any] = ({"play": {}}, {"seek": {"position": 60.0 + number}}, {"pause": {}})[number % 3]
            payload = _encoded(plan, {"playback": body}, number + 1)
            self.expect(plan.viewers)
            sent = time.perf_counter()
            self.commander.send(payload)
            found.append(await self.delivered() - sent)
            await asyncio.sleep(plan.pause)
        return found

    async def _open(self, *, counts: bool) -> Frames:
        loop = asyncio.get_running_loop()
        _, frames = await loop.create_connection(
            lambda: Frames(self.plan, self, counts=counts), self.plan.host, self.plan.port
        )
        await frames.opened
        return frames


def _encoded(plan: Plan, body: dict[str, Any], seq: int) -> bytes:
    frame = {"seq": seq, **body}
    return bytes(wire.ClientFrame.from_dict(frame)) if plan.codec.endswith("pb") else json.dumps(frame).encode()


async def _obey(plan: Plan) -> None:
    crowd = Crowd(plan)
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(0, "rb"))
    while word := (await lines.readline()).strip():
        if word == b"connect":
            await crowd.connect()
            gc.collect()
            gc.freeze()
            said: object = {"connected": plan.viewers}
        else:
            said = {"seconds": await crowd.command(), "lost": crowd.lost}
        print(json.dumps(said), flush=True)
    crowd.over = True


if __name__ == "__main__":
    uvloop.run(_obey(msgspec.json.decode(sys.argv[1], type=Plan)))
