"""Films and music on Jellyfin and Emby servers, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import AiohttpFetch, aiohttp_fetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.jellyfin.account import account_of
from synctv.adapters.providers.jellyfin.answers import MediaSource
from synctv.adapters.providers.jellyfin.offers import transcoding_url
from synctv.adapters.providers.jellyfin.provider import JellyfinProvider
from synctv.application.ports.fetch import FetchRequest, FetchResponse
from synctv.application.ports.providers import Listing, Login, PlayRequest
from synctv.domain.delivery.offer import Offer, Upstream
from synctv.domain.delivery.profile import ANY, profile_of
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
from tests.adapters.providers.jellyfin.server import API_KEY, BYTES, FLAVOURS, NAME, PASSWORD, Jellyfin, jellyfin
from tests.adapters.providers.listening import Answer


@dataclass
class Bench:
    """A server, and who calls it with a login."""

    server: Jellyfin
    fetch: AiohttpFetch
    clock: MemoryClock
    provider: JellyfinProvider
    login: Login

    def request(self, item_id: str, profile: str = "", room: str = "") -> PlayRequest:
        told = profile_of(profile) if profile else ANY
        source = {"server": self.login.server, "id": item_id}
        return PlayRequest(source, MediaKind.VIDEO, self.login, told, screening=room)

    async def play(self, item_id: str, profile: str = "", room: str = "") -> Offer:
        return await self.provider.play(self.request(item_id, profile, room))

    async def get(self, upstream: Upstream, **headers: str) -> FetchResponse:
        return await self.fetch.fetch(FetchRequest(upstream.url, headers={**upstream.headers, **headers}))

    async def resolved(self, item_id: str) -> list[str]:
        found = await self.provider.resolve({"server": self.login.server, "id": item_id}, self.login)
        return [one.title for one in found]


@asynccontextmanager
async def opened(flavour: str, form: str = "password", root: str = "") -> AsyncIterator[Bench]:
    async with jellyfin(flavour, root) as server, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        clock = MemoryClock()
        provider = JellyfinProvider(fetch, clock)
        proof = {"api_key": API_KEY} if form == "api_key" else {"password": PASSWORD}
        fields = {"server": server.origin, "username": NAME, **proof}
        yield Bench(server, fetch, clock, provider, (await provider.sign_in(form, fields)).login)


@pytest.fixture(params=FLAVOURS)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with opened(request.param) as made:
        yield made


@pytest.fixture
async def plain() -> AsyncIterator[Bench]:
    async with opened("jf12") as made:
        yield made


def upstreams(offer: Offer) -> dict[str, Upstream]:
    return {variant.id: variant.media for variant in offer.variants if isinstance(variant.media, Upstream)}


def titles(listing: Listing) -> list[str]:
    return [entry.title for entry in listing.entries]


# --- Signing in --------------------------------------------------------------------------------------------------


async def test_the_password_is_not_kept(bench: Bench) -> None:
    assert PASSWORD not in bench.login.secret.values()
    assert bench.login.secret["flavour"] == ("emby" if bench.server.flavour == "emby48" else "jellyfin")
    assert await bench.provider.check(bench.login) == NAME


@pytest.mark.parametrize("flavour, root", [("jf12", "/jellyfin"), ("emby48", "/emby"), ("jf1011", "/media")])
async def test_the_server_is_found_below_the_address(flavour: str, root: str) -> None:
    async with jellyfin(flavour, root) as server, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        provider = JellyfinProvider(fetch, MemoryClock())
        entered = f"{server.address}/web/index.html#!/home" if root == "/media" else server.origin
        fields = {"server": entered, "username": NAME, "password": PASSWORD}
        login = (await provider.sign_in("password", fields)).login
        assert login.server == server.address
        assert titles(await provider.browse(login, "", None, 50)) == ["Films", "Shows"]


async def test_each_sign_in_is_a_device_of_its_own(bench: Bench) -> None:
    fields = {"server": bench.server.origin, "username": NAME, "password": PASSWORD}
    second = (await bench.provider.sign_in("password", fields)).login
    assert second.secret["device"] != bench.login.secret["device"]
    assert await bench.provider.check(bench.login)


async def test_a_wrong_password_and_a_wrong_name_are_told(bench: Bench) -> None:
    fields = {"server": bench.server.origin, "username": NAME, "password": "wrong"}
    with pytest.raises(UpstreamCredential, match="does not know this name"):
        await bench.provider.sign_in("password", fields)
    del fields["password"]
    with pytest.raises(UpstreamCredential):
        await bench.provider.sign_in("api_key", {**fields, "api_key": "no key"})
    with pytest.raises(Invalid, match="no account"):
        await bench.provider.sign_in("api_key", {**fields, "api_key": API_KEY, "username": "nobody"})
    with pytest.raises(Invalid):
        await bench.provider.sign_in("api_key", {**fields, "api_key": "two\r\nlines"})


@pytest.mark.parametrize(
    "answer, error",
    [
        (Answer(b"<html>"), UpstreamFormat),
        (Answer(b"{}"), UpstreamFormat),
        (Answer(status=404), UpstreamFormat),
        (Answer(status=503, headers={"Retry-After": "5"}), UpstreamUnavailable),
        (Answer(status=301, headers={"Location": "http://127.0.0.1:1/"}), UpstreamFailed),
    ],
)
async def test_an_address_of_something_else_is_told(plain: Bench, answer: Answer, error: type[DomainError]) -> None:
    plain.server.answer = answer
    fields = {"server": plain.server.origin, "username": NAME, "password": PASSWORD}
    with pytest.raises(error):
        await plain.provider.sign_in("password", fields)


async def test_a_server_that_sends_callers_on_is_named(plain: Bench) -> None:
    async with jellyfin("jf12") as other:
        plain.server.answer = Answer(status=301, headers={"Location": f"{other.origin}/System/Info/Public"})
        fields = {"server": plain.server.origin, "username": NAME, "password": PASSWORD}
        with pytest.raises(Invalid, match="Enter that address"):
            await plain.provider.sign_in("password", fields)
        assert other.tokens == {API_KEY: ""}


async def test_a_token_that_was_taken_back_asks_for_a_new_sign_in(bench: Bench) -> None:
    bench.server.tokens.clear()
    for call in (bench.play("m1"), bench.resolved("m1"), bench.provider.check(bench.login)):
        with pytest.raises(UpstreamCredential, match="Sign in to it again"):
            await call


async def test_another_server_never_gets_the_token(bench: Bench) -> None:
    async with jellyfin("jf12") as other:
        with pytest.raises(UpstreamCredential):
            await bench.provider.resolve({"server": other.origin, "id": "m1"}, bench.login)


# --- Libraries ---------------------------------------------------------------------------------------------------


async def test_libraries_open_down_to_episodes(bench: Bench) -> None:
    assert titles(await bench.provider.browse(bench.login, "", None, 50)) == ["Films", "Shows"]
    season = await bench.provider.browse(bench.login, "s1a", None, 50)
    assert titles(season) == ["Series S01E01 Part 1", "Series S01E02 Part 2"]  # and not the missing one
    assert [(crumb.path, crumb.title) for crumb in season.crumbs] == [
        ("", "Top"), ("lib2", "Shows"), ("s1", "Series"), ("s1a", "Season 1"),
    ]  # fmt: skip


async def test_a_library_comes_in_pages(bench: Bench) -> None:
    found, cursor = list[str](), None
    while True:
        page = await bench.provider.browse(bench.login, "lib1", cursor, 10)
        found += titles(page)
        if (cursor := page.next_cursor) is None:
            break
    assert found == [*(f"Film {number:02d}" for number in range(25)), "Easy (1999)", "Hard", "Forbidden"]
    assert page.total == 29


@pytest.mark.parametrize("path", ["nosuch", "../x", "a/b", "", "x" * 65])
async def test_a_folder_that_is_not_there_is_told(bench: Bench, path: str) -> None:
    with pytest.raises(UpstreamMissing):
        await bench.provider.browse(bench.login, path, None if path else "0", 50)


async def test_a_series_and_a_list_resolve_to_what_is_in_them(bench: Bench) -> None:
    assert await bench.resolved("s1") == ["Series S01E01 Part 1", "Series S01E02 Part 2"]
    assert await bench.resolved("p1") == ["Series S01E02 Part 2", "Easy (1999)"]
    assert len(await bench.resolved("lib1")) == 28
    for nothing in ("photo", "e3", "lib3"):
        with pytest.raises(Invalid):
            await bench.resolved(nothing)


async def test_what_is_known_of_a_film_is_told(bench: Bench) -> None:
    (film,) = await bench.provider.resolve({"server": bench.login.server, "id": "m1"}, bench.login)
    assert (film.title, film.kind, film.duration, film.detail) == (
        "Easy (1999)",
        MediaKind.VIDEO,
        5_400,
        "1080p · 2.1 GB",
    )
    assert film.cover is None
    assert await bench.resolved("a1") == ["Band – Song"]  # noqa: RUF001


async def test_words_are_found_everywhere_and_in_a_folder(bench: Bench) -> None:
    everywhere = await bench.provider.search(bench.login, "s", "", None, 50)
    assert {"Easy (1999)", "Series"} <= set(titles(everywhere))
    assert titles(await bench.provider.search(bench.login, "e", "lib2", None, 50)) == ["Series"]
    first = await bench.provider.search(bench.login, "film", "", None, 20)
    second = await bench.provider.search(bench.login, "film", "", first.next_cursor, 20)
    assert len(titles(first) + titles(second)) == 25
    assert second.next_cursor is None


# --- Playing -----------------------------------------------------------------------------------------------------


async def test_what_fits_the_player_comes_first_as_it_is(bench: Bench) -> None:
    offer = await bench.play("m1")
    first = offer.variants[0]
    assert first.id.startswith("original-")
    assert (first.label, first.container.value, first.codecs, first.height) == (
        "Original", "mp4", "avc1.640029,mp4a.40.2", 1080,
    )  # fmt: skip
    assert [variant.id for variant in offer.variants[1:]] == ["transcoded", "720p", "480p"]
    answer = await bench.get(upstreams(offer)[first.id], Range="bytes=5-9")
    assert (answer.status, answer.body) == (206, BYTES[5:10])
    assert [(chapter.start, chapter.title) for chapter in offer.chapters] == [(0, "One"), (60, "Two")]
    assert not any(variant.public for variant in offer.variants)


async def test_what_does_not_fit_is_transcoded_first(bench: Bench) -> None:
    offer = await bench.play("m2")
    ids = [variant.id for variant in offer.variants]
    assert ids[:-1] == ["transcoded", "1080p", "720p", "480p", "sound-2"]
    assert ids[-1].startswith("original-")
    assert offer.variants[-1].label == "Version m2"
    player = await bench.play("m2", "mkv,mp4;avc1,hvc1,mp4a;;auto")
    assert player.variants[0].id == ids[-1]


async def test_another_sound_track_is_a_variant(bench: Bench) -> None:
    offer = await bench.play("m2")
    (sound,) = [variant for variant in offer.variants if variant.id == "sound-2"]
    assert sound.label == "English AC3"
    assert "AudioStreamIndex=2" in upstreams(offer)["sound-2"].url


async def test_no_token_is_in_any_address(bench: Bench) -> None:
    offer = await bench.play("m2")
    token = bench.login.secret["token"]
    for upstream in [*upstreams(offer).values(), *(subtitle.upstream for subtitle in offer.subtitles)]:
        assert token not in upstream.url
        assert token in str(dict(upstream.headers))
        answer = await bench.get(upstream)
        assert answer.status == 200
        assert token.encode() not in answer.body
    assert bench.server.leaks == []


async def test_text_tracks_come_with_it_and_pictures_of_text_do_not(bench: Bench) -> None:
    offer = await bench.play("m2")
    told = [(one.label, one.language, one.format, one.default) for one in offer.subtitles]
    assert told == [("English", "en", "vtt", False), ("中文", "zh", "ass", True)]
    assert [(await bench.get(one.upstream)).body for one in offer.subtitles] == [b"vtt 3", b"ass 4"]


async def test_music_plays_as_it_is_or_as_the_server_makes_it(bench: Bench) -> None:
    (song,) = (await bench.play("a1")).variants
    assert (song.label, song.container.value, song.codecs) == ("Original", "flac", "flac")
    odd = await bench.play("a2")
    assert [(one.id, one.container.value) for one in odd.variants] == [("transcoded", "mp3")]
    assert (await bench.get(upstreams(odd)["transcoded"])).body == b"/audio/a2/stream.mp3"


async def test_all_who_watch_share_the_transcodings(bench: Bench) -> None:
    offers = await asyncio.gather(*(bench.play("m2") for _ in range(10)))
    assert len({upstreams(offer)["720p"].url for offer in offers}) == 1
    # One question for each viewer's player, and one for each of the five transcodings.
    assert len(bench.server.asked) == 10 + 5
    bench.clock.advance(6 * 3600)
    assert upstreams(await bench.play("m2"))["720p"].url != upstreams(offers[0])["720p"].url


async def test_each_room_has_transcodings_of_its_own(bench: Bench) -> None:
    one, again, other = [upstreams(await bench.play("m2", room=room)) for room in ("one", "one", "other")]
    assert one["720p"].url == again["720p"].url
    for quality in ("transcoded", "720p"):
        assert one[quality].identity != other[quality].identity
        # What is not transcoded is the same for both.
    (original,) = [name for name in one if name.startswith("original-") and name in other][:1]
    assert one[original].identity == other[original].identity


async def test_where_one_room_stops_the_other_goes_on(bench: Bench) -> None:
    one, other = [upstreams(await bench.play("m2", room=room)) for room in ("one", "other")]
    for room in ("one", "other"):
        await bench.provider.report(bench.request("m2", room=room), 1.0, playing=True, ended=False)
    await bench.provider.report(bench.request("m2", room="one"), 2.0, playing=False, ended=True)
    assert set(await answers(bench, one)) == {404}
    assert set(await answers(bench, other)) == {200}
    told = [(path, body["PlaySessionId"]) for path, _, body in bench.server.reports if path.startswith("/Sessions")]
    begun, elsewhere = told[:2]
    assert begun[1] != elsewhere[1]
    assert told[2:] == [("/Sessions/Playing/Stopped", begun[1])]


async def answers(bench: Bench, media: dict[str, Upstream]) -> list[int]:
    """The statuses of all that is transcoded."""
    return [(await bench.get(one)).status for one in media.values() if "master.m3u8" in one.url]


async def test_a_server_that_may_not_transcode_gives_what_it_has(bench: Bench) -> None:
    bench.server.transcodes = False
    assert len((await bench.play("m2")).variants) == 1
    with pytest.raises(UpstreamFailed, match="nothing of this"):
        await bench.play("a2")


async def test_an_account_that_may_not_play_is_told(bench: Bench) -> None:
    with pytest.raises(UpstreamRefused, match="let this account play"):
        await bench.play("m3")


async def test_the_server_is_told_the_player_s_abilities(plain: Bench) -> None:
    await plain.play("m1", "mkv;hvc1,mp4a;;auto")
    profile = str(plain.server.asked[0]["DeviceProfile"])
    assert "hevc" in profile
    assert "webm" not in profile


# --- Reports -----------------------------------------------------------------------------------------------------


async def test_what_is_watched_is_noted_from_begin_to_end(bench: Bench) -> None:
    offer, request = await bench.play("m2"), bench.request("m2")
    for position, playing, ended in ((1.5, True, False), (2.0, False, False), (3.0, False, True)):
        await bench.provider.report(request, position, playing=playing, ended=ended)
    told = [report for report in bench.server.reports if report[0].startswith("/Sessions")]
    assert [path for path, _, _ in told] == [
        "/Sessions/Playing",
        "/Sessions/Playing/Progress",
        "/Sessions/Playing/Stopped",
    ]
    assert [body["PositionTicks"] for _, _, body in told] == [15_000_000, 20_000_000, 30_000_000]
    assert [body["IsPaused"] for _, _, body in told] == [False, True, True]
    assert {(body["ItemId"], body["MediaSourceId"], body["PlaySessionId"]) for _, _, body in told} == {
        ("m2", "m2", "play-1")
    }
    stopped = {query["PlaySessionId"] for path, query, _ in bench.server.reports if path == "/Videos/ActiveEncodings"}
    assert all(f"PlaySessionId={name}&" in "".join(one.url for one in upstreams(offer).values()) for name in stopped)
    assert len(stopped) == 5
    await bench.provider.report(request, 0, playing=True, ended=False)
    assert bench.server.reports[-1][0] == "/Sessions/Playing"


async def test_a_key_notes_nothing_in_anybody_s_name() -> None:
    async with opened("jf12", "api_key") as bench:
        await bench.play("m1")
        await bench.provider.report(bench.request("m1"), 1.0, playing=True, ended=False)
        assert bench.server.reports == []
        await bench.provider.report(bench.request("m1"), 1.0, playing=False, ended=True)
        assert {path for path, _, _ in bench.server.reports} == {"/Videos/ActiveEncodings"}


# --- When something is wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer, error",
    [
        (Answer(status=401, body=b"Error processing request."), UpstreamCredential),
        (Answer(status=403), UpstreamRefused),
        (Answer(status=404), UpstreamMissing),
        (Answer(status=429, headers={"Retry-After": "3"}), UpstreamLimited),
        (Answer(status=500), UpstreamUnavailable),
        (Answer(b"<html>"), UpstreamFormat),
        (Answer(b"[]"), UpstreamFormat),
        (Answer(b'{"Id":"../../x","Name":"x","MediaType":"Video"}'), UpstreamFormat),
        (Answer(b'{"Items":7}'), UpstreamFormat),
        (Answer(b" " * (9 << 20)), UpstreamFormat),
        (Answer(status=302, headers={"Location": "/elsewhere"}), UpstreamFailed),
    ],
)
async def test_answers_that_make_no_sense_are_told(plain: Bench, answer: Answer, error: type[DomainError]) -> None:
    plain.server.answer = answer
    with pytest.raises(error):
        await plain.resolved("m1")


@pytest.mark.parametrize("url", ["http://evil.test/x.m3u8", "//evil.test/x.m3u8", "/\\evil.test/x", "x.m3u8", ""])
async def test_a_transcoding_at_another_place_is_left_out(plain: Bench, url: str) -> None:
    account = account_of(plain.login.server, plain.login)
    assert transcoding_url(account, MediaSource("x", transcoding_url=url)) is None


@pytest.mark.parametrize("item_id", ["", "../x", "a?b", "a b", None, 7])
async def test_ids_that_are_none_are_never_asked_for(plain: Bench, item_id: object) -> None:
    with pytest.raises(Invalid):
        await plain.provider.resolve({"server": plain.login.server, "id": item_id}, plain.login)
