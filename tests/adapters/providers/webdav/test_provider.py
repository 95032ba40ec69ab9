"""Files on WebDAV servers with the ways of many products, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import AiohttpFetch, aiohttp_fetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.webdav.provider import WebdavProvider
from synctv.application.ports.fetch import FetchRequest, FetchResponse
from synctv.application.ports.providers import ListedFolder, Listing, Login, PlayRequest
from synctv.domain.delivery.offer import Offer, Upstream
from synctv.domain.errors import (
    DomainError,
    Invalid,
    UpstreamCredential,
    UpstreamFailed,
    UpstreamFormat,
    UpstreamLimited,
    UpstreamMissing,
    UpstreamRefused,
    UpstreamUnavailable,
)
from synctv.domain.library.item import MediaKind
from tests.adapters.providers.listening import Answer
from tests.adapters.providers.webdav.server import NAME, PASSWORD, PRODUCTS, Dav, dav
from tests.adapters.providers.webdav.test_multistatus import BOMB, OUTSIDE


@dataclass
class Bench:
    """A server, and who calls it with a login."""

    server: Dav
    fetch: AiohttpFetch
    clock: MemoryClock
    provider: WebdavProvider
    login: Login

    async def browse(self, path: str = "", cursor: str | None = None, limit: int = 50) -> Listing:
        return await self.provider.browse(self.login, path, cursor, limit)

    async def play(self, path: str) -> Offer:
        source = {"server": self.login.server, "path": path}
        return await self.provider.play(PlayRequest(source, MediaKind.VIDEO, self.login))

    async def get(self, upstream: Upstream) -> FetchResponse:
        return await self.fetch.fetch(FetchRequest(upstream.url, headers=upstream.headers))


@asynccontextmanager
async def opened(product: str, path: str = "", **ways: object) -> AsyncIterator[Bench]:
    """A bench with somebody signed in to the product."""
    async with dav(**{**PRODUCTS[product], **ways}) as server, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        clock = MemoryClock()
        provider = WebdavProvider(fetch, clock)
        fields = {"server": server.origin + path, "username": NAME, "password": PASSWORD}
        yield Bench(server, fetch, clock, provider, (await provider.sign_in(product, fields)).login)


@pytest.fixture(params=sorted(PRODUCTS))
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with opened(request.param) as made:
        yield made


@pytest.fixture
async def plain() -> AsyncIterator[Bench]:
    async with opened("password", style="plain", asks=("Basic",)) as made:
        yield made


def titles(listing: Listing) -> list[str]:
    return [entry.title for entry in listing.entries]


def upstream_of(offer: Offer) -> Upstream:
    media = offer.variants[0].media
    assert isinstance(media, Upstream)
    return media


# --- The same for every product ----------------------------------------------------------------------------------


async def test_every_product_lists_the_same(bench: Bench) -> None:
    listing = await bench.browse("/Movies")
    assert titles(listing) == ["Sub", "a", "b 2", "b 10", "影片 #1?"]
    assert [crumb.path for crumb in listing.crumbs] == ["", "/Movies"]
    assert (listing.total, listing.next_cursor) == (5, None)
    details = [entry.detail.partition(" · ") for entry in listing.entries]
    assert [size for _, _, size in details] == ["", *["1.0 MB"] * 4]
    assert [kind for kind, _, _ in details] == ["", "MKV", "MP4", "MP4", "MKV"]


PATHS = ["/Movies/a.mkv", "/Movies/影片 #1?.mkv", "/Movies/Sub/100% c++ & d;e.mp4", "/100%/%41.mp4", "/stray.mp4"]


@pytest.mark.parametrize("path", PATHS)
async def test_every_product_gives_the_bytes_of_every_name(bench: Bench, path: str) -> None:
    (found,) = await bench.provider.resolve({"server": bench.login.server, "path": path}, bench.login)
    assert found.source == {"server": bench.login.server, "path": path}
    answer = await bench.get(upstream_of(await bench.play(path)))
    assert answer.status == 200
    assert answer.body.decode() in (path, f"/stored{path}")


async def test_folders_with_signs_of_an_address_in_their_names_open(bench: Bench) -> None:
    top = await bench.browse()
    assert titles(top) == ["100%", "Empty", "Forbidden", "Movies", "stray"]
    folder = top.entries[0]
    assert isinstance(folder, ListedFolder)
    # A name that decodes to one with a slash in it is none.
    assert titles(await bench.browse(folder.path)) == ["%2F", "%41"]
    assert titles(await bench.browse("/Empty")) == []


async def test_subtitles_and_comments_beside_the_film_come_with_it(bench: Bench) -> None:
    offer = await bench.play("/Movies/a.mkv")
    (subtitle,) = offer.subtitles
    assert (subtitle.language, subtitle.format) == ("zh", "srt")
    assert (await bench.get(subtitle.upstream)).body.decode().endswith("/Movies/a.zh.srt")
    assert [track.format for track in offer.danmaku] == ["bilibili"]
    assert not offer.variants[0].public


async def test_a_password_goes_to_its_server_alone(bench: Bench) -> None:
    with pytest.raises(UpstreamCredential):
        await bench.provider.resolve({"server": bench.server.store, "path": "/Movies/a.mkv"}, bench.login)


# --- Signing in --------------------------------------------------------------------------------------------------


async def test_a_digest_server_never_sees_the_password(bench: Bench) -> None:
    await bench.play("/Movies/a.mkv")
    basic = any(headers.get("authorization", "").startswith("Basic") for _, _, headers, _ in bench.server.seen)
    assert basic == (not any(way.startswith("Digest") for way in bench.server.asks))


@pytest.mark.parametrize("product", sorted(PRODUCTS))
async def test_a_wrong_password_is_told_with_what_to_do(product: str) -> None:
    async with dav(**PRODUCTS[product]) as server, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        provider = WebdavProvider(fetch, MemoryClock())
        fields = {"server": server.origin, "username": NAME, "password": "wrong"}
        with pytest.raises(UpstreamCredential) as caught:
            await provider.sign_in(product, fields)
        assert "does not take this" in str(caught.value)
        assert "wrong" not in str(caught.value)


async def test_an_account_s_own_id_is_asked_for(bench: Bench) -> None:
    if bench.login.secret["product"] in ("nextcloud", "owncloud"):
        assert bench.login.secret["root"] == "remote.php/dav/files/u-7"
    assert await bench.provider.check(bench.login) == NAME


async def test_a_share_in_the_address_is_the_top() -> None:
    async with opened("qnap", "/share/", prefix="/share") as bench:
        assert bench.login.server.endswith("/share")
        assert "Movies" in titles(await bench.browse())
        assert (await bench.get(upstream_of(await bench.play("/Movies/a.mkv")))).body == b"/Movies/a.mkv"


async def test_a_server_that_is_open_needs_no_name() -> None:
    async with dav(asks=()) as server, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        provider = WebdavProvider(fetch, MemoryClock())
        new = await provider.sign_in("password", {"server": server.origin})
        assert new.label == "guest"
        assert titles(await provider.browse(new.login, "/Movies/Sub", None, 50)) == ["100% c++ & d;e"]
        source = {"server": server.origin, "path": "/Movies/a.mkv"}
        assert len(await provider.resolve(source)) == 1


@pytest.mark.parametrize(
    "answer, error",
    [
        (Answer(b"<html>login</html>"), UpstreamFormat),
        (Answer(status=405), UpstreamFormat),
        (Answer(status=404), UpstreamMissing),
        (Answer(status=401, headers={"WWW-Authenticate": "Negotiate"}), UpstreamFormat),
        (Answer(status=401), UpstreamCredential),
    ],
)
async def test_an_address_that_is_no_webdav_is_told(answer: Answer, error: type[DomainError]) -> None:
    async with dav(answer=answer) as server, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        fields = {"server": server.origin, "username": NAME, "password": PASSWORD}
        with pytest.raises(error):
            await WebdavProvider(fetch, MemoryClock()).sign_in("password", fields)


async def test_a_server_that_sends_on_to_another_one_is_not_followed_with_a_password(plain: Bench) -> None:
    plain.server.answer = Answer(status=308, headers={"Location": f"{plain.server.store}/stored/x"})
    fields = {"server": plain.server.origin, "username": NAME, "password": PASSWORD}
    with pytest.raises(Invalid, match="Enter that address"):
        await plain.provider.sign_in("password", fields)
    with pytest.raises(UpstreamFailed, match="Sign in to that address"):
        await plain.browse()


async def test_a_name_with_a_colon_is_refused(plain: Bench) -> None:
    fields = {"server": plain.server.origin, "username": "a:b", "password": PASSWORD}
    with pytest.raises(Invalid):
        await plain.provider.sign_in("password", fields)


async def test_another_account_s_file_is_not_taken_for_one_s_own() -> None:
    async with opened("nextcloud") as bench:
        link = bench.provider.recognise(f"{bench.server.origin}/remote.php/dav/files/u-8/Movies/a.mkv")
        assert link is not None
        for login in (bench.login, None):
            with pytest.raises(UpstreamCredential):
                await bench.provider.resolve(link, login)


# --- Folders and words -------------------------------------------------------------------------------------------


async def test_a_long_folder_comes_in_pages_without_gaps(plain: Bench) -> None:
    found, cursor = list[str](), None
    while True:
        page = await plain.browse("/Big", cursor, 200)
        found += titles(page)
        if (cursor := page.next_cursor) is None:
            break
    assert found == [f"film {number}" for number in range(5_000)]


async def test_pages_of_a_long_folder_are_of_one_listing_for_a_minute(plain: Bench) -> None:
    first = await plain.browse("/Big", None, 10)
    await plain.browse("/Big", first.next_cursor, 10)
    assert len(plain.server.calls("PROPFIND")) == 3  # two of them signed in
    plain.clock.advance(61)
    assert titles(await plain.browse("/Big", first.next_cursor, 2)) == ["film 10", "film 11"]
    assert len(plain.server.calls("PROPFIND")) == 4


async def test_a_folder_resolves_to_its_files(plain: Bench) -> None:
    found = await plain.provider.resolve({"server": plain.login.server, "path": "/Movies"}, plain.login)
    assert [one.title for one in found] == ["a", "b 2", "b 10", "影片 #1?"]
    many = await plain.provider.resolve({"server": plain.login.server, "path": "/Big"}, plain.login)
    assert len(many) == 500
    for path in ("/Empty", "/Movies/notes.txt"):
        with pytest.raises(Invalid):
            await plain.provider.resolve({"server": plain.login.server, "path": path}, plain.login)


@pytest.mark.parametrize("path", ["/Movies/../Forbidden", "/a\0b", "/.", "/\ud800"])
async def test_a_path_that_leads_out_is_not_asked_for(plain: Bench, path: str) -> None:
    before = len(plain.server.seen)
    with pytest.raises(UpstreamMissing):
        await plain.browse(path)
    with pytest.raises(UpstreamMissing):
        await plain.provider.resolve({"server": plain.login.server, "path": path}, plain.login)
    assert len(plain.server.seen) == before


async def test_nextcloud_searches_by_itself() -> None:
    async with opened("nextcloud") as bench:
        found = await bench.provider.search(bench.login, "100%", "", None, 50)
        assert titles(found) == ["100%", "100% c++ & d;e"]
        below = await bench.provider.search(bench.login, "mp4", "/Movies/Sub", None, 50)
        assert titles(below) == ["100% c++ & d;e"]
        first = await bench.provider.search(bench.login, "b ", "", None, 1)
        second = await bench.provider.search(bench.login, "b ", "", first.next_cursor, 1)
        assert titles(first) + titles(second) == ["b 10", "b 2"]
        assert len(bench.server.calls("SEARCH")) == 4


async def test_other_servers_are_looked_through(plain: Bench) -> None:
    found = await plain.provider.search(plain.login, "C++ 100", "", None, 50)
    assert titles(found) == ["100% c++ & d;e"]
    assert titles(await plain.provider.search(plain.login, "b 1", "/Movies", None, 50)) == ["b 10"]
    assert titles(await plain.provider.search(plain.login, "sub", "", None, 50)) == ["Sub"]
    with pytest.raises(UpstreamRefused):
        await plain.provider.search(plain.login, "b", "/Forbidden", None, 50)


# --- Playing -----------------------------------------------------------------------------------------------------


async def test_what_is_cached_has_a_name_that_changes_with_the_file(plain: Bench) -> None:
    first, second = await plain.play("/Movies/a.mkv"), await plain.play("/Movies/b 2.mp4")
    assert upstream_of(first).key == upstream_of(await plain.play("/Movies/a.mkv")).key != upstream_of(second).key
    assert first.expires_at is None


async def test_a_proof_by_digest_runs_out_and_serves_each_file_once_more() -> None:
    async with opened("truenas") as bench:
        offer = await bench.play("/Movies/a.mkv")
        assert offer.expires_at == bench.clock.now() + 240_000_000
        for _ in range(2):
            assert (await bench.get(upstream_of(offer))).status == 200
        bench.server.nonce = 1
        assert (await bench.get(upstream_of(offer))).status == 401
        assert (await bench.get(upstream_of(await bench.play("/Movies/a.mkv")))).status == 200


async def test_a_film_in_a_folder_that_can_t_be_listed_plays_alone(plain: Bench) -> None:
    with pytest.raises(UpstreamRefused):
        await plain.browse("/Forbidden")
    offer = await plain.play("/Forbidden/f.mp4")
    assert (await plain.get(upstream_of(offer))).body == b"/Forbidden/f.mp4"
    assert offer.subtitles == ()


async def test_a_film_that_is_gone_is_told(plain: Bench) -> None:
    for path in ("/Movies/gone.mp4", "/Gone/x.mp4", "/Movies/Sub"):
        with pytest.raises(UpstreamMissing):
            await plain.play(path)


# --- When something is wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer, error",
    [
        (Answer(status=403), UpstreamRefused),
        (Answer(status=404), UpstreamMissing),
        (Answer(status=423), UpstreamFailed),
        (Answer(status=500), UpstreamUnavailable),
        (Answer(status=503, headers={"Retry-After": "1"}), UpstreamUnavailable),
        (Answer(b"<html>", 200), UpstreamFormat),
        (Answer(b"<html>", 207), UpstreamFormat),
        (Answer(BOMB.encode(), 207), UpstreamFormat),
        (Answer(OUTSIDE.encode(), 207), UpstreamFormat),
        (Answer(b'<d:multistatus xmlns:d="DAV:"/>', 207), UpstreamMissing),
        (Answer(b"<" + b"x" * (17 << 20), 207), UpstreamFormat),
        (Answer(b"<x>" * 60_000, 207), UpstreamFormat),
    ],
)
async def test_answers_that_are_no_listing_are_told(plain: Bench, answer: Answer, error: type[DomainError]) -> None:
    plain.server.answer = answer
    with pytest.raises(error):
        await plain.browse()


async def test_a_server_that_is_asked_too_often_says_when_to_come_back(plain: Bench) -> None:
    plain.server.answer = Answer(status=429, headers={"Retry-After": "9"})
    with pytest.raises(UpstreamLimited) as caught:
        await plain.browse()
    assert caught.value.retry_after == 9.0


async def test_a_server_that_takes_no_body_is_asked_without() -> None:
    async with opened("password", style="plain", asks=("Basic",), bare=True) as bench:
        assert "Movies" in titles(await bench.browse())
        assert [len(body) > 0 for _, _, _, body in bench.server.calls("PROPFIND")][-2:] == [True, False]


@pytest.mark.parametrize("cursor", ["", "-1", "x", "٢", "99999999"])
async def test_a_cursor_of_nobody_is_refused(plain: Bench, cursor: str) -> None:
    with pytest.raises(UpstreamMissing):
        await plain.browse("", cursor)


async def test_nothing_secret_is_printed(bench: Bench) -> None:
    offer = await bench.play("/Movies/a.mkv")
    assert PASSWORD not in repr(offer) + repr(bench.login)
