"""Channels that streamlink reads, from answers that were written by hand."""

from __future__ import annotations

from contextlib import asynccontextmanager

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.live_site.provider import LiveSiteProvider
from tests.adapters.extractors.scripted import ScriptedExtractor, file
from tests.contracts.provider_cases import Case, World, Worlds

URL = "https://www.twitch.tv/somebody"


@asynccontextmanager
async def live_site() -> Worlds:
    extractor = ScriptedExtractor(MemoryClock())
    extractor.shows(
        URL,
        extractor="twitch",
        title="Somebody: plays a game",
        live=True,
        formats=[
            file("480p", protocol="m3u8_native", height=480),
            file("1080p60", protocol="m3u8_native", height=1080, fps=60),
            file("source", ext="flv"),
        ],
    )
    yield World(
        LiveSiteProvider(extractor),
        {"url": "https://m.twitch.tv/somebody/"},
        pasted=[URL, "https://twitch.tv/somebody?referrer=raid"],
        strange=["", "hello", "https://www.twitch.tv/videos/1", "https://video.test/", "ftp://twitch.tv/somebody"],
    )


def cases() -> list[Case]:
    return [Case("live_site", live_site)]
