"""Fetching from servers that misbehave, redirect, or want us to call our own network."""

from __future__ import annotations

import socket
import tracemalloc
from collections.abc import AsyncIterator

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import AiohttpFetch, aiohttp_fetch
from synctv.application.ports.fetch import FetchRequest
from synctv.domain.errors import Invalid, UpstreamFailed, UpstreamRefused, UpstreamTimeout
from tests.adapters.aiohttp.site import BOMB_BYTES, Site, closed_port, site

SECRETS = {"Authorization": "Bearer x", "Cookie": "a=b", "X-Emby-Token": "x", "Range": "bytes=0-1", "User-Agent": "Me"}


class Names(AbstractResolver):
    """A resolver whose answers change: each name's next address, the last one for ever."""

    def __init__(self, **answers: list[str]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answers = self.answers[host.replace(".", "_")]
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        pass


@pytest.fixture
async def local() -> AsyncIterator[Site]:
    async with site() as local:
        yield local


@pytest.fixture
async def fetch(local: Site) -> AsyncIterator[AiohttpFetch]:
    async with aiohttp_fetch(EgressPolicy.of([f"127.0.0.1:{local.port}"])) as fetch:
        yield fetch


async def test_by_default_our_own_network_is_refused_however_it_is_written(local: Site) -> None:
    async with aiohttp_fetch(EgressPolicy()) as fetch:
        for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0"):
            with pytest.raises(UpstreamRefused, match=r"security\.egress\.allow"):
                await fetch.fetch(FetchRequest(f"http://{host}:{local.port}/file"))
    assert local.seen == []


async def test_a_name_that_resolves_into_our_own_network_is_refused(local: Site) -> None:
    async with aiohttp_fetch(EgressPolicy(), Names(evil_test=["127.0.0.1"])) as fetch:
        with pytest.raises(UpstreamRefused):
            await fetch.fetch(FetchRequest(f"http://evil.test:{local.port}/file"))
    assert local.seen == []


async def test_the_address_that_was_checked_is_the_one_that_is_connected_to(local: Site) -> None:
    names = Names(evil_test=["127.0.0.2", "127.0.0.1"])
    async with aiohttp_fetch(EgressPolicy.of(["127.0.0.2"]), names) as fetch:
        with pytest.raises(UpstreamFailed) as caught:
            await fetch.fetch(FetchRequest(f"http://evil.test:{local.port}/file"))
        assert not isinstance(caught.value, UpstreamRefused)
        with pytest.raises(UpstreamRefused):
            await fetch.fetch(FetchRequest(f"http://evil.test:{local.port}/file"))
    assert names.asked == ["evil.test", "evil.test"]
    assert local.seen == []


async def test_an_odd_spelling_of_an_allowed_address_works(local: Site, fetch: AiohttpFetch) -> None:
    answer = await fetch.fetch(FetchRequest(f"http://2130706433:{local.port}/file"))
    assert answer.url == f"{local.origin}/file"


async def test_a_redirect_into_our_own_network_is_refused(local: Site, fetch: AiohttpFetch) -> None:
    async with site() as secret:
        for index, target in enumerate((secret.origin, f"http://localhost:{local.port}", "http://169.254.169.254")):
            local.redirects[f"r{index}"] = (302, f"{target}/file")
            with pytest.raises(UpstreamRefused):
                await fetch.fetch(FetchRequest(f"{local.origin}/r{index}"))
        assert secret.seen == []


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://x/", "http://u:p@127.0.0.1/", "http://[/"])
async def test_a_redirect_to_something_else_is_a_failure(local: Site, fetch: AiohttpFetch, location: str) -> None:
    local.redirects["odd"] = (302, location)
    with pytest.raises(UpstreamFailed, match="can't be called"):
        await fetch.fetch(FetchRequest(f"{local.origin}/odd"))


async def test_a_loop_of_redirects_ends(local: Site, fetch: AiohttpFetch) -> None:
    local.redirects |= {"a": (302, "/b"), "b": (302, "/a")}
    with pytest.raises(UpstreamFailed, match="more than 5 times"):
        await fetch.fetch(FetchRequest(f"{local.origin}/a"))
    assert len(local.seen) == 6


async def test_as_many_redirects_as_are_allowed_are_followed(local: Site, fetch: AiohttpFetch) -> None:
    local.redirects |= {"1": (301, "2"), "2": (307, "/3"), "3": (308, f"{local.origin}/file#part")}
    request = FetchRequest(f"{local.origin}/1", headers=SECRETS, max_redirects=3)
    assert (await fetch.fetch(request)).url == f"{local.origin}/file"
    assert local.seen[-1][2]["authorization"] == "Bearer x"


async def test_another_server_gets_no_credentials_of_the_first(local: Site) -> None:
    async with site() as other, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        local.redirects["away"] = (302, f"{other.origin}/file")
        await fetch.fetch(FetchRequest(f"{local.origin}/away", headers=SECRETS))
        headers = other.seen[0][2]
    assert not {"authorization", "cookie", "x-emby-token"} & headers.keys()
    assert (headers["range"], headers["user-agent"]) == ("bytes=0-1", "Me")


@pytest.mark.parametrize("status, method", [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
async def test_a_redirected_post_becomes_what_the_status_says(
    local: Site, fetch: AiohttpFetch, status: int, method: str
) -> None:
    local.redirects["form"] = (status, "/file")
    request = FetchRequest(f"{local.origin}/form", "POST", {"Content-Type": "text/plain"}, b"text")
    await fetch.fetch(request)
    assert local.seen[-1][0] == method
    assert ("content-length" in local.seen[-1][2]) == (method == "POST")


async def test_no_cookie_is_kept_and_the_server_is_asked_for_plain_bytes(local: Site, fetch: AiohttpFetch) -> None:
    for _ in range(2):
        await fetch.fetch(FetchRequest(f"{local.origin}/file"))
    assert "cookie" not in local.seen[1][2]
    assert local.seen[1][2]["accept-encoding"] == "identity"
    assert local.seen[1][2]["user-agent"] == "SyncTV"


async def test_no_proxy_is_taken_from_the_environment(
    local: Site, fetch: AiohttpFetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closed_port() as port:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        assert (await fetch.fetch(FetchRequest(f"{local.origin}/file"))).status == 200


async def test_an_endless_body_is_cut(local: Site, fetch: AiohttpFetch) -> None:
    answer = await fetch.fetch(FetchRequest(f"{local.origin}/endless", max_bytes=100_000))
    assert (len(answer.body), answer.truncated) == (100_000, True)


async def test_a_small_body_that_unpacks_to_a_huge_one_takes_little_memory(local: Site, fetch: AiohttpFetch) -> None:
    tracemalloc.start()
    try:
        answer = await fetch.fetch(FetchRequest(f"{local.origin}/bomb", max_bytes=100_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(answer.body), answer.truncated) == (100_000, True)
    # The server of this test holds the plain bytes once while it packs them.
    assert peak < BOMB_BYTES + (32 << 20)


async def test_a_body_that_drips_is_a_timeout_of_the_whole_call(local: Site, fetch: AiohttpFetch) -> None:
    with pytest.raises(UpstreamTimeout, match=r"within 0\.1 s"):
        await fetch.fetch(FetchRequest(f"{local.origin}/drip", timeout=0.1))


async def test_a_body_shorter_than_announced_is_a_failure(local: Site, fetch: AiohttpFetch) -> None:
    with pytest.raises(UpstreamFailed, match="broke off"):
        await fetch.fetch(FetchRequest(f"{local.origin}/short"))


async def test_a_closed_port_is_a_failure_that_says_so() -> None:
    with closed_port() as port:
        async with aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
            with pytest.raises(UpstreamFailed, match="can't be connected to"):
                await fetch.fetch(FetchRequest(f"http://127.0.0.1:{port}/"))


async def test_a_server_without_tls_is_named_as_such(local: Site, fetch: AiohttpFetch) -> None:
    with pytest.raises(UpstreamFailed, match="http or https"):
        await fetch.fetch(FetchRequest(f"https://127.0.0.1:{local.port}/"))


async def test_credentials_in_the_address_are_refused(fetch: AiohttpFetch) -> None:
    with pytest.raises(Invalid, match="user name"):
        await fetch.fetch(FetchRequest("http://me:secret@example.com/"))
