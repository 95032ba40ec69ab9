"""What viewers get when an upstream fails, lies, floods or leads elsewhere: the whole server over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator

import pytest

from synctv.application.delivery import playlists as playlists_module
from synctv.application.delivery.documents import DocumentKind
from synctv.application.delivery.offers import RENEWED_SECONDS
from synctv.application.delivery.shared import FAILED_SECONDS
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.delivery.offer import Offer, OfferedSubtitle, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.errors import UpstreamCredential
from tests.adapters.aiohttp.test_fetch import Names
from tests.application.delivery.media_server import Behaviour, Exchange, media_server
from tests.entrypoints.http.screening import FILM, SECRETS, Screening, page, playlist, screening

MIB = 1 << 20


@pytest.fixture
async def hall(passwords: PasswordHasher) -> AsyncIterator[Screening]:
    async with screening(passwords) as opened:
        yield opened


def named_in(text: str) -> list[str]:
    """The addresses in a playlist."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


async def segments(hall: Screening) -> list[str]:
    """The addresses, from the root, of what the item's playlist names."""
    at = hall.address()
    got = await hall.get(at)
    assert got.status == 200, got.body
    return [f"{at.rpartition('/')[0]}/{name}" for name in named_in(got.text)]


async def endlessly(exchange: Exchange) -> None:
    """Sends for as long as somebody reads."""
    await exchange.head(200, content_type="application/x-mpegurl")
    await exchange.send(b"#EXTM3U\n")
    while True:
        await exchange.send(b"#EXTINF:4,\nsegment.ts\n" * 10_000)


async def dripping(exchange: Exchange) -> None:
    """Sends a byte now and then."""
    await exchange.head(200, content_type="application/x-mpegurl")
    while not exchange.closing.is_set():
        await exchange.send(b"#")
        await asyncio.sleep(0.01)


async def too_short(exchange: Exchange) -> None:
    """Announces more than it sends."""
    await exchange.head(200, content_length=1_000, content_type="application/x-mpegurl")
    await exchange.send(b"#EXTM3U\n")


# ---------------------------------------------------------------- statuses


STATUSES = [
    (401, (502, "upstream_credential")),
    (403, (502, "upstream_refused")),
    (404, (502, "upstream_not_found")),
    (410, (502, "upstream_not_found")),
    (418, (502, "upstream_failed")),
    (500, (502, "upstream_unavailable")),
    (503, (502, "upstream_unavailable")),
]


@pytest.mark.parametrize("container", [Container.HLS, Container.DASH, Container.MP4, Container.FLV])
@pytest.mark.parametrize("status, problem", STATUSES)
async def test_a_status_is_the_refusal_that_it_means(
    hall: Screening, container: Container, status: int, problem: tuple[int, str]
) -> None:
    hall.pages["/x"] = page(b"internal: upstream-secret", status, set_cookie="a=secret")
    hall.shows("/x", container, live=container is Container.FLV, headers=SECRETS)
    got = await hall.get(hall.address())
    assert got.problem == problem
    assert "set-cookie" not in got.headers


async def test_who_is_asked_too_often_is_left_alone_for_as_long_as_it_says(hall: Screening) -> None:
    hall.pages["/x"] = page(b"", 429, retry_after="50")
    hall.shows("/x")
    for _ in range(3):
        got = await hall.get(hall.address())
        assert (got.problem, got.headers["retry-after"]) == ((502, "upstream_rate_limited"), "50")
    hall.memory.clock.advance(49)
    await hall.get(hall.address())
    assert len(hall.paths) == 1
    hall.memory.clock.advance(1)
    hall.pages["/x"] = playlist("a.ts")
    assert (await hall.get(hall.address())).status == 200


async def test_a_range_that_the_upstream_does_not_have_is_refused_with_the_length(hall: Screening) -> None:
    hall.shows("/film.mp4", Container.MP4)
    got = await hall.get(hall.address(), range="bytes=300000-")
    assert (got.status, got.headers["content-range"], got.body) == (416, f"bytes */{FILM.length}", b"")


# ---------------------------------------------------------------- addresses that have run out


@pytest.mark.parametrize("status", [401, 403, 404, 410])
@pytest.mark.parametrize("container", [Container.HLS, Container.MP4, Container.FLV])
async def test_an_address_that_has_run_out_is_asked_for_anew_once(
    hall: Screening, container: Container, status: int
) -> None:
    good = playlist("a.ts") if container is Container.HLS else Exchange.honest
    hall.pages |= {"/old": page(b"", status), "/new": good}
    old, new = (
        OfferedVariant("main", "", container, hall.upstream(path), live=container is Container.FLV)
        for path in ("/old", "/new")
    )
    hall.projector.offers = [Offer((old,)), Offer((new,))]
    got = await hall.get(hall.address())
    assert (got.status, hall.paths, hall.projector.asked) == (200, ["/old", "/new"], 2)


async def test_an_address_that_is_never_good_does_not_make_every_viewer_ask_the_provider(hall: Screening) -> None:
    hall.pages["/x"] = page(b"", 403)
    hall.shows("/x", Container.MP4)
    for _ in range(5):
        assert (await hall.get(hall.address())).problem == (502, "upstream_refused")
    assert hall.projector.asked == 2
    hall.memory.clock.advance(RENEWED_SECONDS)
    await hall.get(hall.address())
    assert hall.projector.asked == 3


async def test_a_body_that_outlives_several_addresses_goes_on(passwords: PasswordHasher) -> None:
    """Each address is good for two more slices. The next one comes from the offer after that of the one before."""
    slice_bytes = 65_536
    async with screening(passwords, settings={"cache": {"slice_bytes": slice_bytes}}) as hall:

        async def up_to_a_place(exchange: Exchange) -> None:
            assert exchange.asked is not None
            if exchange.asked[0] // slice_bytes > 2 * int(exchange.path[1:]):
                hall.memory.clock.advance(RENEWED_SECONDS)
                await exchange.head(403, content_length=0)
            else:
                await exchange.honest()

        paths = ["/0", "/1", "/2"]
        hall.pages |= dict.fromkeys(paths, up_to_a_place)
        variants = [OfferedVariant("main", "", Container.MP4, hall.upstream(path, key="film")) for path in paths]
        hall.projector.offers = [Offer((variant,)) for variant in variants]
        got = await hall.get(hall.address())
        assert (got.body == FILM.body, got.cut) == (True, False)
        assert set(hall.paths) == set(paths)


async def test_a_provider_that_wants_a_sign_in_says_so_through_the_proxy(hall: Screening) -> None:
    hall.projector.offers = [UpstreamCredential("nas.lan", "its sign-in is no longer good. Sign in again.")]
    assert (await hall.get(hall.address())).problem == (502, "upstream_credential")


# ---------------------------------------------------------------- playlists that are none, or too much


async def test_a_web_page_in_the_place_of_a_playlist_says_what_to_do(hall: Screening) -> None:
    hall.pages["/x"] = page("<!DOCTYPE html><html>Log in: upstream-secret</html>", content_type="text/html")
    hall.shows("/x")
    got = await hall.get(hall.address())
    assert got.problem == (502, "upstream_format")
    assert "sends a web page" in got.detail
    assert "Open the address in a browser" in got.detail


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"not a playlist", b"<MPD", b"\x1f\x8b\x08broken"])
@pytest.mark.parametrize("container", [Container.HLS, Container.DASH])
async def test_what_is_no_playlist_is_refused(hall: Screening, container: Container, body: bytes) -> None:
    hall.pages["/x"] = page(body)
    hall.shows("/x", container)
    assert (await hall.get(hall.address())).problem == (502, "upstream_format")


async def test_what_says_that_it_is_compressed_and_is_not_is_refused(hall: Screening) -> None:
    hall.pages["/x"] = page(b"#EXTM3U\n", content_encoding="gzip")
    hall.shows("/x")
    assert (await hall.get(hall.address())).problem[0] == 502


@pytest.mark.parametrize("body", [b"\n" * (100 * MIB), b"#EXTM3U\n" + b"#EXTINF:4,\na.ts\n" * (6 * MIB)])
async def test_a_playlist_of_a_hundred_megabytes_is_refused_and_takes_little_memory(
    hall: Screening, body: bytes
) -> None:
    packed = gzip.compress(body, 1)
    hall.pages["/x"] = page(packed, content_encoding="gzip")
    hall.shows("/x")
    tracemalloc.start()
    try:
        got = await hall.get(hall.address())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert got.problem == (502, "upstream_format")
    assert "longer than 4 MiB" in got.detail
    assert hall.server.seen[0].headers["accept-encoding"] == "identity"
    assert peak < 40 * MIB


async def test_an_endless_playlist_is_read_to_the_bound_only(hall: Screening) -> None:
    hall.pages["/x"] = endlessly
    hall.shows("/x")
    assert (await hall.get(hall.address())).problem == (502, "upstream_format")
    while hall.server.open:
        await asyncio.sleep(0.01)


async def test_short_names_below_a_long_address_do_not_become_hundreds_of_megabytes(hall: Screening) -> None:
    path = f"/{'x' * 7_000}/list"
    hall.pages[path] = playlist(*(["a"] * 3_000))
    hall.shows(path)
    got = await hall.get(hall.address())
    assert got.problem == (502, "upstream_format")
    assert "too long altogether" in got.detail


async def test_a_playlist_that_drips_is_given_up(hall: Screening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playlists_module, "_PLAYLIST", DocumentKind("playlist", MIB, seconds=0.2))
    hall.pages["/x"] = dripping
    hall.shows("/x")
    assert (await hall.get(hall.address())).problem == (504, "upstream_timeout")


async def test_a_playlist_shorter_than_announced_is_refused(hall: Screening) -> None:
    hall.pages["/x"] = too_short
    hall.shows("/x")
    assert (await hall.get(hall.address())).problem == (502, "upstream_failed")


async def test_a_playlist_that_names_itself_costs_one_request_for_each_that_a_player_asks(hall: Screening) -> None:
    hall.pages["/x"] = page("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nx\n", content_type="application/x-mpegurl")
    hall.shows("/x")
    at = hall.address()
    for _ in range(5):
        at = f"{at.rpartition('/')[0]}/{named_in((await hall.get(at)).text)[0]}"
        # A player resolves `../` before it asks.
        base, _, up = at.partition("/../")
        at = f"{base.rpartition('/')[0]}/{up}" if up else at
    assert hall.paths == ["/x"]


# ---------------------------------------------------------------- a crowd at a failing upstream


@pytest.mark.parametrize("container", [Container.HLS, Container.DASH])
async def test_a_hundred_viewers_ask_a_failing_upstream_once(hall: Screening, container: Container) -> None:
    async def slow(exchange: Exchange) -> None:
        await asyncio.sleep(0.05)
        await exchange.head(500, content_length=0)

    hall.pages["/x"] = slow
    hall.shows("/x", container)
    viewers = [await hall.memory.guest(hall.room, f"Guest {number}") for number in range(100)]
    answers = await asyncio.gather(*(hall.get(hall.address(viewer)) for viewer in viewers))
    assert {got.problem for got in answers} == {(502, "upstream_unavailable")}
    assert len(hall.paths) == 1
    hall.pages["/x"] = playlist("a.ts")
    hall.memory.clock.advance(FAILED_SECONDS)
    hall.shows("/x")
    assert (await hall.get(hall.address())).status == 200


async def test_who_asks_first_and_leaves_does_not_take_the_answer_from_the_others(hall: Screening) -> None:
    may_answer = asyncio.Event()

    async def slow(exchange: Exchange) -> None:
        await may_answer.wait()
        await playlist("a.ts")(exchange)

    hall.pages["/x"] = slow
    hall.shows("/x")
    async with asyncio.TaskGroup() as group:
        first = group.create_task(hall.get(hall.address()))
        while not hall.paths:
            await asyncio.sleep(0.01)
        others = [group.create_task(hall.get(hall.address())) for _ in range(5)]
        await asyncio.sleep(0.05)
        first.cancel()
        may_answer.set()
    assert [task.result().status for task in others] == [200] * 5


# ---------------------------------------------------------------- our own network


PRIVATE = [
    "http://127.0.0.1:1/secret.ts",
    "http://169.254.169.254/latest",
    "http://[::1]/x.ts",
    "http://localhost/x.ts",
]


@pytest.mark.parametrize("url", PRIVATE)
async def test_what_a_playlist_names_in_our_own_network_is_refused(hall: Screening, url: str) -> None:
    hall.pages["/x"] = playlist(url, tags=f'#EXT-X-KEY:METHOD=AES-128,URI="{url}"\n')
    hall.shows("/x")
    (segment,) = await segments(hall)
    got = await hall.get(segment)
    assert got.problem == (502, "upstream_refused")
    assert "security.egress.allow" in got.detail


@pytest.mark.parametrize("container", [Container.HLS, Container.MP4, Container.FLV])
async def test_a_redirect_into_our_own_network_is_refused(hall: Screening, container: Container) -> None:
    async with media_server(FILM) as private:
        hall.pages["/x"] = page(b"", 302, location=private.url)
        hall.shows("/x", container, live=container is Container.FLV)
        assert (await hall.get(hall.address())).problem == (502, "upstream_refused")
        hall.pages["/list"] = playlist("/x")
        hall.shows("/list")
        assert (await hall.get((await segments(hall))[0])).problem == (502, "upstream_refused")
        assert private.seen == []


async def test_a_name_that_changes_its_address_after_the_playlist_is_refused(passwords: PasswordHasher) -> None:
    names = Names(films_test=["127.0.0.1", "127.0.0.2"])
    async with screening(passwords, allow=["127.0.0.1"], resolver=names) as hall:
        hall.pages["/x"] = playlist("a.ts")
        variant = OfferedVariant("main", "", Container.HLS, Upstream(f"http://films.test:{hall.server.port}/x"))
        hall.offers(variant)
        (segment,) = await segments(hall)
        assert (await hall.get(segment)).problem == (502, "upstream_refused")
        assert names.asked == ["films.test", "films.test"]


async def test_an_address_with_a_password_in_a_playlist_is_the_upstreams_fault(hall: Screening) -> None:
    hall.pages["/x"] = playlist("http://me:secret@films.test/a.ts")
    hall.shows("/x")
    got = await hall.get((await segments(hall))[0])
    assert got.problem == (502, "upstream_format")


# ---------------------------------------------------------------- texts


def with_subtitle(hall: Screening, behaviour: Behaviour) -> str:
    hall.pages["/s"] = behaviour
    hall.offers(subtitles=(OfferedSubtitle("en", "English", hall.upstream("/s", SECRETS)),))
    return hall.addresses().subtitle("en")


@pytest.mark.parametrize("compressed", [False, True])
async def test_a_subtitle_of_a_hundred_megabytes_is_refused(hall: Screening, compressed: bool) -> None:
    body = gzip.compress(b"1\n" * (50 * MIB), 1) if compressed else b"1\n" * (5 * MIB)
    at = with_subtitle(hall, page(body, content_encoding="gzip") if compressed else page(body))
    got = await hall.get(at)
    assert got.problem == (502, "upstream_format")
    assert "longer than 8 MiB" in got.detail


async def test_a_subtitle_that_is_compressed_all_the_same_is_read(hall: Screening) -> None:
    text = "1\n00:00:00,000 --> 00:00:02,000\nHello\n"
    got = await hall.get(with_subtitle(hall, page(gzip.compress(text.encode()), content_encoding="gzip")))
    assert (got.status, got.headers["content-type"]) == (200, "text/vtt; charset=utf-8")
    assert "Hello" in got.text


@pytest.mark.parametrize(
    "behaviour, code",
    [
        (page(b"<html>Not here</html>", content_type="text/html"), "upstream_format"),
        (page(b"nothing of the kind"), "upstream_format"),
        (page(b"", 404), "upstream_not_found"),
        (endlessly, "upstream_format"),
        (too_short, "upstream_failed"),
    ],
)
async def test_a_text_that_can_not_be_had_is_refused(hall: Screening, behaviour: Behaviour, code: str) -> None:
    at = with_subtitle(hall, behaviour)
    assert (await hall.get(at)).problem == (502, code)
    asked = len(hall.paths)
    assert (await hall.get(at)).problem == (502, code)
    assert len(hall.paths) == asked
