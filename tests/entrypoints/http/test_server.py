"""The server on a real socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import structlog
from yarl import URL

from synctv.application.ports.passwords import PasswordHasher
from synctv.entrypoints.http.options import HttpOptions
from synctv.entrypoints.http.server import HttpServer, _listener
from tests.applications import PASSWORD, FilmProvider, MemoryPorts, memory_application
from tests.builders import an_identity_provider
from tests.entrypoints.http.api import FILM, new_app
from tests.entrypoints.http.test_external import ToldOAuth
from tests.entrypoints.http.test_idempotency import WaitingProvider

OPTIONS = HttpOptions(version="1.2.3", page=None)


@asynccontextmanager
async def served(
    passwords: PasswordHasher,
    *,
    options: HttpOptions = OPTIONS,
    trusted_proxies: tuple[str, ...] = (),
    provider: FilmProvider | None = None,
) -> AsyncIterator[tuple[aiohttp.ClientSession, int]]:
    ports = MemoryPorts(passwords, providers={"direct": provider or FilmProvider()})
    application = memory_application(ports)
    await application.accounts.create("ada", PASSWORD)
    server = HttpServer(new_app(application, options), trusted_proxies=trusted_proxies, drain_seconds=5)
    port = await server.start("127.0.0.1", 0)
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            yield session, port
    finally:
        await server.stop()


async def signed_in(session: aiohttp.ClientSession) -> dict[str, str]:
    login = {"username": "ada", "password": PASSWORD}
    async with session.post("/api/v1/auth/password/login", json=login) as response:
        return {"Authorization": f"Bearer {(await response.json())['accessToken']}"}


async def test_a_browser_keeps_its_cookie_and_comes_back_with_it(passwords: PasswordHasher) -> None:
    async with served(passwords) as (_, port):
        host = f"http://localhost:{port}"
        login = {"username": "ada", "password": PASSWORD, "delivery": "cookie"}
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar()) as browser:
            async with browser.post(f"{host}/api/v1/auth/password/login", json=login) as response:
                assert response.status == 200
            for _ in range(2):
                async with browser.post(f"{host}/api/v1/auth/refresh", json={}) as response:
                    assert response.status == 200
                    token = (await response.json())["accessToken"]
            async with browser.get(f"{host}/api/v1/me", headers={"Authorization": f"Bearer {token}"}) as response:
                assert response.request_info.headers.get("Cookie") is None
                assert (await response.json())["username"] == "ada"


async def test_a_browser_comes_back_from_a_provider_with_its_cookie(passwords: PasswordHasher) -> None:
    oauth = ToldOAuth()
    application = memory_application(MemoryPorts(passwords, oauth=oauth))
    await application.identity_providers.add(an_identity_provider(slug="hub"), None)
    server = HttpServer(new_app(application, OPTIONS))
    api = f"http://localhost:{await server.start('127.0.0.1', 0)}/api/v1"
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar()) as browser:
            async with browser.post(f"{api}/auth/oauth/hub/start", json={"purpose": "signIn"}) as response:
                asked = URL((await response.json())["url"]).query
            assert asked["redirect_uri"] == f"{api}/auth/oauth/callback/hub"
            back = URL(asked["redirect_uri"]).with_query(state=asked["state"], code=oauth.knows("grace"))
            async with browser.get(back, allow_redirects=False) as response:
                assert response.status == 303
                result = URL(response.headers["Location"]).fragment.removeprefix("result=")
            async with browser.get(f"{api}/server") as response:
                assert response.request_info.headers.get("Cookie") is None
            async with browser.post(f"{api}/auth/oauth/finish", json={"result": result}) as response:
                assert (await response.json()).keys() == {"signUp"}
            assert not list(browser.cookie_jar)
    finally:
        await server.stop()


async def test_a_body_in_chunks_is_cut_off_at_the_limit(passwords: PasswordHasher) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b" " * 65_536

    async with served(passwords) as (session, _):
        headers = {"Content-Type": "application/json"}
        try:
            async with session.post("/api/v1/auth/guest", data=endless(), headers=headers) as response:
                assert response.status == 413
        except aiohttp.ClientError:
            pass  # the connection may be gone before the client has finished sending
        async with session.get("/api/v1/time") as response:
            assert response.status == 200


async def test_a_client_that_leaves_in_the_middle_leaves_no_traceback(passwords: PasswordHasher) -> None:
    with structlog.testing.capture_logs() as logs:
        async with served(passwords) as (session, port):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            head = "POST /api/v1/auth/guest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            while not any(entry.get("status") == 499 for entry in logs):
                async with session.get("/health/live"):
                    pass
    assert not [entry for entry in logs if entry["log_level"] in ("error", "warning", "critical")]


async def test_head_has_the_length_and_no_body(passwords: PasswordHasher) -> None:
    async with served(passwords) as (session, _), session.head("/api/v1/server") as response:
        assert response.status == 200
        assert int(response.headers["Content-Length"]) > 100
        assert await response.read() == b""
        assert "Server" not in response.headers


@pytest.mark.parametrize("trusted,url,hsts", [(("127.0.0.1",), "wss://x:8081", True), ((), "ws://x:8081", False)])
async def test_only_a_trusted_proxy_is_believed(
    passwords: PasswordHasher, trusted: tuple[str, ...], url: str, hsts: bool
) -> None:
    async with served(passwords, trusted_proxies=trusted) as (session, _):
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9", "Host": "x"}
        async with session.get("/api/v1/server", headers=headers) as response:
            assert (await response.json())["realtimeUrl"] == url
            assert ("Strict-Transport-Security" in response.headers) is hsts


async def test_a_taken_port_is_an_error_of_the_start(passwords: PasswordHasher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = HttpServer(new_app(memory_application(MemoryPorts(passwords)), OPTIONS))
        with pytest.raises(OSError, match="in use"):
            await server.start("127.0.0.1", taken.getsockname()[1])
        await server.stop()


@dataclass
class Adding:
    """Somebody adds a film to a room, and its provider does not answer yet."""

    server: HttpServer
    port: int
    provider: WaitingProvider
    status: asyncio.Task[int]


@asynccontextmanager
async def adding(passwords: PasswordHasher, drain_seconds: float) -> AsyncIterator[Adding]:
    provider = WaitingProvider()
    application = memory_application(MemoryPorts(passwords, providers={"direct": provider}))
    await application.accounts.create("ada", PASSWORD)
    server = HttpServer(new_app(application, OPTIONS), drain_seconds=drain_seconds)
    port = await server.start("127.0.0.1", 0)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        bearer = await signed_in(session)
        async with session.post("/api/v1/rooms", json={"name": "Film night"}, headers=bearer) as response:
            path = f"/api/v1/rooms/{(await response.json())['id']}/items"

        async def add() -> int:
            async with session.post(path, json=FILM, headers=bearer) as response:
                return response.status

        async with asyncio.TaskGroup() as group:
            status = group.create_task(add())
            await provider.asked.wait()
            yield Adding(server, port, provider, status)


async def test_a_request_that_runs_is_finished_before_the_stop(passwords: PasswordHasher) -> None:
    async with adding(passwords, drain_seconds=5) as running:
        async with asyncio.TaskGroup() as group:
            group.create_task(_answer_soon(running.provider))
            await running.server.stop()
        assert await running.status == 201
    with pytest.raises(OSError, match=r"."):
        socket.create_connection(("127.0.0.1", running.port), timeout=1)


async def test_a_request_that_does_not_end_is_cut_off_by_the_stop(passwords: PasswordHasher) -> None:
    with structlog.testing.capture_logs() as logs:
        async with adding(passwords, drain_seconds=0.05) as running:
            await running.server.stop()
            assert await running.status == 500
    assert [entry["count"] for entry in logs if entry["event"] == "requests_cut_off"] == [1]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_end_of_an_answer_does_not_wait_for_the_client(host: str) -> None:
    """Small pieces go out at once, rather than when the piece before them is acknowledged."""
    with _listener(host, 0) as listener, socket.create_connection(listener.getsockname()[:2]):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def _answer_soon(provider: WaitingProvider) -> None:
    await asyncio.sleep(0.15)
    provider.may_answer.set()


async def test_the_page_is_served_beside_the_api(passwords: PasswordHasher, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>hello")
    async with served(passwords, options=HttpOptions(version="1", page=tmp_path)) as (session, _):
        async with session.get("/rooms/x") as response:
            assert (response.status, await response.text()) == (200, "<!doctype html>hello")
            etag = response.headers["ETag"]
        async with session.get("/", headers={"If-None-Match": etag}) as response:
            assert response.status == 304
