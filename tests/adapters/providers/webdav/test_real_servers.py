"""Servers that other people wrote: wsgidav, and rclone where it is installed."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from threading import Thread

import pytest
from cheroot import wsgi
from wsgidav.wsgidav_app import WsgiDAVApp  # type: ignore[import-untyped]

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import AiohttpFetch, aiohttp_fetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.webdav.provider import WebdavProvider
from synctv.application.ports.fetch import FetchRequest
from synctv.application.ports.providers import PlayRequest
from synctv.domain.delivery.offer import Upstream
from synctv.domain.errors import UpstreamCredential, UpstreamMissing

NAME, PASSWORD = "anna", "p:ä ss-word"
FILES = ["a.mkv", "a.zh.srt", "100% c++ & d;e #1?.mp4", "影片 2.mkv", "影片 10.mkv", "%41.mp4", "notes.txt"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Films with difficult names, in a folder with one."""
    films = tmp_path / "Filme & #1"
    films.mkdir()
    for name in FILES:
        (films / name).write_bytes(name.encode() * 100)
    (films / "Leer").mkdir()
    return tmp_path


@contextmanager
def wsgidav(folder: Path, *, digest: bool) -> Iterator[str]:
    """A server in a thread of its own."""
    application = WsgiDAVApp(
        {
            "provider_mapping": {"/": str(folder)},
            "simple_dc": {"user_mapping": {"*": {NAME: {"password": PASSWORD}}}},
            "http_authenticator": {"accept_basic": not digest, "accept_digest": digest, "default_to_digest": digest},
            "verbose": 0,
            "logging": {"enable": False},
        }
    )
    server = wsgi.Server(("127.0.0.1", 0), application, shutdown_timeout=1)
    server.prepare()
    thread = Thread(target=server.serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join()


def rclone_path() -> str:
    """The program. Without it the test that asks is skipped; where `CI` is `true` it fails."""
    found = shutil.which("rclone")
    if found is not None:
        return found
    missing = "No rclone found, which serves the files of this test: install `rclone`."
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


@asynccontextmanager
async def rclone(folder: Path) -> AsyncIterator[str]:
    """A server in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    options = ["--config", os.devnull, "--addr", address, "--user", NAME, "--pass", PASSWORD]
    with subprocess.Popen([rclone_path(), "serve", "webdav", str(folder), *options], stderr=subprocess.PIPE) as process:
        try:
            await answering(address)
            yield f"http://{address}"
        finally:
            process.terminate()
            process.communicate()


async def answering(address: str) -> None:
    """Returns once somebody listens there."""
    host, _, port = address.partition(":")
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection(host, int(port))
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            await writer.wait_closed()
            return


async def watched(origin: str, fetch: AiohttpFetch, folder: Path) -> None:
    """Signs in, browses, resolves and plays everything that is in the folder."""
    provider = WebdavProvider(fetch, MemoryClock())
    fields = {"server": origin, "username": NAME, "password": PASSWORD}
    login = (await provider.sign_in("password", fields)).login
    assert await provider.check(login) == NAME
    with pytest.raises(UpstreamCredential):
        await provider.sign_in("password", {**fields, "password": "wrong"})
    with pytest.raises(UpstreamMissing, match="choose another way to sign in"):
        await provider.sign_in("nextcloud", fields)
    top = await provider.browse(login, "", None, 50)
    assert [entry.title for entry in top.entries] == ["Filme & #1"]
    listing = await provider.browse(login, "/Filme & #1", None, 50)
    titles = ["Leer", "100% c++ & d;e #1?", "%41", "a", "影片 2", "影片 10"]
    assert [entry.title for entry in listing.entries] == titles
    with pytest.raises(UpstreamMissing):
        await provider.browse(login, "/Filme", None, 50)
    found = await provider.resolve({"server": origin, "path": "/Filme & #1"}, login)
    assert [one.title for one in found] == titles[1:]
    for one in found:
        assert [one] == list(await provider.resolve(one.source, login))
        offer = await provider.play(PlayRequest(one.source, one.kind, login))
        path = folder / str(one.source["path"]).removeprefix("/")
        upstreams = [offer.variants[0].media, *(subtitle.upstream for subtitle in offer.subtitles)]
        for upstream, file in zip(upstreams, [path, path.with_suffix(".zh.srt")], strict=False):
            assert isinstance(upstream, Upstream)
            headers = {**upstream.headers, "Range": "bytes=1-20"}
            answer = await fetch.fetch(FetchRequest(upstream.url, headers=headers))
            assert (answer.status, answer.body) == (206, file.read_bytes()[1:21])


@pytest.mark.parametrize("digest", [False, True], ids=["basic", "digest"])
async def test_what_wsgidav_serves_is_watched(folder: Path, *, digest: bool) -> None:
    with wsgidav(folder, digest=digest) as origin:
        async with aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
            await watched(origin, fetch, folder)


@pytest.mark.server
async def test_what_rclone_serves_is_watched(folder: Path) -> None:
    async with rclone(folder) as origin, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        await watched(origin, fetch, folder)
