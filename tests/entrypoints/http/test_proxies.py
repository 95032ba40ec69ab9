"""Whose word about a client's address the HTTP server takes."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from synctv.application.limits.limits import ADDRESS_FACTOR, Category, Rate
from synctv.application.ports.passwords import PasswordHasher
from synctv.entrypoints.http.server import HttpServer
from tests.applications import PASSWORD, PLENTY, MemoryPorts, memory_application
from tests.entrypoints.http.api import new_app

CLIENT = "203.0.113.9"
PROXY = ("127.0.0.1",)
TWO_PROXIES = ("127.0.0.0/8", "10.0.0.0/8")


@asynccontextmanager
async def served(
    passwords: PasswordHasher, trusted: tuple[str, ...], host: str = "127.0.0.1", reads: int | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    rates = PLENTY if reads is None else {**PLENTY, Category.READ: Rate(reads, 60.0)}
    application = memory_application(MemoryPorts(passwords, rates=rates))
    await application.accounts.create("ada", PASSWORD)
    server = HttpServer(new_app(application), trusted_proxies=trusted, drain_seconds=5)
    port = await server.start(host, 0)
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            yield session
    finally:
        await server.stop()


async def address_seen(session: aiohttp.ClientSession, *forwarded: str) -> str:
    """Where a sign-in with these headers is said to have come from."""
    login = {"username": "ada", "password": PASSWORD}
    headers = [("X-Forwarded-For", value) for value in forwarded]
    async with session.post("/api/v1/auth/password/login", json=login, headers=headers) as response:
        assert response.status == 200
        bearer = {"Authorization": f"Bearer {(await response.json())['accessToken']}"}
    async with session.get("/api/v1/me/sessions", headers=bearer) as response:
        assert response.status == 200
        found = await response.json()
    return next(str(one["address"]) for one in found["items"] if one["current"])


@pytest.mark.parametrize("trusted", [(), ("10.0.0.0/8",), ("127.0.0.2",)])
async def test_what_a_stranger_says_is_ignored(passwords: PasswordHasher, trusted: tuple[str, ...]) -> None:
    async with served(passwords, trusted) as session:
        for forwarded in ([], [CLIENT], ["10.0.0.1"], [f"{CLIENT}, 10.0.0.1"], ["garbage"]):
            assert await address_seen(session, *forwarded) == "127.0.0.1"


@pytest.mark.parametrize("written", [CLIENT, f"{CLIENT}:1234", f" {CLIENT} "])
async def test_what_a_trusted_proxy_says_is_taken(passwords: PasswordHasher, written: str) -> None:
    async with served(passwords, PROXY) as session:
        assert await address_seen(session, written) == CLIENT


@pytest.mark.parametrize("forwarded", [[f"{CLIENT}, 10.0.0.7"], [CLIENT, "10.0.0.7"]])
async def test_a_client_behind_two_proxies_is_seen(passwords: PasswordHasher, forwarded: list[str]) -> None:
    async with served(passwords, TWO_PROXIES) as session:
        assert await address_seen(session, *forwarded) == CLIENT
    async with served(passwords, PROXY) as session:
        assert await address_seen(session, *forwarded) == "10.0.0.7"


async def test_what_the_client_wrote_there_itself_is_hearsay(passwords: PasswordHasher) -> None:
    async with served(passwords, TWO_PROXIES) as session:
        for invented in ("1.2.3.4", "10.0.0.1", "garbage", "127.0.0.1", "x" * 1_000, "::1", ""):
            assert await address_seen(session, f"{invented}, {CLIENT}, 10.0.0.7") == CLIENT
            assert await address_seen(session, invented, CLIENT) == CLIENT


@pytest.mark.parametrize("garbage", ["", ",", "unknown", "1.2.3.4.5", "[::1", "x" * 4_000])
async def test_a_proxy_that_names_no_address_harms_nothing(passwords: PasswordHasher, garbage: str) -> None:
    async with served(passwords, PROXY) as session:
        assert len(await address_seen(session, garbage)) <= 64


async def test_a_proxy_on_ipv4_is_known_on_a_socket_for_both(passwords: PasswordHasher) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("This machine has no sockets for both families.")
    async with served(passwords, PROXY, host="::") as session:
        assert await address_seen(session, CLIENT) == CLIENT
    async with served(passwords, (), host="::") as session:
        assert await address_seen(session, CLIENT) == "::ffff:127.0.0.1"


async def test_limits_count_the_client_and_not_the_proxy(passwords: PasswordHasher) -> None:
    async def status(session: aiohttp.ClientSession, client: str) -> int:
        async with session.get("/api/v1/time", headers={"X-Forwarded-For": client}) as response:
            return response.status

    async with served(passwords, PROXY, reads=1) as session:
        assert [await status(session, CLIENT) for _ in range(ADDRESS_FACTOR + 1)] == [200] * ADDRESS_FACTOR + [429]
        assert await status(session, "198.51.100.1") == 200
    async with served(passwords, (), reads=1) as session:
        invented = [await status(session, f"203.0.113.{number}") for number in range(ADDRESS_FACTOR + 1)]
        assert invented == [200] * ADDRESS_FACTOR + [429]
