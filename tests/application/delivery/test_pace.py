"""No faster than a viewer and its room may have, and not too many bodies at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.application.delivery import pace as module
from synctv.application.delivery.pace import PIECE_BYTES, Bandwidth, Pacer
from synctv.application.ports.slices import Buffer, FileRegion, Piece, buffer_of
from synctv.domain.errors import RateLimited

RATE = float(PIECE_BYTES)
"""One piece a second."""


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


class OpenBytes:
    """A file that is none."""

    handle = -1

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self, offset: int, length: int) -> bytes:
        """Some of it."""
        return self.content[offset : offset + length]

    def close(self) -> None:
        """Nothing was opened."""


class Reading:
    """Somebody who reads a body as fast as it comes."""

    def __init__(self, pacer: Pacer, pieces: int, viewer: str = "anna", room: str = "room") -> None:
        self.closed = False
        self.got = bytearray()
        self._pacer, self._pieces = pacer, pieces
        self._viewer, self._room = viewer, room

    async def _body(self) -> AsyncGenerator[Piece, None]:
        try:
            yield bytes(range(256)) * (PIECE_BYTES * self._pieces // 256)
        finally:
            self.closed = True

    async def run(self) -> None:
        async for piece in self._pacer.paced(self._body(), self._viewer, self._room):
            assert len(piece) <= PIECE_BYTES
            self.got += buffer_of(piece)

    @property
    def pieces(self) -> float:
        """How much came."""
        return len(self.got) / PIECE_BYTES


async def settle() -> None:
    """Lets everybody go on who can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_without_a_limit_bytes_pass_as_they_come(clock: MemoryClock) -> None:
    pacer = Pacer(Bandwidth(), 4, clock)

    async def body() -> AsyncGenerator[Buffer, None]:
        yield b"a" * 200_000
        yield b"b"

    assert [len(piece) async for piece in pacer.paced(body(), "anna", "room")] == [200_000, 1]
    assert pacer.sent_bytes == 200_001


async def test_regions_of_files_are_limited_like_bytes(clock: MemoryClock) -> None:
    file = OpenBytes(bytes(range(256)) * (3 * PIECE_BYTES // 256))

    async def body() -> AsyncGenerator[Piece, None]:
        yield FileRegion(file, 100, 2 * PIECE_BYTES + 50)

    pacer = Pacer(Bandwidth(viewer=4 * RATE), 4, clock)
    pieces = [piece async for piece in pacer.paced(body(), "anna", "room")]
    assert [len(piece) for piece in pieces] == [PIECE_BYTES, PIECE_BYTES, 50]
    assert b"".join(map(buffer_of, pieces)) == file.content[100 : 2 * PIECE_BYTES + 150]


async def test_a_viewer_gets_a_burst_and_then_as_much_as_the_limit_says(clock: MemoryClock) -> None:
    reading = Reading(Pacer(Bandwidth(viewer=RATE), 4, clock), pieces=5)
    async with asyncio.TaskGroup() as group:
        group.create_task(reading.run())
        for second in range(5):
            await settle()
            assert reading.pieces == second + 1
            clock.advance(1)
    assert reading.got == bytes(range(256)) * (PIECE_BYTES * 5 // 256)
    assert reading.closed


async def test_a_room_shares_what_it_may_have(clock: MemoryClock) -> None:
    pacer = Pacer(Bandwidth(room=RATE), 4, clock)
    inside = [Reading(pacer, 2, viewer) for viewer in ("anna", "bert")]
    elsewhere = Reading(pacer, 1, "anna", "another")
    async with asyncio.TaskGroup() as group:
        for reading in (*inside, elsewhere):
            group.create_task(reading.run())
        for second in range(4):
            await settle()
            assert sum(reading.pieces for reading in inside) == second + 1
            assert elsewhere.pieces == 1
            clock.advance(1)


async def test_the_slower_of_both_limits_counts(clock: MemoryClock) -> None:
    reading = Reading(Pacer(Bandwidth(viewer=RATE * 10, room=RATE), 4, clock), pieces=2)
    async with asyncio.TaskGroup() as group:
        group.create_task(reading.run())
        await settle()
        assert reading.pieces == 1
        clock.advance(1)
    assert reading.pieces == 2


async def test_one_request_after_the_other_gets_no_new_burst(clock: MemoryClock) -> None:
    pacer = Pacer(Bandwidth(viewer=RATE), 4, clock)
    await Reading(pacer, 1).run()
    second = Reading(pacer, 1)
    async with asyncio.TaskGroup() as group:
        group.create_task(second.run())
        await settle()
        assert second.pieces == 0
        clock.advance(1)
    assert second.pieces == 1


async def test_who_leaves_while_waiting_owes_nothing_for_what_was_not_sent(clock: MemoryClock) -> None:
    pacer = Pacer(Bandwidth(viewer=RATE), 4, clock)
    await Reading(pacer, 1).run()
    seeking = [asyncio.ensure_future(Reading(pacer, 1).run()) for _ in range(10)]  # noqa: TID251 - cancelled below
    await settle()
    for task in seeking:
        task.cancel()
    await asyncio.gather(*seeking, return_exceptions=True)
    clock.advance(1)
    after = Reading(pacer, 1)
    await after.run()
    assert after.pieces == 1


async def test_who_has_nothing_sent_is_forgotten_once_nothing_is_owed(clock: MemoryClock) -> None:
    pacer = Pacer(Bandwidth(viewer=RATE, room=RATE * 100), 4, clock)
    for number in range(50):
        await Reading(pacer, 1, f"viewer {number}").run()
        clock.advance(1)
    await Reading(pacer, 1, "last").run()
    assert len(pacer._buckets) == 2


async def test_no_more_of_them_are_remembered_than_there_may_be(
    clock: MemoryClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", 10)
    pacer = Pacer(Bandwidth(viewer=RATE), 4, clock)
    for number in range(50):
        await Reading(pacer, 1, f"viewer {number}").run()
    assert len(pacer._buckets) == 10


async def test_each_viewer_has_so_many_bodies_at_a_time(clock: MemoryClock) -> None:
    pacer = Pacer(Bandwidth(), 2, clock)
    with ExitStack() as stack:
        stack.enter_context(pacer.stream("anna"))
        stack.enter_context(pacer.stream("anna"))
        with pytest.raises(RateLimited), pacer.stream("anna"):
            pass
        stack.enter_context(pacer.stream("bert"))
        assert (pacer.sending, pacer.refused) == (3, 1)
    assert (pacer.sending, pacer._streams) == (0, {})
    with pacer.stream("anna"):
        assert pacer.sending == 1


async def test_closing_before_the_end_closes_the_body(clock: MemoryClock) -> None:
    pacer = Pacer(Bandwidth(viewer=RATE), 4, clock)
    closed = False

    async def body() -> AsyncGenerator[Buffer, None]:
        nonlocal closed
        try:
            while True:
                yield b"piece"
        finally:
            closed = True

    paced = pacer.paced(body(), "anna", "room")
    assert await anext(paced) == b"piece"
    await paced.aclose()
    assert closed
