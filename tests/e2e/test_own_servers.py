"""Films on people's own servers, from signing in there to the bytes that a viewer gets, through a whole server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.adapters.providers.alist import server as alist
from tests.adapters.providers.jellyfin import server as jellyfin
from tests.adapters.providers.webdav.test_real_servers import NAME, PASSWORD, wsgidav
from tests.e2e.conftest import Launch
from tests.servers.client import Person, people

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]

FILM = "Ünter #1 & 100%.mkv"
BYTES = bytes(range(256)) * 4_096
SUBTITLE = "1\n00:00:01,000 --> 00:00:02,000\nGrüße\n"
PROFILE = quote("mkv,mp4,hls;avc1,hvc1,mp4a;;auto")


@dataclass(frozen=True)
class Watching:
    """A server of a person's own: how to sign in, where the film is, and how it begins."""

    provider: str
    form: str
    fields: dict[str, str]
    folder: str
    title: str
    begins: bytes
    subtitle: str | None


@asynccontextmanager
async def on_webdav(folder: Path) -> AsyncIterator[Watching]:
    films = folder / "Filme"
    films.mkdir()
    (films / FILM).write_bytes(BYTES)
    (films / FILM.replace("mkv", "de.srt")).write_text(SUBTITLE, encoding="utf-8")
    with wsgidav(folder, digest=False) as origin:
        fields = {"server": origin, "username": NAME, "password": PASSWORD}
        yield Watching("webdav", "password", fields, "/Filme", FILM.removesuffix(".mkv"), BYTES[:100], "Grüße")


@asynccontextmanager
async def on_alist(_folder: Path) -> AsyncIterator[Watching]:
    async with alist.alist() as server:
        fields = {"server": server.origin, "username": "alice", "password": "secret"}
        yield Watching("alist", "password", fields, "/movies", "影片 #1?", "/cloud/movies/影片 #1?.mp4".encode(), None)


@asynccontextmanager
async def on_jellyfin(_folder: Path) -> AsyncIterator[Watching]:
    async with jellyfin.jellyfin() as server:
        fields = {"server": server.origin, "username": jellyfin.NAME, "password": jellyfin.PASSWORD}
        yield Watching("jellyfin", "password", fields, "lib1", "Easy (1999)", jellyfin.BYTES[:100], None)


async def added(root: Person, room: str, watching: Watching) -> tuple[dict[str, Any], dict[str, Any]]:
    """The sign-in, and the item that was chosen from the folder."""
    login = {"provider": watching.provider, "form": watching.form, "fields": watching.fields}
    credential = await root.ask("POST", "/me/credentials", login)
    look = {"provider": watching.provider, "credentialId": credential["id"], "folder": watching.folder}
    finding = await root.ask("POST", f"{room}/findings", look)
    (index,) = [entry["index"] for entry in finding["entries"] if entry["title"] == watching.title]
    chosen = {"finding": finding["id"], "choose": [index]}
    (item,) = (await root.ask("POST", f"{room}/items/batch", chosen))["items"]
    return credential, item


@pytest.mark.parametrize("opened", [on_webdav, on_alist, on_jellyfin], ids=["webdav", "alist", "jellyfin"])
async def test_a_film_on_one_s_own_server_plays_through_the_proxy(launch: Launch, tmp_path: Path, opened: Any) -> None:
    server = await launch({"storage.kind": "memory", "security.egress.allow": "127.0.0.0/8"})
    async with opened(tmp_path) as watching, people(server) as client:
        root = await client.signed_in()
        room = f"/rooms/{(await root.ask('POST', '/rooms', {'name': 'Friday'}))['id']}"
        credential, item = await added(root, room, watching)
        assert credential["state"] == "good"
        await root.ask("POST", f"{room}/playback", {"command": "select", "itemId": item["id"]})
        playable = await root.ask("GET", f"{room}/playable?profile={PROFILE}")
        first = playable["variants"][0]
        assert first["delivery"] == "proxy"
        shown = str(playable) + str(credential) + str(item)
        assert not any(secret in shown for name, secret in watching.fields.items() if name == "password")
        last = len(watching.begins) - 1
        async with root.session.get(f"{server.http}{first['url']}", headers={"Range": f"bytes=0-{last}"}) as answer:
            assert answer.status == 206
            assert await answer.read() == watching.begins
        if watching.subtitle is not None:
            async with root.session.get(f"{server.http}{playable['subtitles'][0]['url']}") as answer:
                text = await answer.text()
            assert text.startswith("WEBVTT")
            assert watching.subtitle in text
