"""Plain addresses, and a bucket, by way of another process's service: everything goes through a socket."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from synctv.adapters.providers.remote.provider import RemoteProvider
from synctv.adapters.system.clock import SystemClock
from tests.adapters.providers.remote.server import remote
from tests.contracts.provider_cases import Case, World, Worlds, direct, s3


def remotely(open_world: Callable[[], AbstractAsyncContextManager[World]]) -> Callable[[], Worlds]:
    async def opened() -> Worlds:
        async with open_world() as world, remote(world.provider) as address:
            provider = RemoteProvider.at(address, SystemClock())
            try:
                await provider.learn()
                yield replace(world, provider=provider.arrived())
            finally:
                provider.line.close()

    return opened


def cases() -> list[Case]:
    worlds = {"direct": direct.public, "secured": direct.secured, "s3": s3.bucket}
    return [Case(f"remote/{name}", asynccontextmanager(remotely(world))) for name, world in worlds.items()]
