"""Live channels: which addresses are known, and what becomes of what streamlink finds."""

from __future__ import annotations

import pytest
from streamlink.session.session import Streamlink

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.live_site.channels import channel_url
from synctv.adapters.providers.live_site.provider import LiveSiteProvider
from synctv.application.ports.providers import PlayRequest
from synctv.domain.delivery.playable import Container
from synctv.domain.errors import Invalid, UpstreamMissing
from synctv.domain.library.item import MediaKind
from tests.adapters.extractors.scripted import ScriptedExtractor, file
from tests.contracts.provider_cases.live_site import URL

CHANNELS = [
    "https://www.twitch.tv/some_body",
    "https://www.huya.com/lpl",
    "https://www.huya.com/660000",
    "https://www.douyu.com/9999",
    "https://live.douyin.com/123456",
    "https://www.tiktok.com/@some.body/live",
    "https://www.kick.com/some-body",
    "https://chzzk.naver.com/live/0123456789abcdef0123456789abcdef",
    "https://play.sooplive.co.kr/somebody/1234",
    "https://twitcasting.tv/somebody",
    "https://www.picarto.tv/somebody",
    "https://www.dlive.tv/somebody",
]


@pytest.mark.parametrize("url", CHANNELS)
def test_the_channels_that_are_recognised_are_known_to_streamlink(url: str) -> None:
    assert channel_url(f" {url}/?from=a#b ") == url
    name, _, _ = Streamlink().resolve_url(url, follow_redirect=False)
    assert name not in ("hls", "dash", "http")


@pytest.mark.parametrize(
    "text",
    [
        None,
        "https://www.twitch.tv/",
        "https://www.twitch.tv/videos/123",
        "https://www.twitch.tv/directory",
        "https://www.twitch.tv/somebody/clip/Abc",
        "https://www.tiktok.com/@somebody/video/1",
        "https://www.huya.com/l",
        "https://twitch.tv.evil.test/somebody",
        "https://www.twitch.tv:8443/somebody",
        "https://live.bilibili.com/21",
        "https://www.youtube.com/watch?v=1",
    ],
)
def test_other_addresses_are_left_to_others(text: object) -> None:
    assert channel_url(text) is None


@pytest.fixture
def extractor() -> ScriptedExtractor:
    return ScriptedExtractor(MemoryClock())


async def test_the_qualities_of_a_channel_are_variants_best_first(extractor: ScriptedExtractor) -> None:
    formats = [
        file("160p", protocol="m3u8_native", height=160),
        file("1080p60", protocol="m3u8_native", height=1080, fps=60, headers={"Referer": URL}),
        file("source", ext="flv"),
    ]
    extractor.shows(URL, title="Somebody: plays", live=True, formats=formats)
    provider = LiveSiteProvider(extractor)
    (only,) = await provider.resolve({"url": URL})
    assert (only.title, only.kind, only.detail) == ("Somebody: plays", MediaKind.LIVE, "1080p")
    offer = await provider.play(PlayRequest(only.source, only.kind))
    assert [(one.id, one.label, one.container) for one in offer.variants] == [
        ("1080p60", "1080p60", Container.HLS),
        ("160p", "160p", Container.HLS),
        ("source", "source", Container.FLV),
    ]
    assert all(one.live and not one.public for one in offer.variants)


async def test_a_channel_without_a_title_is_called_like_its_address(extractor: ScriptedExtractor) -> None:
    extractor.shows(URL, live=True, formats=[file("a", ext="flv")])
    (only,) = await LiveSiteProvider(extractor).resolve({"url": URL})
    assert only.title == "somebody"


async def test_a_channel_that_is_not_live_is_told(extractor: ScriptedExtractor) -> None:
    extractor.fails(URL, "not_live")
    with pytest.raises(UpstreamMissing, match="not live now"):
        await LiveSiteProvider(extractor).resolve({"url": URL})


async def test_an_address_that_streamlink_does_not_know_is_invalid(extractor: ScriptedExtractor) -> None:
    with pytest.raises(Invalid) as caught:
        await LiveSiteProvider(extractor).resolve({"url": "https://video.test/live"})
    assert [error.path for error in caught.value.errors] == ["source.url"]
