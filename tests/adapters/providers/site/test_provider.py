"""Pages of sites, with answers that were written by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.site.provider import SiteProvider
from synctv.application.ports.providers import Login, PlayRequest
from synctv.domain.delivery.offer import Offer, Upstream
from synctv.domain.errors import Invalid, UpstreamCredential, UpstreamFormat, UpstreamMissing
from synctv.domain.ids import MICROS, seconds_after
from synctv.domain.library.item import MediaKind
from tests.adapters.extractors.scripted import ScriptedExtractor, file
from tests.contracts.provider_cases.site import COOKIES, LIST, URL, read


@dataclass
class World:
    clock: MemoryClock = field(default_factory=MemoryClock)
    extractor: ScriptedExtractor = field(init=False)
    provider: SiteProvider = field(init=False)

    def __post_init__(self) -> None:
        self.extractor = read(ScriptedExtractor(self.clock))
        self.provider = SiteProvider(self.extractor, self.clock)

    async def offer(self, url: str = URL, login: Login | None = None) -> Offer:
        return await self.provider.play(PlayRequest({"url": url}, MediaKind.VIDEO, login))


@pytest.fixture
def world() -> World:
    return World()


async def test_a_page_is_an_item_of_its_site(world: World) -> None:
    (only,) = await world.provider.resolve({"url": URL})
    assert only.source == {"url": URL, "server": "https://video.test"}
    assert (only.title, only.kind, only.duration, only.detail) == ("A film", MediaKind.VIDEO, 61.5, "1080p")
    assert only.cover == "https://img.test/1.jpg"


async def test_a_list_is_as_many_items(world: World) -> None:
    found = await world.provider.resolve({"url": LIST})
    assert [one.title for one in found] == ["Part 0", "Part 1", "Part 2"]
    assert all(one.source["server"] == "https://video.test" for one in found)


async def test_what_a_list_names_that_is_no_page_is_left_out(world: World) -> None:
    entries = [{"url": "https://user:pass@a.test/"}, {"url": "https://a.test/film"}]
    world.extractor.shows(LIST, kind="list", entries=entries)
    (only,) = await world.provider.resolve({"url": LIST})
    assert only.title == "film"
    world.extractor.shows(LIST, kind="list", entries=entries[:1])
    with pytest.raises(Invalid, match="empty"):
        await world.provider.resolve({"url": LIST})


async def test_the_best_of_all_ways_comes_first_and_none_is_public(world: World) -> None:
    offer = await world.offer()
    assert [(one.id, one.height) for one in offer.variants] == [("adaptive-avc", 1080), ("18", 360)]
    assert not any(one.public for one in offer.variants)
    whole = offer.variants[1].media
    assert isinstance(whole, Upstream)
    assert whole.headers == {"Referer": URL, "Cookie": "k=v"}
    assert whole.key == "site:www.video.test:Video:1:18::"


async def test_a_live_page_is_a_live_item_without_a_length(world: World) -> None:
    formats = [file("720p", protocol="m3u8_native", height=720)]
    world.extractor.shows(URL, title="On air", live=True, duration=5.0, formats=formats)
    (only,) = await world.provider.resolve({"url": URL})
    assert (only.kind, only.duration) == (MediaKind.LIVE, None)
    assert (await world.offer()).variants[0].live


async def test_sound_alone_is_an_audio_item(world: World) -> None:
    world.extractor.shows(URL, title="A song", formats=[file("a", ext="m4a", vcodec="none", tbr=128)])
    (only,) = await world.provider.resolve({"url": URL})
    assert only.kind is MediaKind.AUDIO
    assert [one.label for one in (await world.offer()).variants] == ["128 kbit/s"]


async def test_a_page_without_formats_has_nothing_to_add(world: World) -> None:
    world.extractor.shows(URL, title="Soon", formats=[])
    with pytest.raises(UpstreamMissing, match="no video"):
        await world.provider.resolve({"url": URL})
    world.extractor.shows(URL, title="Odd", formats=[file("f", protocol="rtmp")])
    with pytest.raises(UpstreamMissing):
        await world.offer()


async def test_a_list_can_t_be_played(world: World) -> None:
    with pytest.raises(UpstreamMissing):
        await world.offer(LIST)


async def test_an_offer_ends_when_the_first_of_its_addresses_does(world: World) -> None:
    now = world.clock.now()
    soon, later = now // MICROS + 3_600, now // MICROS + 7_200
    formats = [
        {"id": "1", "url": f"https://media.test/a?expire={later}", "ext": "mp4"},
        {"id": "2", "url": f"https://media.test/expire/{soon}/b", "ext": "mp4"},
    ]
    world.extractor.shows(URL, formats=formats)
    assert (await world.offer()).expires_at == soon * MICROS
    world.extractor.shows(URL, formats=[file("1")])
    assert (await world.offer()).expires_at == seconds_after(now, 600)


async def test_an_address_that_is_not_good_yet_is_waited_for_but_not_for_long(world: World) -> None:
    seconds = world.clock.now() // MICROS
    world.extractor.shows(URL, formats=[file("1", available_at=seconds + 5), file("2", available_at=seconds + 9_000)])
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(world.offer())
        await asyncio.sleep(0.01)
        assert not waiting.done()
        world.clock.advance(15)


async def test_the_text_of_a_subtitle_is_given_as_it_is(world: World) -> None:
    subtitles = [{"language": "de", "ext": "srt", "text": "1\n00:00:00,000 --> 00:00:01,000\nÄ\n"}]
    world.extractor.shows(URL, formats=[file("1")], subtitles=subtitles)
    (only,) = (await world.offer()).subtitles
    assert only.upstream.url.startswith("data:text/plain;charset=utf-8;base64,MQow")


async def test_what_the_page_says_of_its_failure_is_passed_on(world: World) -> None:
    world.extractor.fails(URL, "other", "The moon is in the way")
    with pytest.raises(UpstreamFormat, match="The moon is in the way"):
        await world.provider.resolve({"url": URL})


async def test_the_site_of_a_page_that_wants_a_sign_in_is_named(world: World) -> None:
    world.extractor.fails(URL, "login")
    with pytest.raises(UpstreamCredential) as caught:
        await world.provider.resolve({"url": URL})
    assert caught.value.host == "video.test"


@pytest.mark.parametrize(
    "url", ["", "ftp://a.test/", "https://", "https://u:p@a.test/", "https://a.test/" + "x" * 3_000]
)
async def test_what_is_no_address_of_a_page_is_invalid(world: World, url: str) -> None:
    with pytest.raises(Invalid) as caught:
        await world.provider.resolve({"url": url})
    assert [error.path for error in caught.value.errors] == ["source.url"]
    assert world.extractor.jobs == []


async def test_a_cookie_is_kept_for_its_site_and_sent_with_its_jobs(world: World) -> None:
    fields = {"server": "https://www.video.test/login", "cookie": "session=a-secret-value; theme=dark"}
    new = await world.provider.sign_in("cookie", fields)
    assert (new.login.server, new.label) == ("https://video.test", "video.test")
    assert "a-secret-value" not in repr(new)
    await world.offer(login=new.login)
    assert ".video.test\tTRUE\t/\tTRUE\t0\tsession\ta-secret-value" in world.extractor.jobs[-1].cookies


@pytest.mark.parametrize(
    "fields, path",
    [
        ({"server": "nonsense", "cookie": "a=b"}, "fields.server"),
        ({"server": "10.0.0.1", "cookie": "a=b"}, "fields.server"),
        ({"server": "", "cookie": "a=b"}, "fields.server"),
        ({"server": "video.test", "cookie": ""}, "fields.cookie"),
        ({"server": "video.test", "cookie": "just text"}, "fields.cookie"),
        ({"server": "video.test", "cookie": COOKIES.replace("video.test", "other.test")}, "fields.cookie"),
        ({"server": "video.test", "cookie": "a=b\r\nHost: evil.test"}, "fields.cookie"),
        ({"server": "video.test", "cookie": "a=\x01"}, "fields.cookie"),
    ],
)
async def test_a_cookie_that_can_t_be_used_is_refused(world: World, fields: dict[str, str], path: str) -> None:
    with pytest.raises(Invalid) as caught:
        await world.provider.sign_in("cookie", fields)
    assert [error.path for error in caught.value.errors] == [path]


async def test_a_cookie_that_has_run_out_is_no_longer_good(world: World) -> None:
    end = world.clock.now() // MICROS + 60
    login = Login("https://video.test", {"cookies": COOKIES.replace("\t0\t", f"\t{end}\t")})
    assert await world.provider.check(login) == "video.test"
    world.clock.advance(61)
    with pytest.raises(UpstreamCredential, match="fresh"):
        await world.provider.check(login)
    with pytest.raises(UpstreamCredential):
        await world.provider.check(Login("https://video.test", {}))
