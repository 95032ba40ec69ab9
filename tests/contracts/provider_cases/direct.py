"""Plain addresses: one that everybody may read, and one that wants a password."""

from __future__ import annotations

from contextlib import asynccontextmanager

from aiohttp import BasicAuth, web

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.providers.direct.provider import DirectProvider
from tests.contracts.provider_cases import Case, World, Worlds
from tests.servers.web import serving

URL = "https://media.test/A%20Film.m3u8"
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\na.ts\n#EXT-X-ENDLIST\n"
PASSWORD = "a long password"


@asynccontextmanager
async def public() -> Worlds:
    fetch = MemoryFetch()
    fetch.answers(URL, PLAYLIST)
    yield World(
        DirectProvider(fetch),
        {"url": f" {URL}#t=1 "},
        pasted=[URL, f"  {URL}\n"],
        form="header",
        fields={"server": "https://media.test/", "name": "X-Api-Key", "value": "a key"},
    )


@asynccontextmanager
async def secured() -> Worlds:
    async def film(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != BasicAuth("ada", PASSWORD).encode():
            return web.Response(status=401)
        return web.Response(body=PLAYLIST)

    app = web.Application()
    app.router.add_get("/film.m3u8", film)
    async with serving(app) as origin, aiohttp_fetch(EgressPolicy.of(["127.0.0.0/8"])) as fetch:
        provider = DirectProvider(fetch)
        fields = {"server": origin, "username": "ada", "password": PASSWORD}
        new = await provider.sign_in("password", fields)
        url = f"{origin}/film.m3u8"
        yield World(provider, {"url": url}, new.login, pasted=[url], form="password", fields=fields)


def cases() -> list[Case]:
    return [Case("direct", public), Case("direct/secured", secured)]
