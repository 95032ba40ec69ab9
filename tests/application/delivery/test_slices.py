"""Media handed on in slices, from a server at a real socket, in good times."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from synctv.application.delivery.answer import MediaRequest
from tests.application.delivery.media_server import Exchange, Film
from tests.application.delivery.theatre import SLICE, Theatre, body_of, piece_of, theatre

LENGTH = SLICE * 5 + 1_234


@pytest.fixture
async def stage() -> AsyncIterator[Theatre]:
    async with theatre(Film(LENGTH)) as opened:
        yield opened


@pytest.mark.parametrize(
    "asked, start, end",
    [
        ("bytes=0-99", 0, 100),
        (f"bytes={SLICE - 10}-{SLICE + 9}", SLICE - 10, SLICE + 10),
        (f"bytes={LENGTH - 5}-", LENGTH - 5, LENGTH),
        ("bytes=-7", LENGTH - 7, LENGTH),
        (f"bytes=100-{LENGTH * 2}", 100, LENGTH),
        ("bytes=0-", 0, LENGTH),
    ],
)
async def test_a_range_is_answered_with_exactly_its_bytes(stage: Theatre, asked: str, start: int, end: int) -> None:
    answer = await stage.open(range=asked)
    assert answer.status == 206
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{LENGTH}"
    assert answer.headers["content-length"] == str(end - start)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["etag"] == '"one"'
    assert await body_of(answer) == stage.film.body[start:end]


async def test_without_a_range_everything_comes(stage: Theatre) -> None:
    answer = await stage.open()
    assert (answer.status, answer.headers["content-length"]) == (200, str(LENGTH))
    assert answer.headers["accept-ranges"] == "bytes"
    assert await body_of(answer) == stage.film.body


async def test_several_ranges_come_as_parts_of_the_announced_length(stage: Theatre) -> None:
    answer = await stage.open(range=f"bytes=0-9,{SLICE * 3}-{SLICE * 3 + 4},-3")
    body = await body_of(answer)
    assert answer.status == 206
    assert len(body) == int(answer.headers["content-length"])
    boundary = answer.headers["content-type"].removeprefix("multipart/byteranges; boundary=").encode()
    parts = body.split(b"\r\n--" + boundary)
    assert [part.partition(b"\r\n\r\n")[2] for part in parts[1:-1]] == [
        stage.film.body[:10],
        stage.film.body[SLICE * 3 : SLICE * 3 + 5],
        stage.film.body[-3:],
    ]
    assert parts[-1] == b"--\r\n"


async def test_a_range_past_the_end_is_refused_with_the_length(stage: Theatre) -> None:
    for start in (LENGTH * 9, LENGTH):
        answer = await stage.open(range=f"bytes={start}-")
        assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{LENGTH}")
        assert answer.body is None


async def test_a_malformed_range_or_one_of_another_unit_is_ignored(stage: Theatre) -> None:
    for asked in ("bytes=9-1", "lines=1-2", "bytes=a-b", "bytes="):
        answer = await stage.open(range=asked)
        assert answer.status == 200
        await answer.aclose()


async def test_a_head_has_the_headers_and_no_body(stage: Theatre) -> None:
    answer = await stage.open(method="HEAD")
    assert (answer.status, answer.headers["content-length"], answer.body) == (200, str(LENGTH), None)
    answer = await stage.open(method="HEAD", range="bytes=0-9")
    assert (answer.status, answer.headers["content-length"], answer.body) == (206, "10", None)


async def test_a_viewer_who_has_it_is_told_so(stage: Theatre) -> None:
    assert (await stage.open(if_none_match='"other", W/"one"')).status == 304
    assert (await stage.open(if_match='"other"')).status == 412


async def test_a_range_of_another_version_becomes_everything(stage: Theatre) -> None:
    answer = await stage.open(range="bytes=0-9", if_range='"older"')
    assert answer.status == 200
    await answer.aclose()


async def test_what_was_read_once_is_not_fetched_again(stage: Theatre) -> None:
    await stage.read()
    before = list(stage.server.asked)
    assert await stage.read(range="bytes=5-") == stage.film.body[5:]
    assert stage.server.asked == before


async def test_only_slices_are_asked_for_and_nothing_of_the_viewer_is_told(stage: Theatre) -> None:
    await stage.read(range=f"bytes={SLICE + 5}-{SLICE + 6}", if_range='"one"')
    assert stage.server.asked == [(SLICE, SLICE * 2)]
    told = stage.server.seen[0].headers
    assert told["accept-encoding"] == "identity"
    assert "if-range" not in told


async def test_fifty_viewers_of_one_film_cause_each_slice_to_be_fetched_once(stage: Theatre) -> None:
    bodies = await asyncio.gather(*(stage.read(range="bytes=0-") for _ in range(50)))
    assert set(bodies) == {stage.film.body}
    assert sorted(start for start, _ in stage.ranges) == [index * SLICE for index in range(6)]


async def test_neighbours_read_a_slice_while_it_is_being_filled(stage: Theatre) -> None:
    async with halted(stage) as going_on:
        first, second = await stage.open(range="bytes=0-9999"), await stage.open(range="bytes=500-9999")
        assert await piece_of(first) == stage.film.body[:1_000]
        assert await piece_of(second) == stage.film.body[500:1_000]
        assert len(stage.server.asked) == 1
        going_on.set()
        assert await body_of(first) == stage.film.body[1_000:10_000]
        assert await body_of(second) == stage.film.body[1_000:10_000]


async def test_a_fill_goes_on_when_one_of_its_viewers_leaves(stage: Theatre) -> None:
    async with halted(stage) as going_on:
        leaving, staying = await stage.open(range="bytes=0-9999"), await stage.open(range="bytes=0-9999")
        assert leaving.body is not None
        await anext(leaving.body)
        await leaving.aclose()
        going_on.set()
        assert await body_of(staying) == stage.film.body[:10_000]
    assert len(stage.server.asked) == 1


async def test_a_fill_that_nobody_waits_for_any_more_is_given_up(stage: Theatre) -> None:
    async with halted(stage) as going_on:
        answer = await stage.open(range="bytes=0-9")
        assert answer.body is not None
        await anext(answer.body)
        await answer.aclose()
        await stage.quiet()
        assert stage.media.tally.abandoned_fills == 1
        going_on.set()
    assert await stage.read(range="bytes=0-9") == stage.film.body[:10]


async def test_a_thing_without_bytes_is_empty() -> None:
    async with theatre(Film(0)) as stage:
        answer = await stage.open()
        assert (answer.status, answer.headers["content-length"]) == (200, "0")
        assert (await stage.open(range="bytes=0-")).status == 416


async def test_a_second_film_does_not_answer_for_the_first(stage: Theatre) -> None:
    await stage.read()
    stage.server.film = Film(LENGTH, seed=7, etag='"two"')
    assert await stage.read(key="another") == stage.server.film.body


async def test_a_request_knows_its_conditions() -> None:
    assert MediaRequest(if_match='"a"').conditions.if_match == '"a"'


@asynccontextmanager
async def halted(stage: Theatre) -> AsyncIterator[asyncio.Event]:
    """Lets each answer stop after its first thousand bytes until the event is set."""
    going_on = asyncio.Event()

    async def halting(exchange: Exchange) -> None:
        body = await exchange.part()
        await exchange.send(body[:1_000])
        await going_on.wait()
        await exchange.send(body[1_000:])

    stage.server.behaviour = halting
    try:
        yield going_on
    finally:
        going_on.set()
