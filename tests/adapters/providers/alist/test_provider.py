"""Files on an Alist or OpenList server, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import pytest

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import AiohttpFetch, aiohttp_fetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.alist.provider import AlistProvider
from synctv.application.ports.fetch import FetchRequest, FetchResponse
from synctv.application.ports.providers import ListedFolder, Login, PlayRequest, ResolvedSource
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
from tests.adapters.providers.alist.server import ADMIN_TOKEN, ALICE, CODE, EXPIRES, Alist, alist, signed
from tests.adapters.providers.listening import Answer


@dataclass
class Bench:
    """A server, and who calls it."""

    server: Alist
    fetch: AiohttpFetch
    clock: MemoryClock
    provider: AlistProvider

    @property
    def login(self) -> Login:
        return Login(self.server.origin, {"username": "alice", "hash": ALICE})

    def guest(self, **secret: str) -> Login:
        return Login(self.server.origin, secret)

    async def play(self, path: str, login: Login | None = None) -> Offer:
        source = {"server": self.server.origin, "path": path}
        return await self.provider.play(PlayRequest(source, MediaKind.VIDEO, login or self.login))

    async def get(self, upstream: Upstream) -> FetchResponse:
        return await self.fetch.fetch(FetchRequest(upstream.url, headers=upstream.headers))

    async def sign_in(self, form: str = "password", **fields: str) -> Login:
        account = {"username": "alice", "password": "secret"} if form in ("password", "ldap") else {}
        given = {"server": self.server.origin} | account | fields
        return (await self.provider.sign_in(form, given)).login


@pytest.fixture(params=["alist", "openlist"])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with alist(request.param) as server, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        clock = MemoryClock()
        yield Bench(server, fetch, clock, AlistProvider(fetch, clock))


def upstream_of(offer: Offer, index: int = 0) -> Upstream:
    media = offer.variants[index].media
    assert isinstance(media, Upstream)
    return media


# --- Signing in --------------------------------------------------------------------------------------------------


async def test_what_is_kept_signs_in_anew_and_is_not_the_password(bench: Bench) -> None:
    login = await bench.sign_in()
    assert dict(login.secret) == {"username": "alice", "hash": ALICE}
    assert all(body.get("password") in (ALICE, None) for _, _, body in bench.server.seen)
    assert await bench.provider.check(login) == "alice"


async def test_a_second_factor_is_asked_for_and_then_a_token_is_kept(bench: Bench) -> None:
    with pytest.raises(Invalid) as caught:
        await bench.sign_in(username="bob")
    assert [(error.path, error.code) for error in caught.value.errors] == [("fields.otp", "required")]
    with pytest.raises(Invalid) as caught:
        await bench.sign_in(username="bob", otp="111111")
    assert [error.code for error in caught.value.errors] == ["code"]
    login = await bench.sign_in(username="bob", otp=CODE)
    assert set(login.secret) == {"username", "token"}
    bench.server.restart()
    with pytest.raises(UpstreamCredential, match="Sign in to it again"):
        await bench.provider.check(login)
    assert bench.server.logins == 1


async def test_a_token_of_an_administrator_and_an_ldap_account_and_a_guest_sign_in(bench: Bench) -> None:
    with pytest.raises(Invalid):
        await bench.sign_in("token", token="two\r\nlines")
    admin = await bench.sign_in("token", token=f" {ADMIN_TOKEN} ")
    assert dict(admin.secret) == {"username": "admin", "token": ADMIN_TOKEN}
    assert set((await bench.sign_in("ldap")).secret) == {"username", "token"}
    guest = await bench.sign_in("guest", folders="/locked = pw")
    assert await bench.provider.check(guest) == "guest"
    assert (await bench.play("/locked/secret.mp4", guest)).variants


async def test_wrong_passwords_stop_before_the_server_locks_everybody_out(bench: Bench) -> None:
    for _ in range(3):
        with pytest.raises(UpstreamCredential):
            await bench.sign_in(password="wrong")
    with pytest.raises(UpstreamLimited) as caught:
        await bench.sign_in(password="wrong")
    assert caught.value.retry_after == 300.0
    assert bench.server.wrong == 3
    bench.clock.advance(301)
    assert (await bench.sign_in()).secret


async def test_a_changed_password_is_tried_once(bench: Bench) -> None:
    stale = Login(bench.server.origin, {"username": "alice", "hash": "0" * 64})
    for _ in range(4):
        with pytest.raises(UpstreamCredential):
            await bench.provider.browse(stale, "", None, 50)
    assert bench.server.wrong == 1


async def test_a_factor_that_was_set_up_since_is_told(bench: Bench) -> None:
    bench.server.second_factors.add("alice")
    for _ in range(5):
        with pytest.raises(UpstreamCredential):
            await bench.provider.browse(bench.login, "", None, 50)
    assert bench.server.wrong == 1


async def test_an_address_of_another_server_is_told_before_a_password_is_sent(bench: Bench) -> None:
    with pytest.raises(UpstreamFailed):
        await bench.sign_in(server=bench.server.cloud)
    bench.server.answer = Answer(b"<html>hello</html>")
    with pytest.raises(UpstreamFormat, match="web page"):
        await bench.sign_in()
    bench.server.answer = Answer(b'{"code":200,"data":{"title":"other"}}')
    with pytest.raises(UpstreamFormat, match="no Alist"):
        await bench.sign_in()
    bench.server.answer = Answer(status=301, headers={"Location": f"{bench.server.cloud}/api/public/settings"})
    with pytest.raises(Invalid, match="Enter that address"):
        await bench.sign_in()
    assert not bench.server.calls("/api/auth/login/hash")


async def test_a_server_that_forgot_its_tokens_is_signed_in_to_again_once_for_all(bench: Bench) -> None:
    await bench.provider.browse(bench.login, "", None, 50)
    bench.server.restart()
    await asyncio.gather(*(bench.provider.browse(bench.login, "/movies", None, 50) for _ in range(20)))
    assert bench.server.logins == 2


async def test_a_token_and_the_device_are_told_to_the_server_alone(bench: Bench) -> None:
    offer = await bench.play("/movies/a.mkv")
    _, headers, _ = bench.server.calls("/api/fs/get")[0]
    assert headers["authorization"].startswith("token-alice-")
    assert len({seen["client-id"] for _, seen, _ in bench.server.seen}) == 1
    names = {
        name for variant in offer.variants if isinstance(variant.media, Upstream) for name in variant.media.headers
    }
    assert names == {"User-Agent"}


async def test_another_server_never_gets_the_login(bench: Bench) -> None:
    source = {"server": bench.server.cloud, "path": "/a.mkv"}
    with pytest.raises(UpstreamCredential):
        await bench.provider.resolve(source, bench.login)


async def test_guests_that_may_not_look_are_told_to_sign_in(bench: Bench) -> None:
    bench.server.guests = False
    with pytest.raises(UpstreamCredential):
        await bench.provider.resolve({"server": bench.server.origin, "path": "/movies/a.mkv"})
    with pytest.raises(UpstreamCredential):
        await bench.provider.browse(None, "", None, 50)


# --- Folders -----------------------------------------------------------------------------------------------------


async def test_folders_come_first_and_files_in_natural_order(bench: Bench) -> None:
    listing = await bench.provider.browse(bench.login, "/movies", None, 50)
    assert [entry.title for entry in listing.entries] == ["Sequels", "a", "b 2", "b 10", "影片 #1?"]
    assert [crumb.path for crumb in listing.crumbs] == ["", "/movies"]
    film = listing.entries[1]
    assert isinstance(film, ResolvedSource)
    assert film.detail == "MKV · 1.0 MB"
    assert listing.next_cursor is None


async def test_an_empty_folder_is_empty(bench: Bench) -> None:
    listing = await bench.provider.browse(bench.login, "/empty", None, 50)
    assert listing.entries == ()
    assert listing.total == 0


@pytest.mark.parametrize("limit", [50, 150, 200])
async def test_a_long_folder_comes_in_pages_without_gaps(bench: Bench, limit: int) -> None:
    titles, cursor = [], None
    while True:
        page = await bench.provider.browse(bench.login, "/big", cursor, limit)
        assert len(page.entries) <= limit
        titles += [entry.title for entry in page.entries]
        if (cursor := page.next_cursor) is None:
            break
    assert sorted(titles) == sorted(f"film {number}" for number in range(600))


async def test_a_short_folder_comes_in_pages_too(bench: Bench) -> None:
    first = await bench.provider.browse(bench.login, "/movies", None, 3)
    second = await bench.provider.browse(bench.login, "/movies", first.next_cursor, 3)
    assert [entry.title for entry in (*first.entries, *second.entries)] == ["Sequels", "a", "b 2", "b 10", "影片 #1?"]
    assert second.next_cursor is None


@pytest.mark.parametrize("cursor", ["", "0", "-1", "x", "٢", "99999999"])
async def test_a_cursor_of_nobody_is_refused(bench: Bench, cursor: str) -> None:
    with pytest.raises(UpstreamMissing):
        await bench.provider.browse(bench.login, "", cursor, 50)


async def test_names_that_no_file_can_have_are_left_out(bench: Bench) -> None:
    listing = await bench.provider.browse(bench.login, "/odd", None, 50)
    assert [entry.title for entry in listing.entries] == ["good", "x" * 200]


async def test_a_folder_with_a_password_asks_for_it(bench: Bench) -> None:
    with pytest.raises(UpstreamCredential, match="password of its own"):
        await bench.provider.browse(bench.login, "/locked", None, 50)
    listing = await bench.provider.browse(bench.guest(folders='{"/locked": "pw"}'), "/locked", None, 50)
    assert [entry.title for entry in listing.entries] == ["secret"]


async def test_a_folder_resolves_to_its_files(bench: Bench) -> None:
    found = await bench.provider.resolve({"server": bench.server.origin, "path": "/movies"}, bench.login)
    assert [one.title for one in found] == ["a", "b 2", "b 10", "影片 #1?"]
    many = await bench.provider.resolve({"server": bench.server.origin, "path": "/big"}, bench.login)
    assert len(many) == 500
    for path in ("/empty", "/movies/a.zh.srt"):
        with pytest.raises(Invalid):
            await bench.provider.resolve({"server": bench.server.origin, "path": path}, bench.login)


async def test_a_signed_link_is_read_from_the_top_of_what_the_account_sees(bench: Bench) -> None:
    link = bench.provider.recognise(f"{bench.server.origin}/d/movies/a.mkv?sign={signed('/movies/a.mkv')}")
    assert link is not None
    bob = await bench.sign_in(username="bob", otp=CODE)
    (found,) = await bench.provider.resolve(link, bob)
    assert found.source == {"server": bench.server.origin, "path": "/a.mkv"}
    other = bench.provider.recognise(f"{bench.server.origin}/d/ali/c.mp4?sign={signed('/ali/c.mp4')}")
    assert other is not None
    with pytest.raises(UpstreamMissing):
        await bench.provider.resolve(other, bob)


async def test_words_are_found_from_the_top_of_what_the_account_sees(bench: Bench) -> None:
    bob = await bench.sign_in(username="bob", otp=CODE)
    listing = await bench.provider.search(bob, "a", "", None, 50)
    paths = [entry.path if isinstance(entry, ListedFolder) else entry.source["path"] for entry in listing.entries]
    assert paths == ["/a.mkv", "/Sequels"]


async def test_a_server_without_an_index_looks_into_the_folder(bench: Bench) -> None:
    bench.server.indexed = False
    listing = await bench.provider.search(bench.login, "B 1", "/movies", None, 50)
    assert [entry.title for entry in listing.entries] == ["b 10"]


# --- Playing -----------------------------------------------------------------------------------------------------


async def test_the_cloud_gives_the_bytes_to_who_asked_for_the_address(bench: Bench) -> None:
    offer = await bench.play("/movies/a.mkv")
    assert (await bench.get(upstream_of(offer))).body == b"/cloud/movies/a.mkv"
    assert offer.expires_at == EXPIRES * 1_000_000
    assert not any(variant.public for variant in offer.variants)


@pytest.mark.parametrize("path", ["/movies/a.mkv", "/movies/影片 #1?.mp4"])
async def test_names_with_signs_of_an_address_in_them_play(bench: Bench, path: str) -> None:
    answer = await bench.get(upstream_of(await bench.play(path)))
    assert answer.body.decode() == f"/cloud{path}"


async def test_subtitles_and_comments_beside_the_film_come_with_it(bench: Bench) -> None:
    offer = await bench.play("/movies/a.mkv")
    (subtitle,) = offer.subtitles
    assert (subtitle.label, subtitle.language, subtitle.format) == ("zh", "zh", "srt")
    assert (await bench.get(subtitle.upstream)).body == b"/cloud/movies/a.zh.srt"
    assert [track.format for track in offer.danmaku] == ["bilibili"]
    bob = await bench.sign_in(username="bob", otp=CODE)
    (of_bob,) = (await bench.play("/a.mkv", bob)).subtitles
    assert (await bench.get(of_bob.upstream)).body == b"/cloud/movies/a.zh.srt"


async def test_an_address_that_the_server_gives_itself_becomes_the_one_people_call_it_by(bench: Bench) -> None:
    offer = await bench.play("/proxied/b.mp4")
    assert upstream_of(offer).url.startswith(f"{bench.server.origin}/p/proxied/b.mp4?sign=")
    assert offer.expires_at is None


async def test_qualities_that_the_cloud_has_ready_are_offered(bench: Bench) -> None:
    offer = await bench.play("/ali/c.mp4")
    assert [(variant.id, variant.container.value, variant.height) for variant in offer.variants] == [
        ("original", "mp4", None),
        ("sd", "hls", 480),
    ]


async def test_a_cloud_that_insists_on_a_program_gets_its_name(bench: Bench) -> None:
    upstream = upstream_of(await bench.play("/baidu/d.mp4"))
    assert upstream.headers["User-Agent"] == "pan.baidu.com"
    assert (await bench.get(upstream)).status == 200


async def test_two_accounts_and_two_versions_never_share_what_is_cached(bench: Bench) -> None:
    alice, guest = await bench.play("/movies/a.mkv"), await bench.play("/movies/a.mkv", bench.guest())
    keys = {upstream_of(alice).key, upstream_of(guest).key}
    assert len(keys) == 2
    assert upstream_of(await bench.play("/movies/a.mkv")).key in keys


# --- When something is wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code, message, error",
    [
        (403, "no permission", UpstreamRefused),
        (404, "gone", UpstreamMissing),
        (429, "slow down", UpstreamLimited),
        (500, "failed get storage: storage not found; rawPath: /x", UpstreamMissing),
        (500, "cloud says no", UpstreamUnavailable),
        (418, "teapot", UpstreamFailed),
    ],
)
async def test_codes_inside_an_answer_are_understood(
    bench: Bench, code: int, message: str, error: type[DomainError]
) -> None:
    login = await bench.sign_in()
    await bench.provider.browse(login, "", None, 50)
    bench.server.answer = Answer(json.dumps({"code": code, "message": message, "data": None}).encode())
    with pytest.raises(error) as caught:
        await bench.provider.browse(login, "", None, 50)
    assert message not in str(caught.value)


BROKEN: Mapping[str, bytes] = {
    "a list": b"[]",
    "a page": b"<html>",
    "other data": b'{"code":200,"data":{"content":7}}',
    "too deep": b'{"code":200,"data":' + b"[" * 100_000,
    "no text": b'{"code":200,"message":"\xff"}',
    "too long": b'{"code":200,"message":"' + b"x" * (9 << 20),
    "nothing": b"",
}


@pytest.mark.parametrize("body", sorted(BROKEN))
async def test_answers_that_make_no_sense_are_told(bench: Bench, body: str) -> None:
    bench.server.answer = Answer(BROKEN[body])
    with pytest.raises(UpstreamFormat):
        await bench.provider.browse(bench.guest(), "", None, 50)


async def test_a_refusal_to_hurry_is_passed_on(bench: Bench) -> None:
    bench.server.answer = Answer(status=429, headers={"Retry-After": "7"})
    with pytest.raises(UpstreamLimited) as caught:
        await bench.provider.browse(bench.guest(), "", None, 50)
    assert caught.value.retry_after == 7.0


async def test_a_token_is_not_carried_along_a_redirect(bench: Bench) -> None:
    bench.server.answer = Answer(status=307, headers={"Location": f"{bench.server.cloud}/api/fs/list"})
    with pytest.raises(UpstreamFailed, match="redirects"):
        await bench.provider.browse(bench.guest(token=ADMIN_TOKEN), "", None, 50)
