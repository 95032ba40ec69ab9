"""Alist and OpenList: an account, and a guest who was given a link to a share."""

from __future__ import annotations

from contextlib import asynccontextmanager

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.alist.provider import AlistProvider
from synctv.application.ports.providers import Login
from tests.adapters.providers.alist.server import ALICE, alist, signed
from tests.contracts.provider_cases import Case, World, Worlds


@asynccontextmanager
async def openlist() -> Worlds:
    async with alist() as server, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        yield World(
            AlistProvider(fetch, MemoryClock()),
            {"server": f"{server.origin}/", "path": "movies/a.mkv"},
            Login(server.origin, {"username": "alice", "hash": ALICE}),
            pasted=[
                f"{server.origin}/d/movies/b%202.mp4?sign={signed('/movies/b 2.mp4')}",
                f" {server.origin}/@s/abcd/a.mkv\n",
                f"{server.origin}/@s/abcd",
            ],
            strange=["", "hello", f"{server.origin}/movies/a.mkv", f"{server.origin}/d/a.mp4?sign=1", "/@s/abcd"],
            folder="/movies",
            query="a",
            form="password",
            fields={"server": f"{server.origin}/", "username": "alice", "password": "secret"},
        )


@asynccontextmanager
async def guest() -> Worlds:
    async with alist("alist") as server, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        yield World(
            AlistProvider(fetch, MemoryClock()),
            {"server": server.origin, "path": "/locked/secret.mp4"},
            Login(server.origin, {"folders": '{"/locked": "pw"}'}),
            pasted=[f"{server.origin}/p/movies/a.mkv?sign={signed('/movies/a.mkv')}"],
            query="a",
            form="guest",
            fields={"server": server.origin, "folders": "/locked = pw"},
        )


def cases() -> list[Case]:
    return [Case("alist", openlist), Case("alist/guest", guest)]
