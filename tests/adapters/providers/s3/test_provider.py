"""Buckets of a real S3 server, and servers that refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from synctv.adapters.aiohttp.fetch import AiohttpFetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.s3.bucket import PLAY_SECONDS
from synctv.adapters.providers.s3.provider import S3Provider
from synctv.adapters.system.clock import SystemClock
from synctv.application.ports.fetch import FetchRequest
from synctv.application.ports.providers import ListedFolder, Listing, Login, PlayRequest, ResolvedSource
from synctv.domain.delivery.offer import Offer, Upstream
from synctv.domain.errors import (
    Invalid,
    UpstreamCredential,
    UpstreamFailed,
    UpstreamFormat,
    UpstreamLimited,
    UpstreamMissing,
    UpstreamRefused,
    UpstreamUnavailable,
)
from synctv.domain.ids import seconds_after
from synctv.domain.library.item import MediaKind
from tests.adapters.providers.s3.server import ACCESS, BUCKET, FILMS, SECRET, Scripted, local_fetch, moto, put, scripted

KEYS = {"access_key": ACCESS, "secret_key": SECRET}


@pytest.fixture
async def fetch() -> AsyncIterator[AiohttpFetch]:
    async with local_fetch() as opened:
        yield opened


@pytest.fixture
async def provider(fetch: AiohttpFetch) -> S3Provider:
    return S3Provider(fetch, SystemClock())


def login(origin: str, bucket: str = BUCKET) -> Login:
    return Login(f"{origin}/{bucket}", {**KEYS, "region": "us-east-1", "style": "path"})


def names(listing: Listing) -> list[str]:
    return [one.path if isinstance(one, ListedFolder) else str(one.source["path"]) for one in listing.entries]


async def everything(provider: S3Provider, login: Login, path: str = "", limit: int = 50) -> list[str]:
    """All names in a folder, page by page."""
    found: list[str] = []
    cursor = None
    while True:
        listing = await provider.browse(login, path, cursor, limit)
        found += names(listing)
        cursor = listing.next_cursor
        if cursor is None:
            return found
        assert len(cursor) <= 500


async def bytes_at(fetch: AiohttpFetch, upstream: Upstream) -> bytes:
    return (await fetch.fetch(FetchRequest(upstream.url, headers=upstream.headers))).body


async def played(provider: S3Provider, login: Login, path: str) -> Offer:
    (found,) = await provider.resolve({"path": path}, login)
    return await provider.play(PlayRequest(found.source, found.kind, login))


async def test_everything_that_plays_can_be_found_and_fetched(provider: S3Provider, fetch: AiohttpFetch) -> None:
    with moto() as origin:
        folders = [""]
        found: list[str] = []
        while folders:
            for name in await everything(provider, login(origin), folders.pop()):
                (folders if name.endswith("/") else found).append(name)
        assert sorted(found) == sorted(name for name in FILMS if name.endswith(("mp4", "mkv", "webm", "flac", "m3u8")))
        for name in found:
            offer = await played(provider, login(origin), name)
            (variant,) = offer.variants
            assert not variant.public
            assert isinstance(variant.media, Upstream)
            assert await bytes_at(fetch, variant.media) == FILMS[name]


async def test_a_film_has_the_text_tracks_beside_it(provider: S3Provider, fetch: AiohttpFetch) -> None:
    with moto() as origin:
        offer = await played(provider, login(origin), "A Film.mp4")
        assert [(one.language, one.format) for one in offer.subtitles] == [("en", "srt"), ("zh-Hans", "ass")]
        assert await bytes_at(fetch, offer.subtitles[0].upstream) == FILMS["A Film.en.srt"]


async def test_a_replaced_film_is_another_thing_for_the_cache(provider: S3Provider) -> None:
    with moto() as origin:
        before = (await played(provider, login(origin), "A Film.mp4")).variants[0].media
        same = (await played(provider, login(origin), "A Film.mp4")).variants[0].media
        put(f"{origin}/{BUCKET}/A%20Film.mp4", b"director's cut")
        after = (await played(provider, login(origin), "A Film.mp4")).variants[0].media
    assert isinstance(before, Upstream)
    assert isinstance(same, Upstream)
    assert isinstance(after, Upstream)
    assert before.identity == same.identity != after.identity
    assert f"@{origin}/films/A%20Film.mp4#" in before.identity


async def test_what_one_key_has_read_is_not_there_for_another_key(provider: S3Provider) -> None:
    with moto() as origin:
        own = login(origin)
        other = Login(own.server, {**own.secret, "access_key": "AKIAOTHER"})
        one, two = [(await played(provider, who, "A Film.mp4")).variants[0].media for who in (own, other)]
    assert isinstance(one, Upstream)
    assert isinstance(two, Upstream)
    assert one.identity != two.identity
    assert own.secret["access_key"] not in one.identity


async def test_a_long_folder_comes_in_pages(provider: S3Provider) -> None:
    films = {f"many/{number:03}.mp4": b"x" for number in range(25)} | {f"many/f{n:02}/a.mp4": b"x" for n in range(7)}
    with moto(films) as origin:
        found = await everything(provider, login(origin), "many/", limit=4)
        assert sorted(found) == sorted([f"many/{n:03}.mp4" for n in range(25)] + [f"many/f{n:02}/" for n in range(7)])


async def test_pages_without_a_film_are_skipped(provider: S3Provider) -> None:
    with moto({f"{number}.txt": b"x" for number in range(9)} | {"z.mp4": b"x"}) as origin:
        listing = await provider.browse(login(origin), "", None, 3)
        assert names(listing) == ["z.mp4"]


async def test_an_empty_bucket_is_empty(provider: S3Provider) -> None:
    with moto({}) as origin:
        assert await provider.check(login(origin, "empty")) == "empty"
        assert await provider.browse(login(origin, "empty"), "", None, 50) == Listing(
            (), (await provider.browse(login(origin, "empty"), "", None, 50)).crumbs
        )


async def test_crumbs_lead_back(provider: S3Provider) -> None:
    with moto() as origin:
        listing = await provider.browse(login(origin), "shows//", None, 50)
        assert [(one.path, one.title) for one in listing.crumbs] == [
            ("", "films"),
            ("shows/", "shows"),
            ("shows//", "/"),
        ]


async def test_a_search_goes_on_where_it_stopped(provider: S3Provider) -> None:
    films = {f"a/{number:02} good.mp4": b"x" for number in range(5)} | {f"b/{n}.mp4": b"x" for n in range(5)}
    with moto(films) as origin:
        first = await provider.search(login(origin), "GOOD q", "", None, 2)
        assert names(first) == []
        first = await provider.search(login(origin), "GOOD", "", None, 2)
        second = await provider.search(login(origin), "GOOD", "", first.next_cursor, 2)
        third = await provider.search(login(origin), "GOOD", "", second.next_cursor, 2)
        assert names(first) + names(second) + names(third) == [f"a/{number:02} good.mp4" for number in range(5)]
        assert third.next_cursor is None
        assert names(await provider.search(login(origin), "3", "b/", None, 50)) == ["b/3.mp4"]


async def test_a_film_that_is_gone_is_missing(provider: S3Provider) -> None:
    with moto() as origin:
        with pytest.raises(UpstreamMissing):
            await provider.resolve({"path": "gone.mp4"}, login(origin))
        with pytest.raises(UpstreamMissing):
            await provider.play(PlayRequest({"path": "gone.mp4"}, MediaKind.VIDEO, login(origin)))


async def test_a_bucket_that_is_none_is_told_by_its_name(provider: S3Provider) -> None:
    with moto() as origin, pytest.raises(UpstreamMissing, match="no bucket called nothing"):
        await provider.sign_in("minio", {**KEYS, "server": origin, "bucket": "nothing"})


@pytest.mark.parametrize("path", ["notes.txt", "a/../b.mp4", "./a.mp4", "x" * 1_030 + ".mp4", "\ud800.mp4"])
async def test_what_can_not_play_is_invalid(provider: S3Provider, path: str) -> None:
    with pytest.raises(Invalid):
        await provider.resolve({"path": path}, login("http://127.0.0.1:1"))


async def test_a_login_is_used_for_its_own_bucket_alone(provider: S3Provider) -> None:
    source = {"server": "http://127.0.0.1:1/others", "path": "a.mp4"}
    with pytest.raises(UpstreamCredential, match=r"127\.0\.0\.1:1"):
        await provider.play(PlayRequest(source, MediaKind.VIDEO, login("http://127.0.0.1:1")))


async def test_addresses_run_out_after_six_hours(fetch: AiohttpFetch) -> None:
    clock = MemoryClock()
    async with scripted() as (script, origin):
        script.body = b"<ListBucketResult><Contents><Key>a.mp4</Key></Contents></ListBucketResult>"
        offer = await S3Provider(fetch, clock).play(PlayRequest({"path": "a.mp4"}, MediaKind.VIDEO, login(origin)))
    assert offer.expires_at == seconds_after(clock.now(), PLAY_SECONDS)
    assert isinstance(offer.variants[0].media, Upstream)
    assert "X-Amz-Expires=21600" in offer.variants[0].media.url


REFUSALS = [
    (403, "InvalidAccessKeyId", "", UpstreamCredential, "make a new one"),
    (403, "SignatureDoesNotMatch", "", UpstreamCredential, "the secret key is wrong"),
    (400, "ExpiredToken", "", UpstreamCredential, "run out"),
    (403, "RequestTimeTooSkewed", "", UpstreamFailed, "clock"),
    (403, "AccessDenied", "", UpstreamRefused, "rights to list"),
    (403, "InvalidObjectState", "", UpstreamRefused, "archived"),
    (404, "NoSuchKey", "", UpstreamMissing, "nothing at this address"),
    (404, "NoSuchBucket", "", UpstreamMissing, "no bucket called films"),
    (301, "PermanentRedirect", "<Endpoint>films.s3.eu-west-1.test</Endpoint>", UpstreamCredential, "another region"),
    (400, "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>", UpstreamCredential, "region eu-west-1"),
    (503, "SlowDown", "", UpstreamLimited, "30 s"),
    (500, "InternalError", "", UpstreamUnavailable, "problem of its own"),
    (418, "Unheard", "", UpstreamFailed, "status 418"),
]


@pytest.mark.parametrize("status, code, more, kind, sentence", REFUSALS, ids=[one[1] for one in REFUSALS])
async def test_a_refusal_says_what_to_do(
    provider: S3Provider, status: int, code: str, more: str, kind: type[UpstreamFailed], sentence: str
) -> None:
    async with scripted() as (script, origin):
        script.refuses(status, code, more)
        for call in (
            provider.browse(login(origin), "", None, 50),
            provider.resolve({"path": "a.mp4"}, login(origin)),
        ):
            with pytest.raises(kind, match=sentence) as caught:
                await call
            assert SECRET not in str(caught.value)
            assert "X-Amz" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Welcome</html>",
        b"{}",
        b"<ListBucketResult>",
        b"<Other/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><ListBucketResult><Contents><Key>&b;</Key></Contents></ListBucketResult>",
        b"<ListBucketResult>" + b" " * (5 << 20) + b"</ListBucketResult>",
    ],
    ids=["nothing", "page", "json", "cut", "other", "entity", "endless"],
)
async def test_an_answer_that_is_no_listing_is_told(provider: S3Provider, body: bytes) -> None:
    async with scripted() as (script, origin):
        script.body = body
        with pytest.raises(UpstreamFormat, match="does not answer as S3 does"):
            await provider.browse(login(origin), "", None, 50)


async def test_a_key_that_may_read_but_not_list_plays(provider: S3Provider) -> None:
    async with scripted() as (script, origin):
        script.refuses(403, "AccessDenied")
        offer = await provider.play(PlayRequest({"path": "a.mp4"}, MediaKind.VIDEO, login(origin)))
    assert len(offer.variants) == 1
    assert offer.subtitles == ()


@pytest.mark.parametrize("cursor", ["", "t", "x", "tt" * 300, "1"])
async def test_a_cursor_of_somebody_else_leads_nowhere(provider: S3Provider, cursor: str) -> None:
    with pytest.raises(UpstreamMissing):
        await provider.browse(login("http://127.0.0.1:1"), "", cursor, 50)


def listing_with(script: Scripted, token: str, *keys: str) -> None:
    contents = "".join(f"<Contents><Key>{key}</Key><Size>7</Size></Contents>" for key in keys)
    more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>"
    script.body = f"<ListBucketResult xmlns='x'>{more}{contents}</ListBucketResult>".encode()


async def test_a_token_that_is_too_long_to_hand_out_is_replaced_by_the_last_name(provider: S3Provider) -> None:
    async with scripted() as (script, origin):
        listing_with(script, "t" * 900, "a/1.mp4", "a/2.mp4")
        listing = await provider.browse(login(origin), "a/", None, 50)
        assert listing.next_cursor is not None
        await provider.browse(login(origin), "a/", listing.next_cursor, 50)
        assert script.asked[-1][2]["start-after"] == "a/2.mp4"
        assert "continuation-token" not in script.asked[-1][2]


async def test_a_server_that_goes_on_for_ever_is_asked_a_few_times_only(provider: S3Provider) -> None:
    async with scripted() as (script, origin):
        listing_with(script, "again", "notes.txt")
        assert (await provider.browse(login(origin), "", None, 50)).entries == ()
        listing = await provider.search(login(origin), "film", "", None, 50)
        assert listing.entries == ()
        assert listing.next_cursor is not None
        assert len(script.asked) == 10


async def test_sizes_that_are_none_do_not_matter(provider: S3Provider) -> None:
    async with scripted() as (script, origin):
        script.body = b"<ListBucketResult><Contents><Key>a.mp4</Key><Size>-1e9</Size></Contents></ListBucketResult>"
        (entry,) = (await provider.browse(login(origin), "", None, 50)).entries
        assert isinstance(entry, ResolvedSource)
        assert entry.detail == "MP4"
