"""Bilibili's pages, from answers that were written by hand, and its short links over the fetch port."""

from __future__ import annotations

from contextlib import asynccontextmanager

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.providers.bilibili.provider import BilibiliProvider
from synctv.application.ports.providers import Login
from tests.adapters.extractors.scripted import ScriptedExtractor, file
from tests.contracts.provider_cases import Case, World, Worlds

VIDEO = "https://www.bilibili.com/video/BV17x411w7KC"
LIVE = "https://live.bilibili.com/21"
SHORT = "https://b23.tv/AbCdEf1"
SESSION = "1a2b3c4d%2C1900000000%2C5e6f7*11"
COOKIES = f"# Netscape HTTP Cookie File\n.bilibili.com\tTRUE\t/\tTRUE\t0\tSESSDATA\t{SESSION}\n"


def part(extractor: ScriptedExtractor, url: str) -> None:
    """One part of a video, as a page shows it."""
    sent = {"headers": {"Referer": VIDEO, "User-Agent": "UA"}}
    extractor.shows(
        url,
        id="BV17x411w7KC_p1",
        extractor="BiliBili",
        title="A video",
        duration=90.0,
        cover="https://i0.hdslb.com/1.jpg",
        formats=[
            file("30280", ext="m4a", vcodec="none", acodec="mp4a.40.2", tbr=128, **sent),
            file("30064-avc", vcodec="avc1.640028", acodec="none", height=720, tbr=1500, **sent),
            file("30064-hevc", vcodec="hev1.1.6.L120.90", acodec="none", height=720, tbr=900, **sent),
            file("30080-avc", vcodec="avc1.640032", acodec="none", height=1080, tbr=3000, **sent),
        ],
        subtitles=[
            {"language": "zh-CN", "ext": "srt", "url": "https://media.test/zh.srt"},
            {"language": "ai-en", "ext": "srt", "url": "https://media.test/ai-en.srt"},
        ],
        danmaku="https://comment.bilibili.com/279786.xml",
        chapters=[{"start": 0, "title": "Begin"}],
    )


def read(extractor: ScriptedExtractor) -> ScriptedExtractor:
    """The pages of the site."""
    for url in (VIDEO, f"{VIDEO}?p=1"):
        part(extractor, url)
    extractor.shows(
        LIVE,
        extractor="bilibili",
        title="Somebody: a show",
        live=True,
        formats=[file("hls", protocol="m3u8_native"), file("httpstream", ext="flv")],
    )
    return extractor


@asynccontextmanager
async def bilibili() -> Worlds:
    clock, fetch = MemoryClock(), MemoryFetch()
    fetch.answers(SHORT, status=302, headers={"Location": f"{VIDEO}?p=1&share_source=copy"})
    yield World(
        BilibiliProvider(read(ScriptedExtractor(clock)), fetch, clock),
        {"url": "av170001"},
        login=Login("", {"cookies": COOKIES}),
        pasted=["BV17x411w7KC", f" {VIDEO}/?spm_id_from=333.1007\n", LIVE, SHORT],
        strange=["", "hello", "https://www.bilibili.tv/video/1", "https://video.test/video/BV17x411w7KC", "BV1"],
        form="cookie",
        fields={"cookie": f"SESSDATA={SESSION}; DedeUserID=42"},
    )


def cases() -> list[Case]:
    return [Case("bilibili", bilibili)]
