"""What the WebSocket server refuses before the handshake: too many connections, whoever and wherever they are from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from dependency_injector import providers
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from synctv.adapters.websockets.transport import WebsocketTransport
from synctv.application.limits.limits import ADDRESS_FACTOR, Category, Rate
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.realtime.messages import ConnectionLimits
from synctv.application.realtime.tasks import Tasks
from synctv.domain.errors import Unavailable
from synctv.entrypoints.realtime.codec import CODECS, Codec
from synctv.entrypoints.realtime.server import RealtimeServer
from tests.application.house import FlakyShortLived
from tests.applications import PLENTY, Memory, MemoryPorts, cheap_passwords, memory_container

ALLOWED = 2


@pytest.fixture(scope="module")
def passwords() -> Iterator[PasswordHasher]:
    with cheap_passwords() as hasher:
        yield hasher


@asynccontextmanager
async def served(passwords: PasswordHasher, *trusted_proxies: str) -> AsyncIterator[tuple[Memory, str]]:
    """A server that lets an account connect twice a minute, and its address."""
    rates = {**PLENTY, Category.WEBSOCKET: Rate(ALLOWED, 60.0)}
    ports = MemoryPorts(passwords, rates=rates)
    container = memory_container(ports)
    container.short_lived.override(providers.Object(FlakyShortLived(ports.clock)))
    product = Memory(container.application(), container, ports.clock)

    def transport(connection: object, codec: Codec) -> WebsocketTransport:
        return WebsocketTransport(connection, codec.name, binary=codec.binary, encode=codec.encode)  # type: ignore[arg-type]

    server = RealtimeServer(product.application, transport, ConnectionLimits(), trusted_proxies)
    async with Tasks() as tasks:
        tasks.start(product.application.hub.run(), "hub")
        port = await server.start("127.0.0.1", 0)
        try:
            yield product, f"ws://127.0.0.1:{port}/ws/v1/rooms"
        finally:
            await server.stop()


async def answer(where: str, token: str | None = None, forwarded: str | None = None) -> InvalidStatus | None:
    """Connects; what it was refused with, or None."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if forwarded is not None:
        headers["X-Forwarded-For"] = forwarded
    try:
        async with connect(where, additional_headers=headers, subprotocols=list(CODECS), compression=None):  # type: ignore[arg-type]
            return None
    except InvalidStatus as refused:
        return refused


def status(refused: InvalidStatus | None) -> int:
    return 101 if refused is None else refused.response.status_code


async def test_an_account_that_connects_too_often_is_told_when_to_come_back(passwords: PasswordHasher) -> None:
    async with served(passwords) as (product, base):
        mia, tokens = await product.signed_in("mia")
        where = f"{base}/{await product.room(mia)}"
        assert [status(await answer(where, tokens.access_token)) for _ in range(ALLOWED)] == [101, 101]
        refused = await answer(where, tokens.access_token)
        assert refused is not None
        assert refused.response.status_code == 429
        assert refused.response.headers["Content-Type"] == "application/problem+json"
        assert b'"rate_limited"' in (refused.response.body or b"")
        product.clock.advance(int(refused.response.headers["Retry-After"]))
        assert status(await answer(where, tokens.access_token)) == 101


async def test_guessing_is_counted_by_address(passwords: PasswordHasher) -> None:
    async with served(passwords) as (product, base):
        mia, tokens = await product.signed_in("mia")
        where = f"{base}/{await product.room(mia)}"
        guesses = [status(await answer(f"{where}?ticket=guess")) for _ in range(ALLOWED * ADDRESS_FACTOR + 1)]
        assert guesses == [401] * ALLOWED * ADDRESS_FACTOR + [429]
        assert status(await answer(where, tokens.access_token)) == 429
        assert status(await answer(base.replace("/ws/v1/rooms", "/health/live"))) == 200


async def test_an_address_can_not_be_made_up(passwords: PasswordHasher) -> None:
    async with served(passwords, "192.0.2.1") as (product, base):
        mia = await product.account("mia")
        where = f"{base}/{await product.room(mia)}?ticket=guess"
        made_up = [status(await answer(where, forwarded=f"203.0.113.{n}")) for n in range(ALLOWED * ADDRESS_FACTOR + 1)]
        assert made_up[-1] == 429


async def test_behind_a_trusted_proxy_each_client_is_counted_on_its_own(passwords: PasswordHasher) -> None:
    async with served(passwords, "127.0.0.0/8") as (product, base):
        mia = await product.account("mia")
        where = f"{base}/{await product.room(mia)}?ticket=guess"
        for number in range(ALLOWED * ADDRESS_FACTOR + 5):
            assert status(await answer(where, forwarded=f"203.0.113.{number}")) == 401
        spoofed = [
            status(await answer(where, forwarded=f"203.0.113.{n}, 198.51.100.1"))
            for n in range(ALLOWED * ADDRESS_FACTOR + 1)
        ]
        assert spoofed[-1] == 429


async def test_while_nothing_can_be_counted_people_connect(passwords: PasswordHasher) -> None:
    async with served(passwords) as (product, base):
        mia, tokens = await product.signed_in("mia")
        where = f"{base}/{await product.room(mia)}"
        short_lived = product.container.short_lived()
        short_lived.down = True
        with pytest.raises(Unavailable):
            await short_lived.get("anything")
        assert [status(await answer(where, tokens.access_token)) for _ in range(ALLOWED + 1)] == [101] * (ALLOWED + 1)
