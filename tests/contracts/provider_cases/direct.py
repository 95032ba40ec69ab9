"""Plain addresses."""

from __future__ import annotations

from contextlib import asynccontextmanager

from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.providers.direct.provider import DirectProvider
from tests.contracts.provider_cases import Case, World, Worlds

URL = "https://media.test/A%20Film.m3u8"


@asynccontextmanager
async def playlist() -> Worlds:
    fetch = MemoryFetch()
    fetch.answers(URL, b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\na.ts\n#EXT-X-ENDLIST\n")
    yield World(DirectProvider(fetch), {"url": f" {URL}#t=1 "}, pasted=[URL, f"  {URL}\n"])


def cases() -> list[Case]:
    return [Case("direct", playlist)]
