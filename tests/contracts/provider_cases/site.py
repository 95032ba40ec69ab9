"""Pages that yt-dlp reads, from answers that were written by hand."""

from __future__ import annotations

from contextlib import asynccontextmanager

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.site.provider import SiteProvider
from synctv.application.ports.providers import Login
from tests.adapters.extractors.scripted import ScriptedExtractor, file
from tests.contracts.provider_cases import Case, World, Worlds

URL = "https://www.video.test/watch?v=1"
LIST = "https://video.test/list/7"
COOKIES = "# Netscape HTTP Cookie File\n.video.test\tTRUE\t/\tTRUE\t0\tsession\ta-secret-value\n"


def read(extractor: ScriptedExtractor) -> ScriptedExtractor:
    """The pages of the site."""
    extractor.shows(
        URL,
        id="1",
        extractor="Video",
        title="A film",
        duration=61.5,
        cover="https://img.test/1.jpg",
        formats=[
            file("audio", ext="m4a", vcodec="none", acodec="mp4a.40.2", tbr=128),
            file("18", vcodec="avc1.42001E", acodec="mp4a.40.2", height=360, headers={"Referer": URL}, cookie="k=v"),
            file("137", vcodec="avc1.640028", acodec="none", height=1080, tbr=4000),
        ],
        subtitles=[{"language": "en", "ext": "vtt", "url": "https://media.test/en.vtt"}],
    )
    entries = [{"url": f"https://video.test/watch?v={number}", "title": f"Part {number}"} for number in range(3)]
    extractor.shows(LIST, kind="list", title="A list", entries=entries)
    return extractor


@asynccontextmanager
async def site() -> Worlds:
    clock = MemoryClock()
    yield World(
        SiteProvider(read(ScriptedExtractor(clock)), clock),
        {"url": f" {URL} "},
        login=Login("https://video.test", {"cookies": COOKIES}),
        pasted=[URL, f"  {LIST}\n"],
        form="cookie",
        fields={"server": "www.video.test", "cookie": "session=a-secret-value"},
    )


def cases() -> list[Case]:
    return [Case("site", site)]
