"""Two people watch what a browser could not fetch by itself: streams of every kind, through the proxy, in sync."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.browsers import PHONE, Person, chromium, picture
from tests.e2e.conftest import Launch
from tests.e2e.dash_texts import IN_PIECES, add_texts
from tests.e2e.film import SUNSET, make_film, make_streams, media_host
from tests.servers.client import people
from tests.servers.synctv import ROOT_PASSWORD, SynctvServer

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]

PAGE = Path(__file__).parents[2] / "src/entrypoints/http/page/index.html"
REFERER = "https://films.example/"
TOGETHER_MS = 250
FILM = "Sunset"


@dataclass
class Cinema:
    """A server, the address of a host that lets no other page read from it, and a browser."""

    server: SynctvServer
    media: str
    browser: Browser


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a film of a minute, in all its forms."""
    folder = tmp_path_factory.mktemp("media")
    film = folder / f"{FILM}.mp4"
    make_film(film, seconds=60, picture=SUNSET)
    make_streams(film)
    add_texts(folder / FILM / "mpd/film.mpd")
    (folder / f"{FILM}.srt").write_bytes(
        "1\n00:00:00,000 --> 00:00:59,000\nGr\xfc\xdfe aus dem Kino\n".encode("latin-1")
    )
    return folder


@pytest.fixture
async def cinema(launch: Launch, films: Path) -> AsyncIterator[Cinema]:
    if not PAGE.exists():
        pytest.fail("The page is not built. `make page` builds it.")
    server = await launch({"storage.kind": "memory", "security.egress.allow": "127.0.0.0/8"})
    async with media_host(films, open_to_all=False, referer=REFERER) as media, chromium() as browser:
        yield Cinema(server, media, browser)


async def gather(cinema: Cinema) -> tuple[Person, Person, str]:
    """The host with a room, a friend on a phone, and the room's address in the API."""
    host = await Person.enter(cinema.browser)
    await host.page.goto(f"{cinema.server.http}/signin")
    await host.sign_in("root", ROOT_PASSWORD)
    await host.create_room("Friday night")
    guest = await Person.enter(cinema.browser, PHONE)
    await guest.join_as_guest(await host.invite_link(), "Tom")
    async with people(cinema.server) as client:
        (room,) = (await (await client.signed_in()).ask("GET", "/rooms?mine=true"))["items"]
    return host, guest, f"/rooms/{room['id']}"


async def show(cinema: Cinema, room: str, path: str, **more: Any) -> None:
    """Adds what lies at the guarded host, and shows it."""
    async with people(cinema.server) as client:
        root = await client.signed_in()
        source = {"url": f"{cinema.media}/{path}", "headers": {"Referer": REFERER}, **more}
        item = await root.ask("POST", f"{room}/items", {"provider": "direct", "source": source})
        await root.ask("POST", f"{room}/playback", {"command": "select", "itemId": item["id"]})
        await root.ask("POST", f"{room}/playback", {"command": "play"})


async def follow(people: list[Person], condition: str, **values: object) -> None:
    """Waits until the condition holds on every page."""
    for person in people:
        await person.sees(condition, **values)


@pytest.mark.parametrize("path", ["m3u8/film.m3u8", "mpd/film.mpd", "flv/film.flv", ".mp4"])
async def test_what_needs_the_proxy_is_watched_together(cinema: Cinema, path: str) -> None:
    host, guest, room = await gather(cinema)
    both = [host, guest]
    await show(cinema, room, f"{FILM}{path}" if path.startswith(".") else f"{FILM}/{path}")
    await follow(both, "s.playing && s.mediaTime > 2 && Math.abs(s.driftMs) < v.ms", ms=TOGETHER_MS)
    await host.seek(30)
    await follow(
        both, "s.playing && s.mediaTime > 31 && s.mediaTime < 50 && Math.abs(s.driftMs) < v.ms", ms=TOGETHER_MS
    )
    if path.endswith("m3u8"):
        await picture(host, "through-the-proxy")
        await picture(guest, "through-the-proxy-phone")
    await host.at("player-toggle").click()
    await follow(both, "!s.playing && document.querySelector('video').paused")
    stood = [(await person.sync())["mediaTime"] for person in both]
    assert stood[0] == pytest.approx(stood[1], abs=0.1)
    for person in both:
        assert person.errors == []
        assert not any(cinema.media in address for address in person.sent), "The page has to ask its own server alone."


async def choose_subtitle(person: Person, name: str) -> None:
    """Chooses in the settings of the film, which are open at the subtitles."""
    await person.page.locator("label", has=person.at("film-subtitle")).filter(has_text=name).click()


async def choose_among_subtitles(cinema: Cinema, path: str, *chosen: tuple[str, str]) -> tuple[Person, str]:
    """Shows a film and chooses one track after the other, of which each has to say what is expected of it."""
    host, _, room = await gather(cinema)
    await show(cinema, room, path)
    await host.sees("s.playing && s.mediaTime > 1")
    await host.at("film-settings").click()
    await host.page.locator("[data-testid=film-row][data-page=subtitles]").click()
    for name, text in chosen:
        await choose_subtitle(host, name)
        await expect(host.at("subtitle-cue").filter(has_text=text)).to_have_count(1 if text else 0)
    modes = "Array.from(document.querySelector('video').textTracks, (track) => track.mode)"
    assert "showing" not in await host.page.evaluate(modes), "The browser would draw them a second time."
    assert host.errors == []
    assert not any(cinema.media in address for address in host.sent)
    return host, room


async def test_subtitles_in_a_dash_manifest_are_chosen_like_those_beside_a_film(cinema: Cinema) -> None:
    english = ("English", "Greetings from a file")
    # A break is no character of a text.
    chosen = [english, ("de", "Grüße & Küsseaus TTML"), english, ("fr", ""), ("Off", ""), english]
    host, room = await choose_among_subtitles(cinema, f"{FILM}/mpd/files.mpd", *chosen)
    await host.sees("s.playing && s.mediaTime > v.since + 2", since=(await host.sync())["mediaTime"])
    await show(cinema, room, f"{FILM}.mp4")
    await expect(host.at("player-subtitles")).to_have_count(0)
    await host.sees("s.playing && s.mediaTime > 1")
    await expect(host.at("player-subtitles")).to_have_count(0)


async def test_subtitles_in_pieces_are_chosen_likewise(cinema: Cinema) -> None:
    await choose_among_subtitles(cinema, f"{FILM}/mpd/pieces.mpd", ("zh", IN_PIECES), ("Off", ""), ("zh", IN_PIECES))
