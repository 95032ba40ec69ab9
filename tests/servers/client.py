"""Somebody who talks to a server over HTTP and WebSockets, as the page does."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from synctv.entrypoints.wire.synctv import v1 as wire
from tests.servers.synctv import ROOT_PASSWORD, WAIT_SECONDS, SynctvServer

JSON: Final = "synctv.v1.json"
PROTOBUF: Final = "synctv.v1.pb"
Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at one server, signed in when there is a token."""

    server: SynctvServer
    session: aiohttp.ClientSession
    token: str | None = None
    id: str = ""

    async def request(self, method: str, path: str, body: object = None) -> Answer:
        """Sends a request below `/api/v1`."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = f"{self.server.http}/api/v1{path}"
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            text = await answer.text()
            found = json.loads(text) if "json" in answer.content_type else text
            return Answer(answer.status, dict(answer.headers), found)

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """The body of an answer that has to be a success."""
        answer = await self.request(method, path, body)
        assert 200 <= answer.status < 300, answer
        return answer.body

    def at(self, server: SynctvServer) -> Person:
        """The same person at another server of the same product."""
        return Person(server, self.session, self.token, self.id)

    async def signed_in(self, username: str = "root", password: str = ROOT_PASSWORD) -> Person:
        """This person with an account."""
        body = {"username": username, "password": password}
        found = await self.ask("POST", "/auth/password/login", body)
        return Person(self.server, self.session, found["accessToken"], found["account"]["id"])

    async def guest(self, room_id: str, name: str = "Grace") -> Person:
        """Another person, as a guest of a room."""
        body = {"room": room_id, "displayName": name}
        found = await Person(self.server, self.session).ask("POST", "/auth/guest", body)
        return Person(self.server, self.session, found["token"], found["guest"]["id"])

    async def room(self, **settings: object) -> str:
        """The id of a new room."""
        body = {"name": "Film club", "settings": settings}
        return str((await self.ask("POST", "/rooms", body))["id"])

    async def film(self, room_id: str, url: str) -> str:
        """The id of an item that was added to a room."""
        body = {"provider": "direct", "source": {"url": url}}
        return str((await self.ask("POST", f"/rooms/{room_id}/items", body))["id"])

    async def ticket(self, room_id: str) -> str:
        """A ticket for the room's realtime connection."""
        return str((await self.ask("POST", "/tickets", {"roomId": room_id}))["ticket"])

    @asynccontextmanager
    async def joined(
        self, room_id: str, codec: str = JSON, *, at: SynctvServer | None = None
    ) -> AsyncIterator[RoomSocket]:
        """A realtime connection by ticket, welcomed; at another server of the same product if need be."""
        async with room_socket(at or self.server, room_id, await self.ticket(room_id), codec) as socket:
            await socket.until(lambda frame: "welcome" in frame)
            yield socket


@asynccontextmanager
async def people(server: SynctvServer) -> AsyncIterator[Person]:
    """Somebody nobody knows, who may sign in."""
    timeout = aiohttp.ClientTimeout(total=WAIT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield Person(server, session)


class RoomSocket:
    """A realtime connection that keeps every frame it received, in proto JSON whatever the codec. See `room_socket`."""

    def __init__(self, connection: ClientConnection, codec: str) -> None:
        self.connection = connection
        self.frames: list[Frame] = []
        self.ended = asyncio.Event()
        self._codec = codec
        self._arrived = asyncio.Event()
        self._seq = 0

    async def read(self) -> None:
        """Reads until the connection ends."""
        with contextlib.suppress(ConnectionClosed):
            async for data in self.connection:
                self.frames.append(self._decode(data))
                self._arrived.set()
        self.ended.set()
        self._arrived.set()

    async def send(self, body: Frame) -> int:
        """Sends a request; its `seq`."""
        self._seq += 1
        frame = {"seq": self._seq, **body}
        text = self._codec == JSON
        await self.connection.send(json.dumps(frame) if text else bytes(wire.ClientFrame.from_dict(frame)))
        return self._seq

    async def ask(self, body: Frame) -> Frame:
        """Sends a request, and waits for its answer."""
        seq = await self.send(body)
        return await self.until(lambda frame: frame.get("seq") == seq)

    async def observe(self, resource: str, after_seq: int | None = None) -> Frame:
        """Observes a resource under its own name; what was answered to that."""
        after = {} if after_seq is None else {"afterSeq": str(after_seq)}
        return await self._success({"observe": {"id": resource, resource: {}, **after}}, "observed")

    async def play(self, command: Frame) -> Frame:
        """Gives a playback command; the playback that it made."""
        return (await self._success({"playback": command}, "reply"))["playback"]  # type: ignore[no-any-return]

    async def say(self, text: str) -> Frame:
        """Writes a message; what was made of it."""
        return (await self._success({"chatSend": {"clientId": text, "text": text}}, "reply"))["chat"]  # type: ignore[no-any-return]

    async def until(self, wanted: Callable[[Frame], object], *, after: int = 0) -> Frame:
        """The first frame that is wanted, waiting for it if need be; `after` so many frames, usually `len(frames)`."""
        async with asyncio.timeout(WAIT_SECONDS):
            seen = after
            while True:
                self._arrived.clear()
                for frame in self.frames[seen:]:
                    if wanted(frame):
                        return frame
                seen = len(self.frames)
                assert not self.ended.is_set(), f"The connection ended before that came: {self.frames[-3:]}"
                await self._arrived.wait()

    async def goodbye(self) -> Frame:
        """The server's goodbye, after which the connection has ended."""
        frame = await self.until(lambda frame: "goodbye" in frame)
        async with asyncio.timeout(WAIT_SECONDS):
            await self.ended.wait()
        return frame["goodbye"]  # type: ignore[no-any-return]

    def changes(self, name: str) -> list[Frame]:
        """What was pushed to the observation of this name."""
        return [frame["changed"] for frame in self.frames if frame.get("changed", {}).get("id") == name]

    def chat(self) -> list[str]:
        """The texts of all messages that were pushed, in the order in which they came."""
        return [message["text"] for change in self.changes("chat") for message in change["chat"].get("messages", [])]

    async def _success(self, body: Frame, kind: str) -> Frame:
        answer = await self.ask(body)
        assert kind in answer, answer
        return answer[kind]  # type: ignore[no-any-return]

    def _decode(self, data: str | bytes) -> Frame:
        found: Frame = json.loads(data) if isinstance(data, str) else wire.ServerFrame.parse(data).to_dict()
        return found


@asynccontextmanager
async def room_socket(server: SynctvServer, room_id: str, ticket: str, codec: str = JSON) -> AsyncIterator[RoomSocket]:
    """A realtime connection that reads all that comes. Raises `websockets.InvalidStatus` when it is refused."""
    url = f"{server.realtime}/ws/v1/rooms/{room_id}?ticket={ticket}"
    protocols = [Subprotocol(codec)]
    async with connect(url, subprotocols=protocols, compression=None, proxy=None) as connection:
        socket = RoomSocket(connection, codec)
        async with asyncio.TaskGroup() as tasks:
            reader = tasks.create_task(socket.read())
            try:
                yield socket
            finally:
                reader.cancel()
