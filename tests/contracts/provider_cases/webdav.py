"""WebDAV: each product as its servers behave."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.webdav.provider import WebdavProvider
from tests.adapters.providers.webdav.server import NAME, PASSWORD, PRODUCTS, dav
from tests.contracts.provider_cases import Case, World, Worlds


def product(name: str) -> Callable[[], AbstractAsyncContextManager[World]]:
    @asynccontextmanager
    async def opened() -> Worlds:
        async with dav(**PRODUCTS[name]) as server, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
            provider = WebdavProvider(fetch, MemoryClock())
            fields = {"server": f"{server.origin}/", "username": NAME, "password": PASSWORD}
            login = (await provider.sign_in(name, fields)).login
            yield World(
                provider,
                {"server": f"{login.server}/", "path": "Movies/影片 #1?.mkv"},
                login,
                pasted=pasted(name, server.origin),
                strange=["", "hello", f"{server.origin}/Movies/a.mkv", "dav://", "davs://x/../a.mp4"],
                folder="/Movies",
                query="a",
                form=name,
                fields=fields,
            )

    return opened


def pasted(name: str, origin: str) -> list[str]:
    """Addresses of the product whose server can be told from them."""
    match name:
        case "nextcloud":
            return [f"{origin}/remote.php/dav/files/u-7/Movies/a.mkv", f" {origin}/apps/files/?dir=/Movies\n"]
        case "owncloud":
            return [f"{origin}/index.php/apps/files?dir=/Movies"]
        case "seafile":
            return [f"{origin}/seafdav/Movies/a.mkv"]
        case "cloudreve":
            return [f"{origin.replace('http', 'dav')}/dav/Movies/a.mkv"]
        case _:
            return [f"{origin.replace('http', 'dav')}/Movies/a.mkv"]


@asynccontextmanager
async def share() -> Worlds:
    """The link of a share, with a password."""
    token = "AbCdEfGhIjKlMn9"
    ways = {"prefix": f"/public.php/dav/files/{token}", "proof": f"anonymous:{PASSWORD}", "links": True}
    async with dav(**ways) as server, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        provider, link = WebdavProvider(fetch, MemoryClock()), f"{server.origin}/s/{token}"
        fields = {"server": link, "password": PASSWORD}
        yield World(
            provider,
            {"server": link, "path": "Movies/影片 #1?.mkv"},
            (await provider.sign_in("share", fields)).login,
            pasted=[link, f"{server.origin}/index.php/s/{token}?dir=/Movies"],
            strange=["", f"{link}/download", f"{server.origin}/s/short"],
            folder="/Movies",
            query="a",
            form="share",
            fields=fields,
        )


def cases() -> list[Case]:
    products = [Case("webdav" if name == "password" else f"webdav/{name}", product(name)) for name in PRODUCTS]
    return [*products, Case("webdav/share", share)]
