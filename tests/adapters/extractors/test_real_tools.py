"""yt-dlp and streamlink themselves, in real workers, through the egress proxy, on a site of the test's own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from synctv.adapters.aiohttp.egress import SETTING, EgressPolicy
from synctv.adapters.aiohttp.egress_proxy import egress_proxy
from synctv.adapters.extractors.cached import CachedExtractor
from synctv.adapters.extractors.cookies import Cookie, netscape
from synctv.adapters.extractors.extractor import Job, Tool
from synctv.adapters.extractors.info import Info
from synctv.adapters.extractors.pool import WorkerExtractor, worker_extractor
from synctv.adapters.extractors.process import WorkerLimits
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.postgres.embedded.processes import is_running
from synctv.adapters.providers.site.provider import SiteProvider
from synctv.application.ports.providers import PlayRequest
from synctv.domain.delivery.offer import Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.errors import (
    DomainError,
    Invalid,
    UpstreamCredential,
    UpstreamFailed,
    UpstreamLimited,
    UpstreamMissing,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from tests.adapters.extractors.pages import Pages, pages

pytestmark = pytest.mark.extractor

HOME = EgressPolicy.of(["127.0.0.0/8"])
LIMITS = WorkerLimits(workers=1, seconds=60.0)


@dataclass
class World:
    extractor: WorkerExtractor
    site: Pages

    async def found(self, path: str, tool: Tool = Tool.YT_DLP, cookies: str = "") -> Info:
        return (await self.extractor.extract(Job(tool, f"{self.site.origin}/{path}", cookies))).info


@asynccontextmanager
async def world(
    policy: EgressPolicy = HOME, limits: WorkerLimits = LIMITS, *, generic: bool = True
) -> AsyncIterator[World]:
    async with (
        pages() as site,
        egress_proxy(policy) as proxy,
        worker_extractor(proxy, MemoryClock(), limits, generic=generic) as extractor,
    ):
        yield World(extractor, site)


async def test_a_video_on_a_page_is_found() -> None:
    async with world() as here:
        info = await here.found("film")
        assert info.kind == "single"
        assert info.title is not None
        assert info.title.startswith("A film")
        (only,) = info.formats
        assert only.url == f"{here.site.origin}/film.mp4"
        assert (only.ext, only.protocol) == ("mp4", "http")
        assert "User-Agent" in only.headers
        assert "Accept-Encoding" not in only.headers


async def test_the_variants_of_a_playlist_are_found_with_their_master() -> None:
    async with world() as here:
        info = await here.found("master.m3u8")
        assert [(one.height, one.protocol) for one in info.formats] == [(360, "m3u8_native"), (720, "m3u8_native")]
        assert {one.manifest_url for one in info.formats} == {f"{here.site.origin}/master.m3u8"}


async def test_streamlink_finds_the_qualities_of_a_stream() -> None:
    async with world() as here:
        info = await here.found("master.m3u8", Tool.STREAMLINK)
        assert info.live
        assert [(one.id, one.height, one.url) for one in info.formats] == [
            ("360p", 360, f"{here.site.origin}/low.m3u8"),
            ("720p", 720, f"{here.site.origin}/high.m3u8"),
        ]
        assert "User-Agent" in info.formats[0].headers


async def test_where_sound_is_apart_streamlink_s_master_playlist_is_taken() -> None:
    async with world() as here:
        info = await here.found("apart.m3u8", Tool.STREAMLINK)
        assert [(one.id, one.url) for one in info.formats] == [("auto", f"{here.site.origin}/apart.m3u8")]


@pytest.mark.parametrize("tool, path", [(Tool.YT_DLP, "film"), (Tool.STREAMLINK, "master.m3u8")])
async def test_cookies_go_to_their_own_host_and_into_the_formats(tool: Tool, path: str) -> None:
    cookies = netscape([Cookie("127.0.0.1", "mine", "a-secret"), Cookie(".other.test", "theirs", "hidden")])
    async with world() as here:
        info = await here.found(path, tool, cookies)
        assert here.site.seen
        assert all(headers.get("cookie") == "mine=a-secret" for _, headers in here.site.seen)
        assert {one.cookie for one in info.formats} == {"mine=a-secret"}
        assert all("Cookie" not in one.headers for one in info.formats)
        seen = len(here.site.seen)
        await here.found(path, tool)
        assert all("cookie" not in headers for _, headers in here.site.seen[seen:])


@pytest.mark.parametrize("tool, path", [(Tool.YT_DLP, "film"), (Tool.STREAMLINK, "master.m3u8")])
async def test_any_page_whatsoever_is_not_read_by_default(tool: Tool, path: str) -> None:
    async with world(generic=False) as here:
        with pytest.raises(Invalid) as caught:
            await here.found(path, tool)
        assert [error.path for error in caught.value.errors] == ["source.url"]
        assert here.site.seen == []


@pytest.mark.parametrize("tool, path", [(Tool.YT_DLP, "film"), (Tool.STREAMLINK, "master.m3u8")])
async def test_a_private_address_is_refused_with_the_setting_that_allows_it(tool: Tool, path: str) -> None:
    async with world(EgressPolicy()) as here:
        with pytest.raises(UpstreamRefused, match=SETTING):
            await here.found(path, tool)
        assert here.site.seen == []


@pytest.mark.parametrize("tool", list(Tool))
async def test_a_private_address_is_refused_over_tls_too(tool: Tool) -> None:
    async with world(EgressPolicy()) as here:
        page = f"https://127.0.0.1:{here.site.port}/master.m3u8"
        with pytest.raises(UpstreamRefused, match=SETTING):
            await here.extractor.extract(Job(tool, page))


@pytest.mark.parametrize("tool", list(Tool))
async def test_a_redirect_to_a_private_address_is_refused(tool: Tool) -> None:
    async with pages() as inner, world() as here:
        policy = EgressPolicy.of([f"127.0.0.1:{here.site.port}"])
        here.site.redirect = f"http://127.0.0.1:{inner.port}/master.m3u8"
        page = f"{here.site.origin}/moved" if tool is Tool.YT_DLP else f"hls://{here.site.origin}/moved"
        async with egress_proxy(policy) as proxy, worker_extractor(proxy, MemoryClock(), generic=True) as extractor:
            with pytest.raises(UpstreamRefused, match=SETTING):
                await extractor.extract(Job(tool, page))
        assert [path for path, _ in here.site.seen] == ["/moved"]
        assert inner.seen == []


async def test_each_answer_of_a_site_has_its_error() -> None:
    expected: dict[str, type[DomainError]] = {
        "401": UpstreamCredential,
        "403": UpstreamRefused,
        "404": UpstreamMissing,
        "412": UpstreamRefused,
        "429": UpstreamLimited,
        "503": UpstreamUnavailable,
        "empty": Invalid,
    }
    async with world() as here:  # one worker for all, as in a server: starting one takes longer than asking it
        for path, error in expected.items():
            with pytest.raises(error) as caught:
                await here.found(path)
            assert (path, type(caught.value)) == (path, error)


async def test_a_page_that_never_answers_ends_with_the_time_limit() -> None:
    async with world(limits=WorkerLimits(workers=1, seconds=3.0)) as here:
        with pytest.raises(UpstreamTimeout, match="longer than 3 s"):
            await here.found("hang")


async def test_a_page_without_end_is_cut_off() -> None:
    async with world(limits=WorkerLimits(workers=1, seconds=60.0, memory_mib=200)) as here:
        with pytest.raises(UpstreamFailed):
            await here.found("endless")
        assert (await here.found("film")).formats


async def test_a_page_is_added_and_played() -> None:
    clock = MemoryClock()
    async with world() as here:
        provider = SiteProvider(CachedExtractor(here.extractor, clock), clock)
        (film,) = await provider.resolve({"url": f"{here.site.origin}/film"})
        assert film.title.startswith("A film")
        asked = len(here.site.seen)
        offer = await provider.play(PlayRequest(film.source, film.kind))
        assert len(here.site.seen) == asked
        (only,) = offer.variants
        assert isinstance(only.media, Upstream)
        assert (only.container, only.media.url) == (Container.MP4, f"{here.site.origin}/film.mp4")
        clock.advance(61)
        await provider.play(PlayRequest(film.source, film.kind))
        assert len(here.site.seen) > asked


SERVER = """
import asyncio, sys
from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.egress_proxy import egress_proxy
from synctv.adapters.extractors.extractor import Job, Tool
from synctv.adapters.extractors.pool import worker_extractor
from synctv.adapters.system.clock import SystemClock

async def main():
    async with egress_proxy(EgressPolicy.of(["127.0.0.0/8"])) as proxy:
        async with worker_extractor(proxy, SystemClock(), generic=True) as extractor:
            asyncio.get_running_loop().call_later(0.5, tell, extractor)
            await extractor.extract(Job(Tool.YT_DLP, sys.argv[1]))

def tell(extractor):
    print(*(worker._process.pid for worker in extractor._busy), flush=True)

asyncio.run(main())
"""


async def test_no_worker_outlives_a_server_that_was_killed(tmp_path: Path) -> None:
    async with pages() as site:
        server = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            SERVER,
            f"{site.origin}/hang",
            stdout=subprocess.PIPE,
            env=os.environ | {"TMPDIR": str(tmp_path)},
        )
        assert server.stdout is not None
        pid = int(await server.stdout.readline())
        while not site.seen:
            await asyncio.sleep(0.05)
        assert is_running(pid)
        server.send_signal(signal.SIGKILL)
        await server.wait()
        async with asyncio.timeout(8):  # sooner than the page's own time limit would end it
            while is_running(pid):
                await asyncio.sleep(0.05)
