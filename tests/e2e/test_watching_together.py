"""Two people watch one film: from the first start of a server to both in place again after everything that happens."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.e2e.browsers import PHONE, Person, chromium, picture
from tests.e2e.film import SEA, SUNSET, make_film, media_host
from tests.servers.ports import quiet_port
from tests.servers.scratch import scratch_folder
from tests.servers.synctv import Setting, SynctvServer

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]

PAGE = Path(__file__).parents[2] / "src/entrypoints/http/page/index.html"
TOGETHER_MS = 250
"""Nearer than any viewer would notice, and far from what a viewer who does not follow shows. The benches measure."""


@dataclass
class Cinema:
    """A server in two processes, films at a media host, and a browser."""

    http: SynctvServer
    realtime: SynctvServer
    media: str
    browser: Browser

    def setup_link(self) -> str:
        """The one-time link that the server printed."""
        found = re.search(r"http://\S+/setup#token=\S+", self.http.output())
        assert found, self.http.output()
        return found.group(0)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two films of two minutes."""
    folder = tmp_path_factory.mktemp("media")
    make_film(folder / "Sunset.mp4", seconds=120, picture=SUNSET)
    make_film(folder / "The sea.mp4", seconds=120, picture=SEA, pitch=330)
    return folder


@pytest.fixture
async def cinema(postgres_url: str, redis_url: str, films: Path) -> AsyncIterator[Cinema]:
    if not PAGE.exists():
        pytest.fail("The page is not built. `make page` builds it.")
    with scratch_folder() as folder:
        shared: dict[str, Setting] = {
            "database.url": postgres_url,
            "redis.url": redis_url,
            "storage.kind": "postgres",
            "realtime.port": quiet_port(),
        }
        realtime = SynctvServer(folder / "data", shared, parts=["realtime"])
        del realtime.settings["bootstrap.root_password"]
        http = SynctvServer(folder / "data", shared, parts=["http", "management"])
        del http.settings["bootstrap.root_password"]
        try:
            await realtime.start()
            await http.start()
            async with media_host(films) as media, chromium() as browser:
                yield Cinema(http, realtime, media, browser)
        finally:
            await http.discard()
            await realtime.discard()


async def follow(people: list[Person], condition: str, **values: object) -> None:
    """Waits until the condition holds on every page."""
    for person in people:
        await person.sees(condition, **values)


async def gather(cinema: Cinema) -> tuple[Person, Person]:
    """Somebody sets the server up and makes a room; a friend enters it by its link, as a guest on a phone."""
    host = await Person.enter(cinema.browser)
    await host.set_up(cinema.setup_link(), "mia", "correct horse battery")
    await host.create_room("Friday night")
    guest = await Person.enter(cinema.browser, PHONE)
    await guest.join_as_guest(await host.invite_link(), "Tom")
    return host, guest


async def test_both_follow_every_command_and_find_back(cinema: Cinema) -> None:
    host, guest = await gather(cinema)
    both = [host, guest]
    await host.add(f"{cinema.media}/Sunset.mp4")
    await follow(both, "s.playing && s.mediaTime > 1 && Math.abs(s.driftMs) < v.ms", ms=TOGETHER_MS)
    await host.add(f"{cinema.media}/The%20sea.mp4")
    await guest.say("Made it. What a sky!")
    await host.say("Everybody here? The sea is next.")
    await host.at("chat-text").filter(has_text="sky").wait_for()
    await follow(both, "s.mediaTime > 6")
    await picture(host, "room")
    await picture(guest, "phone")

    await host.at("player-toggle").click()
    await follow(both, "!s.playing && document.querySelector('video').paused")
    stood = [(await person.sync())["mediaTime"] for person in both]
    assert stood[0] == pytest.approx(stood[1], abs=0.05)

    await host.seek(60)
    await follow(both, "!s.playing && Math.abs(s.mediaTime - 60) < 0.5")
    await host.at("player-toggle").click()
    await follow(both, "s.playing && s.mediaTime > 61 && Math.abs(s.driftMs) < v.ms", ms=TOGETHER_MS)

    await host.at("player-rate").select_option("1.5")
    await follow(both, "Math.abs(s.rate - 1.5) < 0.15 && Math.abs(s.driftMs) < v.ms", ms=TOGETHER_MS)

    await host.at("player-next").click()
    await follow(both, "s.playing && s.mediaTime < 30 && s.mediaTime > 1 && Math.abs(s.driftMs) < v.ms", ms=TOGETHER_MS)

    await guest.page.reload()
    await guest.connected()
    await follow(both, "s.playing && s.mediaTime > 2 && Math.abs(s.driftMs) < v.ms", ms=TOGETHER_MS)
    assert host.errors == []
    assert guest.errors == []


async def test_who_was_cut_off_comes_back_and_has_missed_nothing(cinema: Cinema) -> None:
    host, guest = await gather(cinema)
    both = [host, guest]
    await host.add(f"{cinema.media}/Sunset.mp4")
    await follow(both, "s.playing && s.mediaTime > 1")
    await host.say("before")
    await cinema.realtime.kill()
    await follow(both, "!s.connected")
    playing = (await guest.sync())["mediaTime"]
    await follow(both, "s.mediaTime > v.then", then=playing + 0.5)
    await cinema.realtime.start()
    await follow(both, "s.connected")
    await host.say("after")
    await host.at("chat-text").filter(has_text="after").wait_for()
    # Not what is rendered: a line that has just come is skipped by the browser until its first frame.
    assert await host.at("chat-text").all_text_contents() == ["before", "after"]
    await host.at("player-toggle").click()
    await follow(both, "!s.playing && document.querySelector('video').paused")


async def test_what_a_guest_may_not_do_is_shown_with_the_reason(cinema: Cinema) -> None:
    host, guest = await gather(cinema)
    await host.add(f"{cinema.media}/Sunset.mp4")
    await follow([host, guest], "s.playing && s.mediaTime > 1")
    assert await guest.at("player-toggle").is_disabled()
    assert await guest.at("player-locked").is_visible()
    assert await guest.at("player-seek").is_disabled()
    assert not await guest.at("player-mute").is_disabled()


async def test_wrong_links_and_passwords_are_answered_with_a_sentence(cinema: Cinema) -> None:
    host, _ = await gather(cinema)
    stranger = await Person.enter(cinema.browser)
    await stranger.page.goto(f"{cinema.http.http}/r/22222222")
    await stranger.page.get_by_text("unavailable").first.wait_for()
    await stranger.page.goto(f"{cinema.http.http}/signin")
    await stranger.sign_in("mia", "wrong horse")
    assert "match" in await stranger.at("signin-error").inner_text()
    used = await Person.enter(cinema.browser)
    await used.page.goto(cinema.setup_link())
    await used.page.get_by_text("set up already").first.wait_for()
    assert host.errors == []
