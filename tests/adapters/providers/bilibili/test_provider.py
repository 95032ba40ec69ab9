"""Bilibili, with answers that were written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from synctv.adapters.extractors.extractor import Tool
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.providers.bilibili.provider import BilibiliProvider
from synctv.application.ports.providers import Login, PlayRequest
from synctv.domain.delivery.offer import Offer, Tracks, Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.delivery.profile import ANY, Profile
from synctv.domain.errors import (
    DomainError,
    Invalid,
    UpstreamCredential,
    UpstreamLimited,
    UpstreamMissing,
    UpstreamRefused,
)
from synctv.domain.library.item import MediaKind
from tests.adapters.extractors.scripted import ScriptedExtractor
from tests.contracts.provider_cases.bilibili import COOKIES, LIVE, SESSION, SHORT, VIDEO, part, read

LOGIN = Login("", {"cookies": COOKIES})


@dataclass
class World:
    clock: MemoryClock = field(default_factory=MemoryClock)
    fetch: MemoryFetch = field(default_factory=MemoryFetch)
    extractor: ScriptedExtractor = field(default_factory=ScriptedExtractor)

    @property
    def provider(self) -> BilibiliProvider:
        return BilibiliProvider(self.extractor, self.fetch, self.clock)

    async def offer(self, url: str, profile: Profile = ANY, login: Login | None = None) -> Offer:
        return await self.provider.play(PlayRequest({"url": url}, MediaKind.VIDEO, login, profile))


@pytest.fixture
def world() -> World:
    made = World()
    read(made.extractor)
    return made


async def test_a_video_of_one_part_is_one_item(world: World) -> None:
    (only,) = await world.provider.resolve({"url": "BV17x411w7KC"})
    assert (only.source, only.title, only.kind) == ({"url": f"{VIDEO}?p=1"}, "A video", MediaKind.VIDEO)
    assert (only.duration, only.detail) == (90.0, "1080p")
    assert world.extractor.jobs[-1].whole


async def test_all_parts_of_a_video_are_items(world: World) -> None:
    entries = [{"url": f"{VIDEO}?p={number}"} for number in (1, 2, 3)]
    world.extractor.shows(VIDEO, kind="list", title="A course", entries=entries)
    found = await world.provider.resolve({"url": VIDEO})
    assert [(one.source["url"], one.title) for one in found] == [
        (f"{VIDEO}?p=1", "A course P1"),
        (f"{VIDEO}?p=2", "A course P2"),
        (f"{VIDEO}?p=3", "A course P3"),
    ]


async def test_a_part_that_was_named_is_the_only_one(world: World) -> None:
    await world.provider.resolve({"url": f"{VIDEO}?p=1"})
    job = world.extractor.jobs[-1]
    assert (job.tool, job.url, job.whole) == (Tool.YT_DLP, f"{VIDEO}?p=1", False)


async def test_the_episodes_of_a_season_are_items(world: World) -> None:
    season = "https://www.bilibili.com/bangumi/play/ss9"
    entries = [{"url": f"https://www.bilibili.com/bangumi/play/ep{number}", "title": "E"} for number in (1, 2)]
    strange = [{"url": "https://evil.test/"}, {"url": season}]
    world.extractor.shows(season, kind="list", title="A season", entries=[*entries, *strange])
    found = await world.provider.resolve({"url": "ss9"})
    assert [one.source["url"] for one in found] == [entry["url"] for entry in entries]


async def test_an_empty_list_is_told(world: World) -> None:
    world.extractor.shows("https://www.bilibili.com/watchlater", kind="list", entries=[])
    with pytest.raises(UpstreamMissing, match="signed in"):
        await world.provider.resolve({"url": "https://www.bilibili.com/watchlater"})


async def test_each_family_of_codecs_is_a_variant_with_its_own_qualities(world: World) -> None:
    offer = await world.offer(f"{VIDEO}?p=1")
    assert [variant.id for variant in offer.variants] == ["adaptive-avc", "adaptive-hevc"]
    first = offer.variants[0]
    assert (first.container, first.height, first.public) == (Container.DASH, 1080, False)
    assert isinstance(first.media, Tracks)
    assert [(track.id, track.height) for track in first.media.video] == [("30080-avc", 1080), ("30064-avc", 720)]
    assert [track.id for track in first.media.audio] == ["30280"]
    assert first.media.duration == 90.0


async def test_a_client_that_names_its_codecs_gets_those(world: World) -> None:
    offer = await world.offer(f"{VIDEO}?p=1", Profile(codecs=frozenset({"hvc1", "mp4a.40.2"})))
    assert [variant.id for variant in offer.variants] == ["adaptive-hevc"]
    offer = await world.offer(f"{VIDEO}?p=1", Profile(codecs=frozenset({"av01"})))
    assert len(offer.variants) == 2


async def test_media_hosts_get_the_referrer_that_they_demand(world: World) -> None:
    offer = await world.offer(f"{VIDEO}?p=1")
    assert isinstance(offer.variants[0].media, Tracks)
    assert offer.variants[0].media.video[0].upstream.headers == {"Referer": VIDEO, "User-Agent": "UA"}
    live = await world.offer(LIVE)
    assert isinstance(live.variants[0].media, Upstream)
    assert live.variants[0].media.headers["Referer"] == "https://live.bilibili.com/"
    assert "Mozilla" in live.variants[0].media.headers["User-Agent"]


async def test_comments_subtitles_and_chapters_come_along(world: World) -> None:
    offer = await world.offer(f"{VIDEO}?p=1")
    (comments,) = offer.danmaku
    assert (comments.upstream.url, comments.format) == ("https://comment.bilibili.com/279786.xml", "bilibili")
    assert [(one.id, one.language, one.format) for one in offer.subtitles] == [
        ("zh-CN", "zh-CN", "srt"),
        ("en-auto", "en", "srt"),
    ]
    assert "automatic" in offer.subtitles[1].label
    assert [(chapter.start, chapter.title) for chapter in offer.chapters] == [(0.0, "Begin")]


async def test_a_live_room_is_read_by_streamlink(world: World) -> None:
    (only,) = await world.provider.resolve({"url": f"{LIVE}?x=1"})
    assert (only.kind, only.duration, only.source) == (MediaKind.LIVE, None, {"url": LIVE})
    assert world.extractor.jobs[-1].tool is Tool.STREAMLINK
    offer = await world.offer(LIVE)
    assert [(one.id, one.container, one.live) for one in offer.variants] == [
        ("hls", Container.HLS, True),
        ("httpstream", Container.FLV, True),
    ]


async def test_the_cookie_goes_to_the_worker_and_tells_accounts_apart(world: World) -> None:
    signed_in = await world.offer(f"{VIDEO}?p=1", login=LOGIN)
    assert SESSION in world.extractor.jobs[-1].cookies
    signed_out = await world.offer(f"{VIDEO}?p=1")
    assert world.extractor.jobs[-1].cookies == ""
    keys = [
        offer.variants[0].media.video[0].upstream.key
        for offer in (signed_in, signed_out)
        if isinstance(offer.variants[0].media, Tracks)
    ]
    assert len(set(keys)) == 2
    assert not any(SESSION in str(key) for key in keys)


async def test_a_short_link_is_followed_within_bilibili(world: World) -> None:
    part(world.extractor, f"{VIDEO}?p=1")
    world.fetch.answers(SHORT, status=302, headers={"Location": "https://b23.tv/Another1"})
    world.fetch.answers("https://b23.tv/Another1", status=301, headers={"Location": f"{VIDEO}?p=1&x=1"})
    (only,) = await world.provider.resolve({"url": SHORT})
    assert only.source == {"url": f"{VIDEO}?p=1"}
    assert all(not request.follow for request in world.fetch.requests)


@pytest.mark.parametrize(
    "location",
    ["https://evil.test/", "http://127.0.0.1/", "https://bilibili.com.evil.test/", "javascript:1", "", SHORT, "//["],
)
async def test_a_short_link_that_leads_elsewhere_ends_there(world: World, location: str) -> None:
    world.fetch.answers(SHORT, status=302, headers={"Location": location})
    with pytest.raises(UpstreamMissing, match="short link"):
        await world.provider.resolve({"url": SHORT})
    assert {request.url for request in world.fetch.requests} == {SHORT}
    assert len(world.fetch.requests) <= 5


@pytest.mark.parametrize(
    "kind, expected, words",
    [
        ("login", UpstreamCredential, "cookie"),
        ("members", UpstreamRefused, "members"),
        ("geo", UpstreamRefused, "country"),
        ("missing", UpstreamMissing, "removed"),
        ("limited", UpstreamLimited, "Try again in"),
        ("risk", UpstreamRefused, "browser"),
        ("not_live", UpstreamMissing, "not live"),
        ("drm", UpstreamRefused, "DRM"),
        ("unsupported", Invalid, "address"),
    ],
)
async def test_each_failure_says_what_to_do(world: World, kind: str, expected: type[DomainError], words: str) -> None:
    world.extractor.fails(VIDEO, kind)
    with pytest.raises(expected, match=words):
        await world.provider.resolve({"url": VIDEO})


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "buvid3=abc; b_nut=1",
        "SESSDATA=",
        "SESSDATA=a\r\nX-Injected: 1",
        f"SESSDATA={SESSION}\nDedeUserID=1",
        "SESSDATA=naïve-value-of-a-cookie",
        "x" * 200_000,
    ],
)
async def test_a_cookie_that_can_t_be_one_is_refused_and_not_repeated(world: World, cookie: str) -> None:
    with pytest.raises(Invalid) as caught:
        await world.provider.sign_in("cookie", {"cookie": cookie})
    assert [error.path for error in caught.value.errors] == ["fields.cookie"]
    assert "naïve" not in str(caught.value)


@pytest.mark.parametrize(
    "cookie",
    [SESSION, f"SESSDATA={SESSION}", f"Cookie: buvid3=abc; SESSDATA={SESSION}; DedeUserID=42", COOKIES],
)
async def test_each_way_to_paste_a_cookie_keeps_its_value_as_it_is(world: World, cookie: str) -> None:
    new = await world.provider.sign_in("cookie", {"cookie": cookie})
    assert new.login.server == ""
    assert f"\tSESSDATA\t{SESSION}" in new.login.secret["cookies"]
    assert new.label == ("UID 42" if "DedeUserID" in cookie else "bilibili.com")


async def test_a_cookie_that_has_run_out_is_refused(world: World) -> None:
    old = "1a2b3c4d%2C1700000000%2C5e6f7*11"
    with pytest.raises(UpstreamCredential, match="fresh"):
        await world.provider.sign_in("cookie", {"cookie": old})
    world.clock.advance(10 * 365 * 86_400)
    with pytest.raises(UpstreamCredential):
        await world.provider.check(LOGIN)
