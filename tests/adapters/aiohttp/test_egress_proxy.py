"""The proxy for programs that fetch by themselves, over real sockets."""

from __future__ import annotations

import asyncio
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientHttpProxyError, ClientPayloadError, ClientResponse, ClientSession, ClientTimeout
from aiohttp.abc import AbstractResolver, ResolveResult

from synctv.adapters.aiohttp.egress import SETTING, EgressPolicy
from synctv.adapters.aiohttp.egress_proxy import EgressProxy, Pass, ProxyLimits, egress_proxy
from synctv.adapters.aiohttp.proxy_requests import NotAProxyRequest, parsed_request
from tests.adapters.aiohttp.site import closed_port, site


class Names(AbstractResolver):
    """Everybody is at the address that the test says."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=self.address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


HOME = EgressPolicy.of(["127.0.0.0/8"])
QUICK = ProxyLimits(head_seconds=0.3, connect_seconds=1.0, idle_seconds=0.3, bytes_down=300_000)


@asynccontextmanager
async def client(granted: Pass) -> AsyncIterator[ClientSession]:
    """A client that goes through the proxy."""
    async with ClientSession(proxy=granted.url, timeout=ClientTimeout(total=5)) as session:
        yield session


async def counted(answer: ClientResponse, got: list[int]) -> None:
    """Reads the body to its end, and counts."""
    async for piece in answer.content.iter_any():
        got[0] += len(piece)


def basic_of(granted: Pass) -> str:
    """What goes into `Proxy-Authorization`."""
    name_and_password = urlsplit(granted.url).netloc.rpartition("@")[0]
    return f"Basic {b64encode(name_and_password.encode()).decode()}"


async def spoken(proxy: EgressProxy, text: bytes) -> bytes:
    """What the proxy answers to these bytes until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        writer.write(text)
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


async def test_a_plain_request_is_forwarded_without_what_was_for_the_proxy() -> None:
    async with site(b"hello") as served, egress_proxy(HOME) as proxy, client(proxy.admit()) as session:
        async with session.post(f"{served.origin}/file?a=1", data=b"x", headers={"X-Mine": "1"}) as answer:
            assert (answer.status, await answer.read()) == (200, b"hello")
        method, path, headers = served.seen[0]
        assert (method, path, headers["x-mine"]) == ("POST", "/file", "1")
        assert headers["host"] == f"127.0.0.1:{served.port}"
        assert not any(name.startswith("proxy") for name in headers)


async def test_a_tunnel_carries_bytes_both_ways() -> None:
    async with site(b"hello") as served, egress_proxy(HOME) as proxy:
        basic = basic_of(proxy.admit())
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        target = f"127.0.0.1:{served.port}"
        writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nProxy-Authorization: {basic}\r\n\r\n".encode())
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
        writer.write(f"GET /file HTTP/1.1\r\nHost: {target}\r\nConnection: close\r\n\r\n".encode())
        assert (await reader.read()).endswith(b"hello")
        writer.close()


@pytest.mark.parametrize("name", ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "169.254.169.254"])
async def test_a_private_address_is_refused_and_the_reason_is_kept(name: str) -> None:
    async with site() as served, egress_proxy(EgressPolicy()) as proxy:
        granted = proxy.admit()
        async with client(granted) as session, session.get(f"http://{name}:{served.port}/file") as answer:
            assert answer.status == 403
        refusal = granted.taken_refusal()
        assert refusal is not None
        assert SETTING in str(refusal)
        assert granted.taken_refusal() is None
        assert served.seen == []


async def test_a_name_that_leads_to_a_private_address_is_refused() -> None:
    async with site() as served, egress_proxy(EgressPolicy(), Names("127.0.0.1")) as proxy:
        granted = proxy.admit()
        async with client(granted) as session, session.get(f"http://media.test:{served.port}/file") as answer:
            assert answer.status == 403
        assert granted.taken_refusal() is not None
        async with client(granted) as session:
            with pytest.raises(ClientHttpProxyError) as caught:
                await session.get(f"https://media.test:{served.port}/file")
        assert caught.value.status == 403
        assert served.seen == []


async def test_the_address_that_was_checked_is_connected_to() -> None:
    policy = EgressPolicy.of(["media.test"])
    async with site(b"hello") as served, egress_proxy(policy, Names("127.0.0.1")) as proxy:
        url = f"http://media.test:{served.port}/file"
        async with client(proxy.admit()) as session, session.get(url) as answer:
            assert await answer.read() == b"hello"
        assert served.seen[0][2]["host"] == f"media.test:{served.port}"


async def test_nobody_gets_through_without_a_right() -> None:
    async with site() as served, egress_proxy(HOME) as proxy:
        granted = proxy.admit()
        user, password = urlsplit(granted.url).username, urlsplit(granted.url).password
        for wrong in (f"{user}:guess", f"0{user}:{password}", f"{user}:", ":"):
            basic = f"Basic {b64encode(wrong.encode()).decode()}"
            head = f"GET {served.origin}/file HTTP/1.1\r\nHost: x\r\nProxy-Authorization: {basic}\r\n\r\n"
            assert b" 407 " in await spoken(proxy, head.encode())
        assert b" 407 " in await spoken(proxy, f"GET {served.origin}/file HTTP/1.1\r\n\r\n".encode())
        proxy.dismiss(granted)
        async with client(granted) as session, session.get(f"{served.origin}/file") as answer:
            assert answer.status == 407
        assert served.seen == []


async def test_a_server_that_is_not_there_is_a_bad_gateway() -> None:
    async with egress_proxy(HOME) as proxy, client(proxy.admit()) as session:
        with closed_port() as port:
            answer = await session.get(f"http://127.0.0.1:{port}/")
        assert answer.status == 502


async def test_a_client_that_says_nothing_is_let_go() -> None:
    async with egress_proxy(HOME, limits=QUICK) as proxy:
        assert b" 400 " in await spoken(proxy, b"GET http://")


async def test_a_head_without_end_is_refused() -> None:
    async with egress_proxy(HOME) as proxy:
        assert b" 400 " in await spoken(proxy, b"GET http://a.test/ HTTP/1.1\r\nX: " + b"x" * 100_000)


async def test_an_endless_body_ends_at_the_limit() -> None:
    async with site() as served, egress_proxy(HOME, limits=QUICK) as proxy, client(proxy.admit()) as session:
        async with session.get(f"{served.origin}/endless") as answer:
            got = [0]
            with pytest.raises(ClientPayloadError):
                await counted(answer, got)
        assert 0 < got[0] <= QUICK.bytes_down + 65_536


async def test_an_upstream_that_falls_silent_is_let_go() -> None:
    async with site() as served, egress_proxy(HOME, limits=QUICK) as proxy:
        basic = basic_of(proxy.admit())
        head = f"GET {served.origin}/silent HTTP/1.1\r\nProxy-Authorization: {basic}\r\n\r\n"
        await spoken(proxy, head.encode())


async def test_more_connections_than_allowed_are_refused() -> None:
    async with egress_proxy(HOME, limits=ProxyLimits(connections=1)) as proxy:
        _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        while proxy.open == 0:
            await asyncio.sleep(0.01)
        assert b" 503 " in await spoken(proxy, b"GET http://a.test/ HTTP/1.1\r\n\r\n")
        writer.close()


async def test_leaving_the_block_ends_open_tunnels() -> None:
    async with site() as served:
        async with egress_proxy(HOME) as proxy:
            basic = basic_of(proxy.admit())
            reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
            target = f"127.0.0.1:{served.port}"
            writer.write(f"CONNECT {target} HTTP/1.1\r\nProxy-Authorization: {basic}\r\n\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")
        assert await reader.read() == b""
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", proxy.port)


def test_the_password_is_in_no_text() -> None:
    assert "secret" not in repr(Pass("http://user:secret@127.0.0.1:1", 1))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET https://a.test/ HTTP/1.1\r\n\r\n",
        b"GET ftp://a.test/ HTTP/1.1\r\n\r\n",
        b"GET http://user:pass@a.test/ HTTP/1.1\r\n\r\n",
        b"GET http://a.test:99999/ HTTP/1.1\r\n\r\n",
        b"GET http://[::1/ HTTP/1.1\r\n\r\n",
        b"GET http://a.test/ HTTP/1.1\r\n folded: 1\r\n\r\n",
        b"CONNECT a.test HTTP/1.1\r\n\r\n",
        b"CONNECT user@a.test:443 HTTP/1.1\r\n\r\n",
        b"GET http://a.test/ HTTP/2\r\n\r\n",
        b"GET http://a.test/ HTTP/1.1\r\n" + b"a: b\r\n" * 101 + b"\r\n",
    ],
)
def test_what_is_no_request_to_a_proxy_is_refused(head: bytes) -> None:
    with pytest.raises(NotAProxyRequest):
        parsed_request(head)


def test_the_host_of_the_address_is_the_one_that_is_asked_for() -> None:
    request = parsed_request(b"GET http://a.test:81/x HTTP/1.1\r\nHost: inner.lan\r\nConnection: keep-alive\r\n\r\n")
    assert (request.host, request.port) == ("a.test", 81)
    assert request.head == b"GET /x HTTP/1.1\r\nHost: a.test:81\r\nConnection: close\r\n\r\n"


def test_an_ipv6_target_is_understood() -> None:
    request = parsed_request(b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\n\r\n")
    assert (request.host, request.port, request.tunnel) == ("2001:db8::1", 443, True)
