"""What is counted of calls to other servers, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.aiohttp.metered import Calls, CallTally, MeteredFetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.application.ports.fetch import FetchRequest, StreamRequest
from synctv.domain.errors import NotFound, UpstreamFailed, UpstreamTimeout
from tests.adapters.aiohttp.site import Site, site

BODY = bytes(100_000)


@pytest.fixture
async def local() -> AsyncIterator[Site]:
    async with site(BODY) as local:
        yield local


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
async def fetch(local: Site, calls: Calls) -> AsyncIterator[MeteredFetch]:
    async with aiohttp_fetch(EgressPolicy.of([f"127.0.0.1:{local.port}"])) as fetch:
        yield calls.metered(fetch, MemoryClock(), "alist")


@pytest.fixture
def tally(calls: Calls) -> CallTally:
    return calls.of("alist")


async def test_an_answer_is_counted_with_its_bytes(local: Site, fetch: MeteredFetch, tally: CallTally) -> None:
    await fetch.fetch(FetchRequest(f"{local.origin}/file"))
    await fetch.fetch(FetchRequest(f"{local.origin}/missing"))
    await fetch.fetch(FetchRequest(f"{local.origin}/broken"))
    assert tally.outcomes == {"ok": 1, "upstream_not_found": 1, "upstream_unavailable": 1}
    assert tally.received_bytes == len(BODY) + 4
    assert tally.running == 0


async def test_no_answer_is_counted_as_what_it_means(local: Site, fetch: MeteredFetch, tally: CallTally) -> None:
    with pytest.raises(UpstreamTimeout):
        await fetch.fetch(FetchRequest(f"{local.origin}/silent", timeout=0.05))
    with pytest.raises(UpstreamFailed):
        await fetch.fetch(FetchRequest("http://127.0.0.1:1/"))
    assert tally.outcomes == {"upstream_timeout": 1, "upstream_refused": 1}


async def test_a_body_is_counted_as_it_is_read(local: Site, fetch: MeteredFetch, tally: CallTally) -> None:
    async with fetch.stream(StreamRequest(f"{local.origin}/file")) as stream:
        assert tally.running == 1
        assert tally.received_bytes == 0
        assert b"".join([chunk async for chunk in stream.chunks()]) == BODY
    assert (tally.running, tally.received_bytes, tally.outcomes) == (0, len(BODY), {"ok": 1})


async def test_a_body_that_breaks_off_is_a_failure(local: Site, fetch: MeteredFetch, tally: CallTally) -> None:
    async def read() -> None:
        async with fetch.stream(StreamRequest(f"{local.origin}/short")) as stream:
            async for _ in stream.chunks():
                pass

    with pytest.raises(UpstreamFailed):
        await read()
    assert tally.outcomes == {"upstream_failed": 1}


async def test_what_becomes_of_an_answer_afterwards_is_nothing_to_count(
    local: Site, fetch: MeteredFetch, tally: CallTally
) -> None:
    with pytest.raises(NotFound):
        async with fetch.stream(StreamRequest(f"{local.origin}/file")):
            raise NotFound("film")
    assert tally.outcomes == {"ok": 1}


async def test_who_leaves_before_the_answer_is_told_apart(local: Site, fetch: MeteredFetch, tally: CallTally) -> None:
    waiting = asyncio.ensure_future(fetch.fetch(FetchRequest(f"{local.origin}/silent")))  # noqa: TID251 - cancelled below
    while not local.seen:
        await asyncio.sleep(0.01)
    assert tally.running == 1
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert (tally.running, tally.outcomes) == (0, {"abandoned": 1})


async def test_the_time_until_an_answer_is_summed_up(calls: Calls) -> None:
    clock = MemoryClock()
    async with site(BODY) as local, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as inner:
        fetch = calls.metered(inner, clock, "live")
        async with fetch.stream(StreamRequest(f"{local.origin}/endless")):
            clock.advance(60)  # how long a body is watched is no answering time
        waiting = asyncio.ensure_future(fetch.fetch(FetchRequest(f"{local.origin}/silent")))  # noqa: TID251 - cancelled below
        while len(local.seen) < 2:
            await asyncio.sleep(0.01)
        clock.advance(2)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert calls.by_caller()["live"].seconds == 2.0
