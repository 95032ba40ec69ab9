"""People add what they watch at the page: what they paste, and what lies on their own servers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator

from tests.adapters.providers.jellyfin.server import jellyfin
from tests.adapters.providers.webdav.test_real_servers import NAME, PASSWORD, wsgidav
from tests.e2e.browsers import DESKTOP, PHONE, Person, chromium, picture
from tests.e2e.conftest import Launch
from tests.servers.films import film as film_bytes
from tests.servers.synctv import ROOT_PASSWORD

TITLES = ["Harbour Lights", "Lanterns", "Night Ferry", "Paper Boats", "The Long Way Home"]
SIZE = 700_000_000
"""Nothing but holes from the second kilobyte on, which cost no disk."""
PICTURES = {DESKTOP: "browse", PHONE: "browse-phone"}

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as found:
        yield found


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A server's folder: films in a folder of their own, one of them deeper, and one beside it."""
    shelf = tmp_path / "Films"
    (shelf / "Classics").mkdir(parents=True)
    films = [shelf / f"{title}.mp4" for title in TITLES]
    for path in (*films, shelf / "Classics" / "Old.mp4", tmp_path / "Loose.mp4"):
        path.write_bytes(film_bytes())
        os.truncate(path, SIZE)
    return tmp_path


async def host(launch: Launch, browser: Browser, size: tuple[int, int] = DESKTOP) -> Person:
    """Somebody in a room of their own, at its queue."""
    server = await launch()
    person = await Person.enter(browser, size)
    await person.page.goto(server.http)
    await person.sign_in("root", ROOT_PASSWORD)
    await person.signed_in()
    await person.create_room("Friday")
    await person.at("tab-queue").click()
    return person


async def titles(items: Locator, count: int) -> list[str]:
    """What so many items are called, once there are that many."""
    await items.nth(count - 1).wait_for()
    return [text.splitlines()[0] for text in await items.all_inner_texts()]


async def sign_in_to_webdav(person: Person, origin: str) -> None:
    """Opens the form from the empty stage, is refused once, and gets in."""
    await person.at("stage-browse").click()
    await person.page.locator("[data-testid=browse-connect][data-provider=webdav]").click()
    await person.at("login-way").select_option("password")
    await person.at("login-field-server").fill(origin)
    await person.at("login-field-username").fill(NAME)
    await person.at("login-field-password").fill("wrong")
    await person.at("login-submit").click()
    await person.at("login-error").wait_for()
    await person.at("login-field-password").fill(PASSWORD)
    await person.at("login-submit").click()
    await person.at("entry").first.wait_for()


async def open_folder(person: Person, name: str) -> None:
    """Opens a folder of the list, and waits for what is in it."""
    await person.at("entry-open").filter(has_text=name).click()
    await person.at("crumb").filter(has_text=name).wait_for()
    await person.at("entry").first.wait_for()


async def test_what_is_pasted_is_shown_before_it_is_added_and_can_be_taken_back(
    launch: Launch, browser: Browser, film: str
) -> None:
    mia = await host(launch, browser)
    await mia.at("add-url").fill(film)
    await mia.at("add-found").wait_for()
    assert "2:00:00" in await mia.at("add-found").inner_text()
    await mia.at("add-submit").click()
    await mia.at("queue-item").wait_for()
    await mia.at("added-undo").click()
    await mia.at("queue-item").wait_for(state="detached")
    await mia.at("add-url").fill("no such thing")
    await mia.at("add-submit").click()
    await mia.at("add-error").wait_for()
    assert mia.errors == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_films_of_one_s_own_server_are_browsed_found_and_added(
    launch: Launch, browser: Browser, films: Path, size: tuple[int, int]
) -> None:
    with wsgidav(films, digest=False) as origin:
        mia = await host(launch, browser, size)
        await sign_in_to_webdav(mia, origin)
        await open_folder(mia, "Films")
        await mia.at("browse-all").click()
        await picture(mia, PICTURES[size])
        await mia.at("browse-add").click()
        await mia.at("added-undo").wait_for()
        await mia.at("browse-search").fill("old")
        await mia.at("browse-search").press("Enter")
        await mia.at("entry-choose").and_(mia.page.get_by_label("Old")).click()
        await mia.at("browse-add").click()
        await mia.at("add-close").click()
        assert await titles(mia.at("queue-item"), len(TITLES) + 1) == [*TITLES, "Old"]
        assert mia.errors == []


async def test_one_signs_in_with_a_code_that_is_entered_elsewhere(launch: Launch, browser: Browser) -> None:
    mia = await host(launch, browser)
    async with jellyfin() as server:
        await mia.at("stage-browse").click()
        await mia.page.locator("[data-testid=browse-connect][data-provider=jellyfin]").click()
        await mia.at("login-way").select_option("quick_connect")
        await mia.at("login-field-server").fill(server.origin)
        await mia.at("login-submit").click()
        await mia.at("login-code-back").click()
        await mia.at("login-submit").click()
        await mia.at("login-code-waiting").wait_for()
        await picture(mia, "quick-connect")
        server.confirmed.add(await mia.at("login-code").inner_text())
        assert await titles(mia.at("entry"), 2) == ["Films", "Shows"]
    assert mia.errors == []


async def test_a_live_folder_shows_what_is_there_and_plays_it_with_the_keyboard(
    launch: Launch, browser: Browser, films: Path
) -> None:
    with wsgidav(films, digest=False) as origin:
        mia = await host(launch, browser)
        await sign_in_to_webdav(mia, origin)
        await mia.at("entry-live").first.click()
        await mia.at("added-undo").wait_for()
        await mia.page.keyboard.press("Escape")
        await mia.at("folder-open").click()
        await mia.at("live-play").first.focus()
        await mia.page.keyboard.press("ArrowDown")
        await mia.page.keyboard.press("Enter")
        await mia.page.locator("header").get_by_text(TITLES[1]).wait_for()
        # Nothing lies in a live folder: what plays went beside it.
        await mia.at("crumb").first.click()
        assert await titles(mia.at("queue-item"), 1) == [TITLES[1]]
        assert await mia.at("queue-move").count() == 0, "There is no folder that it could move to."
        assert mia.errors == []


async def test_things_are_put_into_folders_and_everybody_sees_them_there(
    launch: Launch, browser: Browser, film: str
) -> None:
    mia = await host(launch, browser)
    await mia.at("folder-new").click()
    await mia.at("folder-new-name").fill("Season 1")
    await mia.at("folder-new-name").press("Enter")
    await mia.add(film)
    await mia.at("queue-item").hover()
    await mia.at("queue-move").click()
    await mia.at("move-choice").click()
    await mia.at("move-here").click()
    await mia.at("queue-item").wait_for(state="detached")
    await mia.at("folder-open").click()
    await mia.at("queue-item").wait_for()
    await mia.at("crumb").first.click()
    await mia.at("folder-item").hover()
    await mia.at("folder-remove").click()
    await mia.at("folder-remove").click()
    await mia.at("folder-item").wait_for(state="detached")
    assert mia.errors == []
