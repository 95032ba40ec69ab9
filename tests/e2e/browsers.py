"""People at the page: a real Chromium, and what a person does in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Locator, Page, async_playwright

from tests.e2e.chromium import chromium_path

DESKTOP = (1440, 900)
PHONE = (390, 844)
PATIENCE = 30_000
"""Milliseconds after which something counts as never happening. No measure of speed."""

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A headless browser, in which pages may play with sound at once."""
    program = chromium_path()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


class Person:
    """Somebody with a page of their own, who speaks English."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @classmethod
    async def enter(cls, browser: Browser, size: tuple[int, int] = DESKTOP, scheme: Any = "dark") -> Person:
        """A person with a fresh browser profile."""
        viewport: Any = {"width": size[0], "height": size[1]}
        context = await browser.new_context(viewport=viewport, color_scheme=scheme, locale="en-US")
        return cls(await context.new_page())

    def at(self, name: str) -> Locator:
        """What the page calls by this test id."""
        return self.page.get_by_test_id(name)

    # ------------------------------------------------------------ getting in

    async def set_up(self, link: str, username: str, password: str) -> None:
        """Opens the one-time link and becomes root."""
        await self.page.goto(link)
        await self.at("setup-username").fill(username)
        await self.at("setup-password").fill(password)
        await self.at("setup-submit").click()
        await self.at("room-create-name").wait_for()

    async def create_room(self, name: str) -> None:
        """Creates a room and is in it."""
        await self.at("room-create-name").fill(name)
        await self.at("room-create-submit").click()
        await self.connected()

    async def invite_link(self) -> str:
        """The link for friends."""
        await self.at("invite-open").click()
        link = await self.at("invite-link").input_value()
        await self.page.keyboard.press("Escape")
        return link

    async def join_as_guest(self, link: str, name: str) -> None:
        """Enters by a link, without an account."""
        await self.page.goto(link)
        await self.at("join-name").fill(name)
        await self.at("join-enter").click()
        await self.connected()

    # ------------------------------------------------------------ in the room

    async def add(self, url: str) -> None:
        """Adds an item from the stage of an empty room, or from the queue."""
        if await self.at("stage-add-url").is_visible():
            where = "stage-add"
        else:
            await self.at("tab-queue").click()
            where = "add"
        await self.at(f"{where}-url").fill(url)
        await self.at(f"{where}-submit").click()

    async def seek(self, seconds: float) -> None:
        """Moves the scrubber."""
        await self.at("player-seek").evaluate(
            """(slider, seconds) => {
                slider.value = seconds
                slider.dispatchEvent(new Event('input', { bubbles: true }))
                slider.dispatchEvent(new Event('change', { bubbles: true }))
            }""",
            seconds,
        )

    async def say(self, text: str) -> None:
        """Writes in the chat."""
        await self.at("tab-chat").click()
        await self.at("chat-input").fill(text)
        await self.at("chat-input").press("Enter")

    # ------------------------------------------------------------ what is seen

    async def connected(self) -> None:
        """Waits until the room is there and live."""
        await self.page.wait_for_function("() => window.__synctv?.sync().connected")

    async def sync(self) -> dict[str, Any]:
        """What the page says of its own sync."""
        sample: dict[str, Any] = await self.page.evaluate("() => window.__synctv.sync()")
        return sample

    async def sees(self, condition: str, **values: object) -> None:
        """Waits for a condition over `s`, the page's own sync, and `v`, the values."""
        await self.page.wait_for_function(
            f"(v) => {{ const s = window.__synctv?.sync(); return s && ({condition}) }}", arg=values
        )
