"""What a viewer gets when the upstream lies, breaks off, stalls, changes its mind or is gone: real sockets."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable

import pytest

from synctv.application.delivery.answer import MediaAnswer, MediaRequest
from synctv.application.ports.slices import buffer_of
from synctv.domain.delivery.offer import Upstream
from synctv.domain.errors import (
    DomainError,
    Unavailable,
    UpstreamChanged,
    UpstreamCredential,
    UpstreamFailed,
    UpstreamFormat,
    UpstreamLimited,
    UpstreamMissing,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from tests.application.delivery.media_server import Behaviour, Exchange, Film, honest
from tests.application.delivery.theatre import SLICE, Theatre, body_of, theatre

LENGTH = SLICE * 4 + 99


@pytest.fixture
async def stage() -> AsyncIterator[Theatre]:
    async with theatre(Film(LENGTH)) as opened:
        yield opened


def once(bad: Behaviour, at: int = 0) -> Behaviour:
    """Behaves so at one request, and well at every other."""

    async def behave(exchange: Exchange) -> None:
        await (bad(exchange) if exchange.number == at else exchange.honest())

    return behave


def status(code: int, **headers: object) -> Behaviour:
    async def behave(exchange: Exchange) -> None:
        await exchange.head(code, content_length=0, **headers)

    return behave


async def ignoring(exchange: Exchange) -> None:
    """Sends everything, whatever is asked for."""
    await exchange.head(200, content_length=exchange.film.length)
    await exchange.send(exchange.film.body)


async def breaking_off(exchange: Exchange) -> None:
    body = await exchange.part()
    await exchange.send(body[:30_000])


async def stalling(exchange: Exchange) -> None:
    body = await exchange.part()
    await exchange.send(body[:30_000])
    await exchange.hang()


# ---------------------------------------------------------------- statuses


@pytest.mark.parametrize(
    "code, error",
    [
        (401, UpstreamCredential),
        (403, UpstreamRefused),
        (404, UpstreamMissing),
        (410, UpstreamMissing),
        (418, UpstreamFailed),
        (500, UpstreamUnavailable),
        (503, UpstreamUnavailable),
    ],
)
async def test_a_status_is_the_error_that_it_means(stage: Theatre, code: int, error: type[DomainError]) -> None:
    stage.server.behaviour = status(code)
    with pytest.raises(error):
        await stage.open(range="bytes=0-")
    stage.server.behaviour = honest
    assert await stage.read(range="bytes=0-9") == stage.film.body[:10]


async def test_one_that_is_asked_too_often_says_for_how_long(stage: Theatre) -> None:
    stage.server.behaviour = status(429, retry_after=7)
    with pytest.raises(UpstreamLimited) as caught:
        await stage.open()
    assert caught.value.retry_after == 7


async def test_an_error_in_the_middle_ends_the_body_with_it(stage: Theatre) -> None:
    stage.server.behaviour = once(status(503), at=2)
    got, error = await until_error(await stage.open(range="bytes=0-"))
    assert isinstance(error, UpstreamUnavailable)
    assert got == stage.film.body[: SLICE * 2]


async def test_all_who_wait_for_a_slice_learn_why_it_does_not_come(stage: Theatre) -> None:
    stage.server.behaviour = status(404)
    found = await asyncio.gather(*(stage.open(range="bytes=0-") for _ in range(5)), return_exceptions=True)
    assert [type(one) for one in found] == [UpstreamMissing] * 5
    assert len(stage.server.asked) == 1


async def test_nobody_at_the_address_is_an_error() -> None:
    async with theatre(Film(10)) as stage:
        stage.server.port = 1
        with pytest.raises(UpstreamFailed):
            await stage.open()


# ---------------------------------------------------------------- addresses that run out


@pytest.mark.parametrize("code", [401, 403, 404, 410])
async def test_an_address_that_has_run_out_is_resolved_anew_without_the_viewer_noticing(
    stage: Theatre, code: int
) -> None:
    stage.server.behaviour = once(status(code), at=2)
    renewed: list[int] = []

    async def renew() -> Upstream:
        renewed.append(1)
        return Upstream(f"{stage.server.url}?signed=again")

    assert await stage.read(range="bytes=0-", renew=renew, key="film") == stage.film.body
    assert len(renewed) == 1
    assert stage.server.seen[-1].path == "/film.mp4?signed=again"


async def test_an_address_that_is_no_good_when_resolved_anew_is_an_error(stage: Theatre) -> None:
    stage.server.behaviour = status(403)

    async def renew() -> Upstream:
        return Upstream(f"{stage.server.url}?signed=again")

    with pytest.raises(UpstreamRefused):
        await stage.open(renew=renew)
    assert len(stage.server.asked) == 2


def page(code: int, media_type: str) -> Behaviour:
    """What servers send in the place of media, with a status that says that all is well."""

    async def behave(exchange: Exchange) -> None:
        said = b'{"code":401,"message":"sign expired"}'
        ranged = {"content_range": f"bytes 0-{len(said) - 1}/{len(said)}"} if code == 206 else {}
        await exchange.head(code, content_type=media_type, content_length=len(said), **ranged)
        await exchange.send(said)

    return behave


@pytest.mark.parametrize(
    "code, media_type",
    [(200, "application/json; charset=utf-8"), (206, "Application/JSON"), (200, "text/html"), (206, "text/html")],
)
async def test_a_page_in_the_place_of_media_is_an_address_that_has_run_out(
    stage: Theatre, code: int, media_type: str
) -> None:
    async def behave(exchange: Exchange) -> None:
        await (exchange.honest() if "signed=again" in exchange.path else page(code, media_type)(exchange))

    async def renew() -> Upstream:
        return Upstream(f"{stage.server.url}?signed=again", key="film")

    stage.server.behaviour = behave
    assert await stage.read(range="bytes=0-", renew=renew, key="film") == stage.film.body
    assert len(stage.server.seen) == 1 + len([one for one in stage.server.seen if "signed=again" in one.path])


@pytest.mark.parametrize("code", [200, 206])
@pytest.mark.parametrize("renewable", [True, False])
async def test_a_page_is_never_handed_on_nor_kept(stage: Theatre, code: int, renewable: bool) -> None:
    async def renew() -> Upstream:
        return Upstream(f"{stage.server.url}?signed=again", key="film")

    stage.server.behaviour = page(code, "application/json")
    with pytest.raises(UpstreamFormat, match="a page in the place of media"):
        await stage.open(range="bytes=0-5", key="film", renew=renew if renewable else None)
    await stage.quiet()
    assert len(stage.server.seen) == (2 if renewable else 1)
    assert stage.media.store is not None
    assert stage.media.store.stats().slices == 0
    stage.server.behaviour = honest
    assert await stage.read(range="bytes=0-9", key="film") == stage.film.body[:10]


async def test_what_is_no_media_may_say_that_it_is_a_page(stage: Theatre) -> None:
    stage.server.behaviour = page(206, "text/html")
    answer = await stage.media.open(Upstream(stage.server.url), MediaRequest(range="bytes=0-36"), any_type=True)
    assert (await body_of(answer)).startswith(b'{"code"')


# ---------------------------------------------------------------- no ranges


@pytest.mark.parametrize("asked", [None, "bytes=5-9", "bytes=-5"])
async def test_an_upstream_that_ignores_ranges_is_handed_on_whole(stage: Theatre, asked: str | None) -> None:
    stage.server.behaviour = ignoring
    for _ in range(2):
        answer = await stage.open(range=asked)
        assert (answer.status, answer.headers["content-length"]) == (200, str(LENGTH))
        assert await body_of(answer) == stage.film.body
    assert stage.media.store is not None
    assert stage.media.store.stats().slices == 0


async def test_a_stream_of_unknown_length_is_handed_on_until_it_ends(stage: Theatre) -> None:
    async def live(exchange: Exchange) -> None:
        await exchange.head(200)
        for _ in range(5):
            await exchange.send(bytes(1_000))

    stage.server.behaviour = live
    answer = await stage.open(range="bytes=0-")
    assert (answer.status, answer.headers.get("content-length")) == (200, None)
    assert await body_of(answer) == bytes(5_000)


async def test_an_endless_body_is_read_no_faster_than_the_viewer_takes_it(stage: Theatre) -> None:
    sent = 0

    async def endless(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.head(200)
        while True:
            await exchange.send(bytes(65_536))
            sent += 65_536

    stage.server.behaviour = endless
    answer = await stage.open()
    assert answer.body is not None
    await anext(answer.body)
    before = -1
    while before != sent:
        before = sent
        await asyncio.sleep(0.1)
    await answer.aclose()
    assert sent < 20 << 20  # what the sockets of this machine hold


async def test_one_whose_length_nobody_knows_has_no_slices(stage: Theatre) -> None:
    async def behave(exchange: Exchange) -> None:
        if exchange.asked is None:
            await exchange.head(200)
            await exchange.send(exchange.film.body)
        else:
            await exchange.send(await exchange.part(content_range="bytes 0-65535/*"))

    stage.server.behaviour = behave
    for asked in ("bytes=0-", "bytes=100-", "bytes=-5", None):
        assert await stage.read(range=asked) == stage.film.body


# ---------------------------------------------------------------- lies


@pytest.mark.parametrize(
    "headers",
    [
        {"content_range": None},
        {"content_range": "bytes"},
        {"content_range": "bytes 5-4/10"},
        {"content_range": f"bytes 1-{SLICE}/{LENGTH}"},
        {"content_range": f"bytes 0-{SLICE}/{LENGTH}"},
        {"content_range": "bytes 0-65535/100"},
        {"content_range": f"bytes 0-65535/{'9' * 40}"},
        {"content_length": SLICE - 1},
        {"content_encoding": "gzip"},
    ],
)
async def test_a_part_that_contradicts_itself_is_refused(stage: Theatre, headers: dict[str, object]) -> None:
    async def lying(exchange: Exchange) -> None:
        body = await exchange.part(**headers)
        packed = headers.get("content_encoding")
        await exchange.send(gzip.compress(body) if packed else body)

    stage.server.behaviour = lying
    with pytest.raises(UpstreamFailed):
        await stage.open(range="bytes=0-9")


async def test_more_bytes_than_announced_are_refused(stage: Theatre) -> None:
    async def generous(exchange: Exchange) -> None:
        body = await exchange.part(content_length=None)
        await exchange.send(body + b"more")

    stage.server.behaviour = generous
    _, error = await until_error(await stage.open(range="bytes=0-"))
    assert isinstance(error, UpstreamFormat)


async def test_an_endless_part_is_ended(stage: Theatre) -> None:
    async def endless(exchange: Exchange) -> None:
        await exchange.part(content_length=None)
        while True:
            await exchange.send(bytes(65_536))

    stage.server.behaviour = endless
    _, error = await until_error(await stage.open(range="bytes=0-"))
    assert isinstance(error, UpstreamFormat)


@pytest.mark.parametrize("media_type", ["text/html+x", "text/javascript", "image/svg+xml", "application/xml"])
async def test_what_a_browser_could_run_is_sent_as_nothing_but_bytes(media_type: str) -> None:
    async with theatre(Film(100, media_type=media_type)) as stage:
        answer = await stage.open()
        assert answer.headers["content-type"] == "application/octet-stream"
        await answer.aclose()


# ---------------------------------------------------------------- breaking off


@pytest.mark.parametrize("bad", [breaking_off, stalling])
async def test_an_answer_that_breaks_off_or_stalls_is_gone_on_with_once(stage: Theatre, bad: Behaviour) -> None:
    stage.server.behaviour = once(bad, at=1)
    assert await stage.read(range="bytes=0-") == stage.film.body
    assert sorted(stage.ranges)[:3] == [(0, SLICE), (SLICE, SLICE * 2), (SLICE + 30_000, SLICE * 2)]
    assert len(stage.ranges) == 6


@pytest.mark.parametrize("bad, error", [(breaking_off, UpstreamFailed), (stalling, UpstreamTimeout)])
async def test_one_that_breaks_off_again_is_the_end(stage: Theatre, bad: Behaviour, error: type[DomainError]) -> None:
    stage.server.behaviour = bad
    got, found = await until_error(await stage.open(range="bytes=0-"))
    assert isinstance(found, error)
    assert got == stage.film.body[:60_000]


async def test_a_whole_that_breaks_off_is_gone_on_with_where_parts_can_be_had() -> None:
    async def short(exchange: Exchange) -> None:
        await exchange.head(200, content_length=exchange.film.length)
        await exchange.send(exchange.film.body[:50_000])

    async with theatre(Film(LENGTH), once(short), cached=False) as stage:
        assert await stage.read() == stage.film.body
        assert stage.server.asked == [None, (50_000, LENGTH)]


async def test_a_slow_drip_is_passed_on_as_it_comes(stage: Theatre) -> None:
    async def dripping(exchange: Exchange) -> None:
        for byte in (await exchange.part())[:20]:
            await exchange.send(bytes([byte]))
            await asyncio.sleep(0.01)
        await exchange.hang()

    stage.server.behaviour = dripping
    assert await stage.read(range="bytes=0-19") == stage.film.body[:20]


# ---------------------------------------------------------------- other versions


@pytest.mark.parametrize(
    "newer",
    [Film(LENGTH, seed=1, etag='"two"'), Film(LENGTH, 1, modified="Fri, 02 Jan 2026 00:00:00 GMT"), Film(LENGTH + 1)],
)
async def test_bytes_of_two_versions_are_never_mixed(stage: Theatre, newer: Film) -> None:
    answer = await stage.open(range="bytes=0-")
    assert answer.body is not None
    while stage.media.tally.fills < 2 or stage.media.fills_in_flight:
        await asyncio.sleep(0.01)
    old = stage.film
    stage.server.film = newer
    got, error = await until_error(answer)
    assert isinstance(error, UpstreamChanged)
    assert old.body.startswith(got)
    assert await stage.read(range="bytes=0-") == newer.body


async def test_an_answer_is_not_gone_on_with_in_another_version(stage: Theatre) -> None:
    async def replaced(exchange: Exchange) -> None:
        body = await exchange.part()
        stage.server.film = Film(LENGTH, seed=1, etag='"two"')
        await exchange.send(body[:30_000])

    stage.server.behaviour = once(replaced)
    old = stage.film
    got, error = await until_error(await stage.open(range="bytes=0-"))
    assert isinstance(error, UpstreamChanged)
    assert got == old.body[:30_000]


@pytest.mark.parametrize("newer", [Film(LENGTH, seed=1, etag='"two"'), Film(LENGTH - 1, seed=1, etag='"one"')])
async def test_what_is_handed_on_uncached_is_not_gone_on_with_in_another_version(newer: Film) -> None:
    async def replaced(exchange: Exchange) -> None:
        body = await exchange.part()
        running.server.film = newer
        await exchange.send(body[:30_000])

    async with theatre(Film(LENGTH), once(replaced), cached=False) as running:
        old = running.film
        got, error = await until_error(await running.open(range="bytes=10-"))
    assert isinstance(error, UpstreamChanged)
    assert got == old.body[10:30_010]


async def test_what_is_fresh_is_not_asked_about_and_what_is_stale_is_once(stage: Theatre) -> None:
    await stage.read()
    asked = len(stage.server.asked)
    stage.clock.advance(59)
    await stage.read()
    assert len(stage.server.asked) == asked
    stage.clock.advance(2)
    await asyncio.gather(*(stage.read() for _ in range(5)))
    await until(lambda: stage.server.asked[asked:] == [(0, 1)])
    await until(lambda: not stage.server.open)
    await stage.read()
    assert len(stage.server.asked) == asked + 1


async def test_a_stale_version_is_served_while_a_newer_one_is_found(stage: Theatre) -> None:
    await stage.read()
    old = stage.film
    stage.server.film = Film(LENGTH, seed=1, etag='"two"')
    stage.clock.advance(61)
    assert await stage.read(range="bytes=0-9") == old.body[:10]
    await until(lambda: stage.server.asked[-1] == (0, 1) and not stage.server.open)
    assert await stage.read() == stage.film.body


async def test_one_that_is_too_old_waits_for_the_upstream(stage: Theatre) -> None:
    await stage.read()
    stage.server.film = Film(LENGTH, seed=1, etag='"two"')
    stage.clock.advance(700)
    assert await stage.read() == stage.film.body


async def test_one_without_validators_is_fetched_anew_when_it_is_no_longer_fresh() -> None:
    async with theatre(Film(LENGTH, etag=None, modified=None)) as stage:
        await stage.read()
        stage.server.film = Film(LENGTH, seed=1, etag=None, modified=None)
        stage.clock.advance(61)
        assert await stage.read() == stage.film.body


async def test_one_that_is_gone_is_served_while_it_may_be_stale(stage: Theatre) -> None:
    await stage.read()
    stage.server.behaviour = status(404)
    stage.clock.advance(61)
    assert await stage.read() == stage.film.body
    stage.clock.advance(700)
    with pytest.raises(UpstreamMissing):
        await stage.open()


# ---------------------------------------------------------------- bounds


async def test_no_more_bodies_are_sent_than_there_is_memory_for() -> None:
    async with theatre(Film(LENGTH), in_flight_bytes=2 * SLICE) as stage:
        opened = [await stage.open(range="bytes=0-9") for _ in range(2)]
        with pytest.raises(Unavailable):
            await stage.open()
        for answer in opened:
            await answer.aclose()
        assert await stage.read() == stage.film.body


async def test_no_more_slices_are_fetched_at_once_than_there_is_memory_for() -> None:
    most = now = 0

    async def counting(exchange: Exchange) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        await exchange.honest()

    async with theatre(Film(SLICE * 40), counting, in_flight_bytes=8 * SLICE) as stage:
        asked = [f"bytes={index * SLICE}-{index * SLICE + 9}" for index in range(8)]
        await asyncio.gather(*(stage.read(range=one) for one in asked))
    assert 1 < most <= 4


async def test_without_a_cache_a_range_is_asked_for_as_it_came() -> None:
    async with theatre(Film(LENGTH), cached=False) as stage:
        answer = await stage.open(range="bytes=100-199")
        assert (answer.status, answer.headers["content-range"]) == (206, f"bytes 100-199/{LENGTH}")
        assert await body_of(answer) == stage.film.body[100:200]
        assert await stage.read(range="bytes=-7") == stage.film.body[-7:]
        assert (await stage.open(range=f"bytes={LENGTH}-")).headers["content-range"] == f"bytes */{LENGTH}"
        assert (await stage.open(if_none_match='"one"')).status == 304
        assert (await stage.open(method="HEAD")).headers["content-length"] == str(LENGTH)
        whole = await stage.open(range="bytes=0-9", if_range='"older"')
        assert whole.status == 200
        assert await body_of(whole) == stage.film.body
        await until(lambda: not stage.server.open)


async def until_error(answer: MediaAnswer) -> tuple[bytes, Exception]:
    """What came, and what it ended with."""
    assert answer.body is not None
    got = bytearray()
    try:
        async for piece in answer.body:
            got += buffer_of(piece)
    except DomainError as error:
        return bytes(got), error
    finally:
        await answer.aclose()
    raise AssertionError("It came to its end.")


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


async def test_who_waits_for_a_slow_upstream_keeps_nobody_from_another(monkeypatch: pytest.MonkeyPatch) -> None:
    async def behave(exchange: Exchange) -> None:
        await (exchange.hang() if "slow" in exchange.path else exchange.honest())

    monkeypatch.setattr("synctv.application.delivery.places.SLOW_SECONDS", 0.05)
    async with theatre(Film(LENGTH), behave, in_flight_bytes=2 * SLICE) as stage, asyncio.TaskGroup() as group:
        slow = Upstream(f"{stage.server.url}?slow")
        waiting = group.create_task(stage.media.open(slow, MediaRequest(range="bytes=0-")))
        while not stage.server.seen:
            await asyncio.sleep(0.01)
        assert await stage.read(range="bytes=0-") == stage.film.body
        assert not waiting.done()
        waiting.cancel()


async def test_who_waited_for_a_slow_upstream_has_a_place_again_when_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = asyncio.Event()

    async def behave(exchange: Exchange) -> None:
        if "slow" in exchange.path:
            await begin.wait()
        await exchange.honest()

    monkeypatch.setattr("synctv.application.delivery.places.SLOW_SECONDS", 0.0)
    async with theatre(Film(LENGTH), behave, in_flight_bytes=2 * SLICE) as stage, asyncio.TaskGroup() as group:
        slow = Upstream(f"{stage.server.url}?slow")
        waiting = group.create_task(stage.media.open(slow, MediaRequest(range="bytes=0-")))
        while not stage.server.seen:
            await asyncio.sleep(0.01)
        begin.set()
        for found in await asyncio.gather(body_of(await waiting), stage.read(range="bytes=0-")):
            assert found == stage.film.body
