"""Bodies that the kernel sends from files: byte for byte the same, whole or cut, however they are taken."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop
from blacksheep import Request, Response
from blacksheep.server.routing import Router

from synctv.adapters.disk.slice_files import OpenSlice
from synctv.application.delivery.answer import MediaAnswer
from synctv.application.ports.slices import FileRegion, Piece
from synctv.entrypoints.http.media_response import PiecewiseApplication, media_response, takes_files
from synctv.entrypoints.http.server import HttpServer
from synctv.entrypoints.http.zero_copy import ZeroCopyProtocol

MIB = 1 << 20
FILM = os.urandom(12 * MIB)
ASK = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Files are sent so on Linux only.")


Run = Callable[[Coroutine[None, None, None]], None]


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """Runs on the loop of Python, and on the one that the product has: each has transports of its own."""
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield runner.run


class Cinema:
    """A server of one film that lies in a file; the bytes of `begun` come before it from memory.

    It gives `region` bytes of the file at a time.
    """

    def __init__(self, path: Path, begun: bytes = b"begun", *, region: int = 2 * MIB, chunked: bool = False) -> None:
        path.write_bytes(FILM)
        self.path = path
        self.whole = begun + FILM
        self.headers = {} if chunked else {"content-length": str(len(self.whole))}
        self.going_on = asyncio.Event()
        self.going_on.set()
        self.closed = asyncio.Event()
        self.given = 0
        self._begun = begun
        self._region = region

    async def answer(self, request: Request) -> Response:
        assert takes_files(request)
        answer = MediaAnswer(206, self.headers, self._body())
        answer.resources.callback(self.closed.set)
        return media_response(request, answer)

    async def _body(self) -> AsyncGenerator[Piece, None]:
        if self._begun:
            yield self._begun
        for start in range(0, len(FILM), self._region):
            self.given += self._region
            yield FileRegion(OpenSlice(str(self.path)), start, self._region)
            await self.going_on.wait()


@asynccontextmanager
async def asking(cinema: Cinema) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection on which the film was asked for."""

    async def answer(request: Request) -> Response:
        return await cinema.answer(request)

    router = Router()
    router.add("GET", "/", answer)
    server = HttpServer(PiecewiseApplication(router=router), drain_seconds=1)
    port = await server.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 16)
    try:
        writer.write(ASK)
        yield reader, writer
    finally:
        writer.close()
        await server.stop()


async def body(reader: asyncio.StreamReader, length: int) -> bytes:
    """The body of an answer that has a length."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert head.startswith(b"http/1.1 206")
    assert f"content-length: {length}\r\n".encode() in head
    return await reader.readexactly(length)


def handles(path: Path) -> int:
    """How often this process has the file open."""
    return [os.path.realpath(handle) for handle in Path("/proc/self/fd").iterdir()].count(str(path))


@pytest.mark.parametrize("begun", [b"", b"begun", bytes(3 * MIB)])
def test_a_film_comes_whole_whatever_came_before_it(run: Run, tmp_path: Path, begun: bytes) -> None:
    cinema = Cinema(tmp_path / "film", begun)

    async def watch() -> None:
        async with asking(cinema) as (reader, _):
            assert await body(reader, len(cinema.whole)) == cinema.whole
            await cinema.closed.wait()

    run(watch())


def test_the_connection_serves_what_is_asked_next_and_what_was_asked_too_early(run: Run, tmp_path: Path) -> None:
    cinema = Cinema(tmp_path / "film")

    async def watch() -> None:
        async with asking(cinema) as (reader, writer):
            writer.write(ASK)
            assert await body(reader, len(cinema.whole)) == cinema.whole
            assert await body(reader, len(cinema.whole)) == cinema.whole
            writer.write(ASK)
            assert await body(reader, len(cinema.whole)) == cinema.whole

    run(watch())


def test_a_viewer_who_reads_in_small_pieces_misses_nothing(run: Run, tmp_path: Path) -> None:
    cinema = Cinema(tmp_path / "film")

    async def watch() -> None:
        async with asking(cinema) as (reader, _):
            await reader.readuntil(b"\r\n\r\n")
            got = bytearray()
            while len(got) < len(cinema.whole):
                got += await reader.read(10_000)
                if len(got) % 7 == 0:
                    await asyncio.sleep(0.001)  # lets the sockets fill
            assert bytes(got) == cinema.whole

    run(watch())


def test_a_body_without_a_length_comes_in_chunks(run: Run, tmp_path: Path) -> None:
    cinema = Cinema(tmp_path / "film", b"", chunked=True)

    async def watch() -> None:
        async with asking(cinema) as (reader, _):
            assert b"transfer-encoding: chunked\r\n" in (await reader.readuntil(b"\r\n\r\n")).lower()
            got = bytearray()
            while size := int(await reader.readline(), 16):
                got += await reader.readexactly(size)
                await reader.readexactly(2)
            assert bytes(got) == FILM

    run(watch())


def test_a_file_that_gets_shorter_cuts_the_body_so_that_nobody_takes_it_for_whole(run: Run, tmp_path: Path) -> None:
    cinema = Cinema(tmp_path / "film")

    async def watch() -> None:
        cinema.going_on.clear()
        async with asking(cinema) as (reader, _):
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(MIB)
            os.truncate(cinema.path, 5 * MIB)
            cinema.going_on.set()
            rest = await reader.read()
            assert len(rest) < len(FILM) - MIB
            await cinema.closed.wait()

    run(watch())


@pytest.mark.timeout(30)  # well before the server would notice that nothing is taken
def test_a_viewer_who_leaves_ends_the_body_and_leaves_no_file_open(run: Run, tmp_path: Path) -> None:
    cinema = Cinema(tmp_path / "film")

    async def watch() -> None:
        async with asking(cinema) as (reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(100_000)
            assert handles(cinema.path) == 1
            writer.close()
            await cinema.closed.wait()
        assert handles(cinema.path) == 0

    run(watch())


@pytest.mark.timeout(30)
def test_a_viewer_who_asked_for_more_and_leaves_is_sent_nothing_more(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cinema = Cinema(tmp_path / "film")

    async def watch() -> None:
        async with asking(cinema) as (reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ASK)
            await reader.readexactly(100_000)
            writer.transport.abort()
            await cinema.closed.wait()

    run(watch())
    assert cinema.given < len(FILM)
    assert not caplog.records


@pytest.mark.timeout(30)
@pytest.mark.parametrize("begun", [b"begun", bytes(24 * MIB)], ids=["from a file", "from memory"])
def test_a_viewer_who_takes_nothing_loses_the_connection_though_something_waits_to_be_sent(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    cinema = Cinema(tmp_path / "film", begun)
    monkeypatch.setattr("synctv.entrypoints.http.media_response.SEND_SECONDS", 0.2)
    lost = asyncio.Event()
    connection_lost = ZeroCopyProtocol.connection_lost

    def told(protocol: ZeroCopyProtocol, error: Exception | None) -> None:
        connection_lost(protocol, error)
        lost.set()

    monkeypatch.setattr(ZeroCopyProtocol, "connection_lost", told)

    async def watch() -> None:
        async with asking(cinema):
            await cinema.closed.wait()
            await lost.wait()

    run(watch())
