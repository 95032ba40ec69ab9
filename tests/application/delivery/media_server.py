"""A media server of a test's own, which speaks HTTP/1.1 over a real socket and misbehaves as it is told."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Asked = tuple[int, int]
"""First byte and the one after the last."""


@dataclass
class Film:
    """What the server has: bytes that tell every place from every other one, and validators."""

    length: int
    seed: int = 0
    etag: str | None = '"one"'
    modified: str | None = "Thu, 01 Jan 2026 00:00:00 GMT"
    media_type: str = "video/mp4"

    def __post_init__(self) -> None:
        blocks = (hashlib.sha512(f"{self.seed} {index}".encode()).digest() for index in range(self.length // 64 + 1))
        self.body = b"".join(blocks)[: self.length]


@dataclass
class Exchange:
    """One request: the range that it asks for, and the means to answer it badly."""

    film: Film
    method: str
    path: str
    headers: dict[str, str]
    writer: asyncio.StreamWriter
    number: int
    closing: asyncio.Event

    @property
    def asked(self) -> Asked | None:
        """The range."""
        text = self.headers.get("range")
        if text is None:
            return None
        first, _, last = text.removeprefix("bytes=").partition("-")
        if not first:
            return max(0, self.film.length - int(last)), self.film.length
        return int(first), min(self.film.length, int(last) + 1) if last else self.film.length

    async def head(self, status: int, **headers: object) -> None:
        """Status line and headers; those of the film are there unless they are given as None."""
        told: dict[str, object] = {"content_type": self.film.media_type, "connection": "close"}
        told |= {"etag": self.film.etag, "last_modified": self.film.modified, **headers}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in told.items() if value is not None]
        self.writer.write("\r\n".join((f"HTTP/1.1 {status} X", *lines, "", "")).encode("latin-1"))
        await self.writer.drain()

    async def part(self, **headers: object) -> bytes:
        """The head of an honest 206, unless headers are given; the bytes that should follow."""
        assert self.asked is not None
        start, end = self.asked
        said = {"content_range": f"bytes {start}-{end - 1}/{self.film.length}", "content_length": end - start}
        await self.head(206, **(said | headers))
        return self.film.body[start:end]

    async def send(self, data: bytes) -> None:
        """Some of the body."""
        self.writer.write(data)
        await self.writer.drain()

    async def honest(self) -> None:
        """What a good server answers."""
        if self.asked is None:
            await self.head(200, content_length=self.film.length, accept_ranges="bytes")
            await self.send(self.film.body)
        elif self.asked[0] >= self.asked[1]:
            await self.head(416, content_range=f"bytes */{self.film.length}", content_length=0)
        else:
            await self.send(await self.part())

    async def hang(self) -> None:
        """Sends nothing more until the test is over."""
        await self.closing.wait()


Behaviour = Callable[[Exchange], Awaitable[None]]


@dataclass
class MediaServer:
    """A running server. `behaviour` answers every request; `asked` are the ranges that were asked for, in order."""

    film: Film
    behaviour: Behaviour
    port: int = 0
    asked: list[Asked | None] = field(default_factory=list)
    seen: list[Exchange] = field(default_factory=list)
    open: int = 0

    @property
    def url(self) -> str:
        """Where the film is."""
        return f"http://127.0.0.1:{self.port}/film.mp4"


async def honest(exchange: Exchange) -> None:
    await exchange.honest()


@asynccontextmanager
async def media_server(film: Film, behaviour: Behaviour = honest) -> AsyncIterator[MediaServer]:
    """A server on a free port of 127.0.0.1 until the block is left."""
    server = MediaServer(film, behaviour)
    closing = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.open += 1
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, _ = lines[0].split(" ")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            exchange = Exchange(server.film, method, path, headers, writer, len(server.seen), closing)
            server.seen.append(exchange)
            server.asked.append(exchange.asked)
            await server.behaviour(exchange)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            server.open -= 1
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        closing.set()
        listener.close()
        while server.open:
            await asyncio.sleep(0.01)
