"""Places for slices, shared by hosts: a slow one with many viewers keeps the others from none."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.memory.slices import MemorySliceStore
from synctv.application.delivery.answer import MediaRequest
from synctv.application.delivery.places import Places
from synctv.application.delivery.slices import SlicedMedia, SliceLimits
from synctv.application.ports.fetch import Fetch, FetchRequest, FetchResponse, FetchStream, StreamRequest
from synctv.application.realtime.tasks import Tasks
from synctv.domain.delivery.offer import Upstream
from tests.application.delivery.theatre import body_of


async def a_moment() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class Line:
    """Who wanted a place, and who got one, in order."""

    def __init__(self, places: Places, tasks: Tasks) -> None:
        self.places = places
        self.tasks = tasks
        self.got: list[str] = []

    async def wants(self, *hosts: str) -> list[asyncio.Task[None]]:
        wanting = [self.tasks.start(self._take(host), "taking") for host in hosts]
        await a_moment()
        return wanting

    async def back(self, host: str) -> None:
        self.places.give_back(host)
        await a_moment()

    async def _take(self, host: str) -> None:
        await self.places.take(host)
        self.got.append(host)


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    async with Tasks() as tasks:
        yield tasks


@pytest.mark.parametrize("count, most", [(1, 1), (2, 2), (3, 2), (12, 8), (100, 67)])
async def test_one_host_leaves_some_to_the_others(tasks: Tasks, count: int, most: int) -> None:
    line = Line(Places(count), tasks)
    await line.wants(*["slow"] * (count + 5))
    assert len(line.got) == most


async def test_a_host_that_has_none_waits_for_nobody_while_one_is_free(tasks: Tasks) -> None:
    line = Line(Places(12), tasks)
    await line.wants(*["slow"] * 30, *["slower"] * 30, "fast")
    assert Counter(line.got) == {"slow": 8, "slower": 3, "fast": 1}


async def test_lines_are_served_in_turn(tasks: Tasks) -> None:
    line = Line(Places(1), tasks)
    await line.wants(*["slow"] * 4, *["fast"] * 2, "other")
    for _ in range(6):
        await line.back(line.got[-1])
    assert line.got == ["slow", "slow", "fast", "other", "slow", "fast", "slow"]


async def test_who_leaves_the_line_or_the_place_at_the_same_moment_takes_none(tasks: Tasks) -> None:
    line = Line(Places(1), tasks)
    _, second, third, _ = await line.wants("a", "a", "b", "c")
    third.cancel()
    line.places.give_back("a")  # second has it now, and does not know yet
    second.cancel()
    await a_moment()
    assert line.got == ["a", "c"]
    await line.back("c")
    assert line.places.roomy
    await line.wants("a")
    assert line.got == ["a", "c", "a"]


async def test_there_is_room_for_nothing_unasked_while_somebody_waits_or_half_is_taken(tasks: Tasks) -> None:
    line, roomy = Line(Places(4), tasks), []
    for wanted in (1, 1, 9):
        await line.wants(*["a"] * wanted)
        roomy.append(line.places.roomy)
    assert roomy == [True, False, False]


# ---------------------------------------------------------------- with slices


SLICE = 32_768
FILM = bytes(range(256)) * 128 * 20
"""Of 20 slices."""


class SlowFetch(Fetch):
    """Another fetch, in which hosts that are called slow send a piece, and the rest when they may."""

    def __init__(self, inner: MemoryFetch) -> None:
        self.inner = inner
        self.may_send = asyncio.Event()
        self.open: Counter[str] = Counter()

    async def fetch(self, request: FetchRequest) -> FetchResponse:
        return await self.inner.fetch(request)

    @asynccontextmanager
    async def stream(self, request: StreamRequest) -> AsyncIterator[FetchStream]:
        self.open[request.url] += 1
        async with self.inner.stream(request) as stream:
            yield _Slowly(stream, self.may_send) if "slow" in request.url else stream


class _Slowly(FetchStream):
    def __init__(self, inner: FetchStream, may_send: asyncio.Event) -> None:
        self.status, self.headers, self.url = inner.status, inner.headers, inner.url
        self._inner = inner
        self._may_send = may_send

    async def chunks(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner.chunks():
            yield chunk
            await self._may_send.wait()


async def test_a_slow_host_with_many_slices_keeps_no_slice_of_a_fast_one_waiting(tasks: Tasks) -> None:
    memory, urls = MemoryFetch(), [f"https://{host}.test/film" for host in ("slow", "fast")]
    for url in urls:
        memory.answers(url, FILM, headers={"etag": '"one"', "content-type": "video/mp4"})
    fetch = SlowFetch(memory)
    limits = SliceLimits(slice_bytes=SLICE, in_flight_bytes=SLICE * 32)
    assert limits.places == 12
    media = SlicedMedia(fetch, MemoryClock(), MemorySliceStore(1 << 20), limits)
    tasks.start(media.run(), "media")

    async def read(url: str, index: int) -> bytes:
        wanted = f"bytes={index * SLICE}-{(index + 1) * SLICE - 1}"
        return await body_of(await media.open(Upstream(url), MediaRequest(range=wanted)))

    slow, fast = urls
    async with asyncio.TaskGroup() as group:
        reading = [group.create_task(read(slow, index)) for index in range(10)]
        await a_moment()
        more = [group.create_task(read(slow, index)) for index in range(4)]
        await a_moment()
        assert fetch.open[slow] == 8
        for index in range(16):
            assert await read(fast, index) == FILM[index * SLICE : (index + 1) * SLICE]
        assert not any(one.done() for one in (*reading, *more))
        fetch.may_send.set()
    assert [one.result() for one in reading[:3]] == [FILM[index * SLICE : (index + 1) * SLICE] for index in range(3)]
    asked = Counter(request.headers["range"] for request in memory.requests if request.url == slow)
    assert set(asked.values()) == {1}
