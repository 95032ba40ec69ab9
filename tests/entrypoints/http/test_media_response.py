"""Bodies of media on a real socket: whole, cut, left, and no faster than they are taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from blacksheep import Request, Response
from blacksheep.server.routing import Router

from synctv.application.delivery.answer import MediaAnswer
from synctv.application.ports.slices import Buffer
from synctv.domain.errors import UpstreamChanged
from synctv.entrypoints.http import media_response as module
from synctv.entrypoints.http.media_response import PiecewiseApplication, media_response
from synctv.entrypoints.http.server import HttpServer

Body = Callable[[], AsyncGenerator[Buffer, None]]


class Hall:
    """A server of one body; it knows how much of it was asked for, and whether it was closed."""

    def __init__(self, body: Body | None, headers: dict[str, str], status: int = 206) -> None:
        self._body = body
        self._headers = headers
        self._status = status
        self.asked = 0
        self.closed = asyncio.Event()

    async def answer(self, request: Request) -> Response:
        answer = MediaAnswer(self._status, self._headers, self._counted() if self._body else None)
        answer.resources.callback(self.closed.set)
        return media_response(request, answer)

    async def _counted(self) -> AsyncGenerator[Buffer, None]:
        assert self._body is not None
        async for piece in self._body():
            self.asked += len(piece)
            yield piece


@asynccontextmanager
async def asking(hall: Hall, method: str = "GET") -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection on which the body was asked for."""

    async def answer(request: Request) -> Response:
        return await hall.answer(request)

    router = Router()
    router.add("GET", "/", answer)
    router.add("HEAD", "/", answer)
    server = HttpServer(PiecewiseApplication(router=router), drain_seconds=1)
    port = await server.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"{method} / HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        yield reader, writer
    finally:
        writer.close()
        await server.stop()


async def head(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\r\n\r\n")).decode().lower()


async def three() -> AsyncGenerator[Buffer, None]:
    yield b"bytes,"
    yield bytearray(b"bytearray,")
    yield memoryview(b"xmemoryview")[1:]


async def endless() -> AsyncGenerator[Buffer, None]:
    while True:
        yield bytes(1 << 20)


async def test_a_body_comes_with_its_headers_and_the_connection_stays() -> None:
    hall = Hall(three, {"content-length": "26", "content-type": "video/mp4", "etag": '"a"'})
    async with asking(hall) as (reader, writer):
        told = await head(reader)
        assert told.startswith("http/1.1 206")
        assert "content-length: 26\r\n" in told
        assert 'etag: "a"\r\n' in told
        assert "content-type: video/mp4\r\n" in told
        assert await reader.readexactly(26) == b"bytes,bytearray,memoryview"
        await hall.closed.wait()
        writer.write(b"HEAD / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert "content-length: 26\r\n" in await head(reader)


async def test_a_body_without_a_length_comes_in_chunks() -> None:
    async with asking(Hall(three, {"content-type": "video/mp4"}, 200)) as (reader, _):
        assert "transfer-encoding: chunked\r\n" in await head(reader)
        assert await reader.readuntil(b"0\r\n\r\n") == b"6\r\nbytes,\r\na\r\nbytearray,\r\na\r\nmemoryview\r\n0\r\n\r\n"


async def test_a_head_has_a_length_and_no_body() -> None:
    hall = Hall(None, {"content-length": "26", "content-type": "video/mp4"}, 200)
    async with asking(hall, "HEAD") as (reader, writer):
        assert "content-length: 26\r\n" in await head(reader)
        writer.write(b"HEAD / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert (await head(reader)).startswith("http/1.1 200")


@pytest.mark.parametrize("headers", [{"content-length": "1000"}, {}])
async def test_a_body_that_fails_is_cut_so_that_nobody_takes_it_for_whole(headers: dict[str, str]) -> None:
    async def failing() -> AsyncGenerator[Buffer, None]:
        yield b"begun"
        raise UpstreamChanged("media.example")

    hall = Hall(failing, headers)
    async with asking(hall) as (reader, _):
        await head(reader)
        rest = await reader.read()
        assert b"begun" in rest
        assert b"0\r\n\r\n" not in rest
        await hall.closed.wait()


@pytest.mark.timeout(30)  # well before the server would notice that nothing is taken
async def test_a_viewer_who_leaves_ends_the_body() -> None:
    hall = Hall(endless, {"content-type": "video/mp4"})
    async with asking(hall) as (reader, writer):
        await head(reader)
        await reader.readexactly(100_000)
        writer.close()
        await hall.closed.wait()


async def test_a_viewer_who_leaves_while_the_upstream_is_silent_ends_the_body() -> None:
    async def silent() -> AsyncGenerator[Buffer, None]:
        yield b"begun"
        await asyncio.Event().wait()

    hall = Hall(silent, {"content-length": "1000"})
    async with asking(hall) as (reader, writer):
        await head(reader)
        writer.close()
        await hall.closed.wait()


async def test_a_viewer_who_takes_nothing_is_sent_nothing_more_and_cut_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SEND_SECONDS", 0.3)
    hall = Hall(endless, {"content-type": "video/mp4"})
    async with asking(hall) as (reader, _):
        await head(reader)
        await hall.closed.wait()
        assert hall.asked < 40 << 20  # what the sockets of this machine hold
