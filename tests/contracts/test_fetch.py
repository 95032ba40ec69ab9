"""What everything promises that fetches from other servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.aiohttp.metered import CallTally, MeteredFetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.application.ports.fetch import Fetch, FetchRequest
from synctv.domain.errors import Invalid, UpstreamFailed, UpstreamRefused, UpstreamTimeout
from tests.adapters.aiohttp.site import closed_port, site

BODY = bytes(range(256)) * 8


@dataclass(frozen=True, slots=True)
class World:
    """A fetch, and servers that it can call: one that answers, and addresses of some that do not."""

    fetch: Fetch
    origin: str
    nobody: str
    silent: str
    forbidden: str


@asynccontextmanager
async def memory_world() -> AsyncIterator[World]:
    fetch = MemoryFetch()
    world = World(fetch, "http://media.test", "http://nobody.test/", "http://silent.test/", "http://forbidden.test/")
    fetch.answers(f"{world.origin}/file", BODY, headers={"Content-Type": "video/mp4", "X-Odd-Name": "Yes"})
    fetch.answers(f"{world.origin}/empty", status=204)
    fetch.answers(f"{world.origin}/missing", b"no", status=404)
    fetch.answers(f"{world.origin}/broken", b"oh", status=500)
    fetch.answers(f"{world.origin}/moved", BODY, redirected_to=f"{world.origin}/file")
    fetch.fails(world.silent, UpstreamTimeout("silent.test", 0.05))
    fetch.fails(world.forbidden, UpstreamRefused("forbidden.test", "see security.egress.allow"))
    yield world


@asynccontextmanager
async def aiohttp_world() -> AsyncIterator[World]:
    async with site(BODY) as local, aiohttp_fetch(EgressPolicy.of([f"127.0.0.1:{local.port}"])) as fetch:
        local.redirects["moved"] = (302, "/file")
        with closed_port() as port:
            forbidden = f"http://127.0.0.1:{port}/"
            yield World(fetch, local.origin, "http://nobody.invalid/", f"{local.origin}/silent", forbidden)


@asynccontextmanager
async def metered_world() -> AsyncIterator[World]:
    async with memory_world() as world:
        yield replace(world, fetch=MeteredFetch(world.fetch, CallTally(), MemoryClock()))


@pytest.fixture(params=[memory_world, aiohttp_world, metered_world])
def world(request: pytest.FixtureRequest) -> AbstractAsyncContextManager[World]:
    make: Callable[[], AbstractAsyncContextManager[World]] = request.param
    return make()


async def test_the_answer_has_status_headers_in_lower_case_body_and_address(
    world: AbstractAsyncContextManager[World],
) -> None:
    async with world as w:
        answer = await w.fetch.fetch(FetchRequest(f"{w.origin}/file"))
        assert (answer.status, answer.body, answer.truncated) == (200, BODY, False)
        assert answer.headers["content-type"] == "video/mp4"
        assert answer.headers["x-odd-name"] == "Yes"
        assert answer.url == f"{w.origin}/file"


@pytest.mark.parametrize("path, status, body", [("empty", 204, b""), ("missing", 404, b"no"), ("broken", 500, b"oh")])
async def test_no_status_is_an_error(
    world: AbstractAsyncContextManager[World], path: str, status: int, body: bytes
) -> None:
    async with world as w:
        answer = await w.fetch.fetch(FetchRequest(f"{w.origin}/{path}"))
        assert (answer.status, answer.body) == (status, body)


@pytest.mark.parametrize("spare", [-1, 0, 1])
async def test_a_body_is_cut_at_its_bound(world: AbstractAsyncContextManager[World], spare: int) -> None:
    bound = len(BODY) + spare
    async with world as w:
        answer = await w.fetch.fetch(FetchRequest(f"{w.origin}/file", max_bytes=bound))
        assert answer.body == BODY[:bound]
        assert answer.truncated == (spare < 0)


async def test_a_head_has_headers_and_no_body(world: AbstractAsyncContextManager[World]) -> None:
    async with world as w:
        answer = await w.fetch.fetch(FetchRequest(f"{w.origin}/file", method="HEAD"))
        assert (answer.status, answer.body, answer.truncated) == (200, b"", False)
        assert answer.headers["content-length"] == str(len(BODY))


@pytest.mark.parametrize(
    "asked, part", [("bytes=0-9", BODY[:10]), ("bytes=2000-", BODY[2000:]), ("bytes=-7", BODY[-7:])]
)
async def test_a_range_is_answered_with_that_part(
    world: AbstractAsyncContextManager[World], asked: str, part: bytes
) -> None:
    async with world as w:
        answer = await w.fetch.fetch(FetchRequest(f"{w.origin}/file", headers={"Range": asked}))
        assert (answer.status, answer.body) == (206, part)
        assert answer.headers["content-range"].endswith(f"/{len(BODY)}")


async def test_after_a_redirect_the_address_is_the_one_that_answered(world: AbstractAsyncContextManager[World]) -> None:
    async with world as w:
        answer = await w.fetch.fetch(FetchRequest(f"{w.origin}/moved"))
        assert (answer.url, answer.body) == (f"{w.origin}/file", BODY)


async def test_a_redirect_is_a_failure_where_none_may_be(world: AbstractAsyncContextManager[World]) -> None:
    async with world as w:
        with pytest.raises(UpstreamFailed, match="redirects"):
            await w.fetch.fetch(FetchRequest(f"{w.origin}/moved", max_redirects=0))


async def test_a_redirect_is_an_answer_for_who_does_not_follow(world: AbstractAsyncContextManager[World]) -> None:
    async with world as w:
        answer = await w.fetch.fetch(FetchRequest(f"{w.origin}/moved", follow=False))
        assert (answer.status, answer.url) == (302, f"{w.origin}/moved")
        assert answer.headers["location"].endswith("/file")


def test_the_text_form_of_a_request_holds_neither_headers_nor_body() -> None:
    request = FetchRequest("http://media.test/", "POST", {"Authorization": "Bearer hidden"}, b"hidden")
    assert "hidden" not in repr(request)


@pytest.mark.parametrize("url", ["", "file", "/file", "ftp://host/", "file:///etc/passwd", "http://", "javascript:0"])
async def test_what_is_no_http_address_is_invalid(world: AbstractAsyncContextManager[World], url: str) -> None:
    async with world as w:
        with pytest.raises(Invalid):
            await w.fetch.fetch(FetchRequest(url))


async def test_a_server_that_does_not_exist_is_a_failure_that_names_it(
    world: AbstractAsyncContextManager[World],
) -> None:
    async with world as w:
        with pytest.raises(UpstreamFailed, match="resolved") as caught:
            await w.fetch.fetch(FetchRequest(w.nobody))
        assert caught.value.host in w.nobody


async def test_a_server_that_does_not_answer_is_a_timeout(world: AbstractAsyncContextManager[World]) -> None:
    async with world as w:
        with pytest.raises(UpstreamTimeout):
            await w.fetch.fetch(FetchRequest(w.silent, timeout=0.05))


async def test_a_forbidden_server_is_refused_with_the_setting_that_allows_it(
    world: AbstractAsyncContextManager[World],
) -> None:
    async with world as w:
        with pytest.raises(UpstreamRefused, match=r"security\.egress\.allow"):
            await w.fetch.fetch(FetchRequest(w.forbidden))
