"""Playlists, subtitles and comments are fetched whole, by what the provider said and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import AiohttpFetch, aiohttp_fetch
from synctv.adapters.danmaku.reader import TextDanmakuReader
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.subtitles.converter import TextSubtitleConverter
from synctv.application.delivery.documents import DocumentKind, Documents
from synctv.application.delivery.playlists import with_low_latency
from synctv.application.delivery.texts import FRESH_SECONDS, Texts
from synctv.application.limits.portions import AT_ONCE, Portions
from synctv.application.realtime.tasks import Tasks
from synctv.domain.delivery.offer import Upstream
from synctv.domain.errors import TooManyCalls, UpstreamFormat, UpstreamMissing, UpstreamRefused, UpstreamTimeout
from tests.application.delivery.media_server import Exchange, Film, MediaServer, media_server

LIST = DocumentKind("list", 1 << 20, seconds=5.0)
SUBTITLE = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    film = Film(0)
    film.body = SUBTITLE
    film.length = len(SUBTITLE)
    async with media_server(film) as server:
        yield server


@pytest.fixture
async def fetch() -> AsyncIterator[AiohttpFetch]:
    async with aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        yield fetch


@pytest.fixture
def documents(fetch: AiohttpFetch) -> Documents:
    return Documents(fetch, Portions(), MemoryClock())


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def texts(fetch: AiohttpFetch, clock: MemoryClock) -> Texts:
    return Texts(fetch, Portions(), TextSubtitleConverter(), TextDanmakuReader(), clock)


def status(code: int) -> object:
    async def behave(exchange: Exchange) -> None:
        await exchange.head(code, content_length=0)

    return behave


async def never() -> Upstream:
    raise AssertionError("Nobody should have asked for a later address.")


async def test_what_is_asked_for_and_how_is_not_the_providers_to_say(server: MediaServer, documents: Documents) -> None:
    odd = {
        "Range": "bytes=0-3",
        "Accept-Encoding": "gzip",
        "If-None-Match": '"one"',
        "Host": "inside.lan",
        "X-Own": "1",
    }
    answer = await documents.get(LIST, Upstream(server.url, odd), "ada")
    assert answer.body == SUBTITLE
    told = server.seen[0].headers
    assert not {"range", "if-none-match"} & told.keys()
    assert (told["accept-encoding"], told["x-own"]) == ("identity", "1")
    assert told["host"] == f"127.0.0.1:{server.port}"


async def test_a_later_address_is_asked_for_once(server: MediaServer, documents: Documents) -> None:
    server.behaviour = status(403)  # type: ignore[assignment]
    asked = 0

    async def renew() -> Upstream:
        nonlocal asked
        asked += 1
        return Upstream(server.url)

    with pytest.raises(UpstreamRefused):
        await documents.get(LIST, Upstream(server.url), "ada", renew)
    assert (asked, len(server.seen)) == (1, 2)


async def test_without_a_later_address_the_status_is_the_answer(server: MediaServer, documents: Documents) -> None:
    server.behaviour = status(404)  # type: ignore[assignment]
    with pytest.raises(UpstreamMissing):
        await documents.get(LIST, Upstream(server.url), "ada")


@pytest.mark.parametrize("url", ["ftp://films.test/list", "http://me:secret@films.test/", "http://x/" + "y" * 9_000])
async def test_an_address_that_can_not_be_called_is_the_upstreams_fault(documents: Documents, url: str) -> None:
    with pytest.raises(UpstreamFormat, match="can't be called") as caught:
        await documents.get(LIST, Upstream(url), "ada")
    assert "secret" not in str(caught.value)


async def test_a_document_that_drips_is_given_up(server: MediaServer, documents: Documents) -> None:
    async def dripping(exchange: Exchange) -> None:
        await exchange.head(200)
        while not exchange.closing.is_set():
            await exchange.send(b".")
            await asyncio.sleep(0.01)

    server.behaviour = dripping
    with pytest.raises(UpstreamTimeout, match=r"within 0\.2 s"):
        await documents.get(DocumentKind("list", 1 << 20, seconds=0.2), Upstream(server.url), "ada")


async def test_a_text_is_converted_once_for_all_and_kept_for_a_while(
    server: MediaServer, texts: Texts, clock: MemoryClock
) -> None:
    asking = [texts.subtitle(Upstream(server.url), "srt", "ada", never) for _ in range(20)]
    assert len(set(await asyncio.gather(*asking))) == 1
    clock.advance(FRESH_SECONDS - 1)
    assert b"Hello" in await texts.subtitle(Upstream(server.url), "srt", "ada", never)
    assert len(server.seen) == 1
    clock.advance(1)
    await texts.subtitle(Upstream(server.url), "srt", "ada", never)
    assert len(server.seen) == 2


async def test_who_asks_for_a_text_first_and_leaves_does_not_take_it_from_the_others(
    server: MediaServer, texts: Texts
) -> None:
    may_answer = asyncio.Event()

    async def slow(exchange: Exchange) -> None:
        await may_answer.wait()
        await exchange.honest()

    server.behaviour = slow
    async with asyncio.TaskGroup() as group:
        first = group.create_task(texts.subtitle(Upstream(server.url), None, "ada", never))
        while not server.seen:
            await asyncio.sleep(0.01)
        others = [group.create_task(texts.subtitle(Upstream(server.url), None, "ada", never)) for _ in range(5)]
        await asyncio.sleep(0)
        first.cancel()
        may_answer.set()
    assert all(b"Hello" in task.result() for task in others)


async def test_the_same_address_as_a_subtitle_and_as_comments_is_not_the_same(
    server: MediaServer, texts: Texts
) -> None:
    server.film.body = b'<i><d p="1,1,25,255,0,0,0,0">Hi</d></i>'
    server.film.length = len(server.film.body)
    assert b'"text":"Hi"' in await texts.danmaku(Upstream(server.url), None, "ada", never)
    with pytest.raises(UpstreamFormat):
        await texts.subtitle(Upstream(server.url), None, "ada", never)


async def test_comments_with_half_a_character_break_nothing(server: MediaServer, texts: Texts) -> None:
    server.film.body = b'{"comments": [{"p": "1.00,1,255,x", "m": "\\ud83d"}], "count": 1}'
    server.film.length = len(server.film.body)
    assert (await texts.danmaku(Upstream(server.url), None, "ada", never)).decode()


@pytest.mark.parametrize(
    "query, added",
    [
        ("", ""),
        ("_HLS_msn=7", "&_HLS_msn=7"),
        ("_HLS_msn=7&_HLS_part=0&_HLS_skip=v2", "&_HLS_msn=7&_HLS_part=0&_HLS_skip=v2"),
        ("_HLS_msn=7&token=x", "&_HLS_msn=7"),
        ("_HLS_msn=&_HLS_msn=-1&_HLS_msn=1%26a=b&_HLS_msn=٣&_HLS_skip=NO&_HLS_msn=123456789012", ""),
        ("_hls_msn=7&x_HLS_msn=7", ""),
    ],
)
def test_only_directives_of_low_latency_are_added(query: str, added: str) -> None:
    upstream = Upstream("https://live.test/list?a=1", {"X-Own": "1"}, "channel")
    asked = with_low_latency(upstream, query)
    assert (asked.url, asked.headers) == (f"https://live.test/list?a=1{added}", upstream.headers)
    assert (asked.identity == upstream.identity) == (not added)
    assert asked.identity.startswith("channel")


async def test_the_hanging_servers_of_one_person_keep_nobody_else(documents: Documents, server: MediaServer) -> None:
    async def hang(exchange: Exchange) -> None:
        await exchange.hang()

    async def call(url: str) -> None:
        with suppress(TooManyCalls, UpstreamTimeout):
            await documents.get(LIST, Upstream(url), "mallory")

    async with AsyncExitStack() as stack:
        hanging = [await stack.enter_async_context(media_server(Film(0), hang)) for _ in range(12)]
        tasks = await stack.enter_async_context(Tasks())
        for number in range(144):  # more than there are connections, and no more to each host than there may be
            tasks.start(call(hanging[number % 12].url), "hanging")
        while sum(one.open for one in hanging) < AT_ONCE:
            await asyncio.sleep(0.01)
        assert (await documents.get(LIST, Upstream(server.url), "alice")).body == SUBTITLE
        assert sum(one.open for one in hanging) == AT_ONCE
