"""Jellyfin and Emby, in the versions that differ."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.jellyfin.provider import JellyfinProvider
from tests.adapters.providers.jellyfin.server import API_KEY, FLAVOURS, NAME, PASSWORD, jellyfin
from tests.contracts.provider_cases import Case, World, Worlds


def flavoured(flavour: str, form: str) -> Callable[[], AbstractAsyncContextManager[World]]:
    @asynccontextmanager
    async def opened() -> Worlds:
        async with jellyfin(flavour) as server, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
            provider = JellyfinProvider(fetch, MemoryClock())
            proof = {"api_key": API_KEY} if form == "api_key" else {"password": PASSWORD}
            fields = {"server": f"{server.origin}/web/", "username": NAME, **proof}
            yield World(
                provider,
                {"server": f"{server.origin}/", "id": "m2"},
                (await provider.sign_in(form, fields)).login,
                pasted=[
                    f"{server.origin}/web/index.html#!/details?id=m1&serverId=s1",
                    f" {server.origin}/web/#/details?id=s1\n",
                    f"{server.origin}/web/index.html#!/item?id=e1&serverId=s1",
                ],
                strange=[
                    "",
                    "hello",
                    f"{server.origin}/web/",
                    f"{server.origin}/web/#/home",
                    f"{server.origin}/details?id=m1",
                ],
                folder="lib1",
                query="easy",
                form=form,
                fields=fields,
            )

    return opened


def cases() -> list[Case]:
    made = [Case(f"jellyfin/{flavour}", flavoured(flavour, "password")) for flavour in FLAVOURS]
    return [*made, Case("jellyfin", flavoured("jf12", "api_key")), Case("jellyfin/emby", flavoured("emby48", "emby"))]
