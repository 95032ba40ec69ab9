"""People at the page: a real Chromium, and what a person does in it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pyotp
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


async def picture(person: Person, name: str) -> None:
    """Keeps a screenshot where `SYNCTV_TEST_SCREENSHOTS` says, if it does."""
    folder = os.environ.get("SYNCTV_TEST_SCREENSHOTS")
    if folder:
        await person.page.mouse.move(200, 200)
        await person.page.screenshot(path=Path(folder) / f"{name}.png")


class Person:
    """Somebody with a page of their own, who speaks English."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.sent: list[str] = []
        """What the page sent to its server, address and body."""
        self.recovery_codes: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.sent.append(f"{request.url} {request.post_data or ''}"))

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

    async def go(self, path: str) -> None:
        """Opens another place of the page."""
        await self.page.goto(f"{self.page.url.partition('//')[0]}//{self.page.url.split('/')[2]}{path}")

    async def sign_up(self, username: str, password: str) -> None:
        """Makes an account with a password, and is signed in."""
        await self.go("/signup")
        await self.at("signup-username").fill(username)
        await self.at("signup-password").fill(password)
        await self.at("signup-submit").click()
        await self.signed_in()

    async def sign_in(self, username: str, password: str) -> None:
        """Types a name and a password; what comes then is for the test to say."""
        # A page that is on its way to signing in already knows where to go on from there.
        if "/signin" not in self.page.url:
            await self.go("/signin")
        await self.at("signin-username").or_(self.at("signin-password")).first.wait_for()
        if await self.at("signin-username").is_visible():
            await self.at("signin-username").fill(username)
            await self.at("signin-submit").click()
        await self.at("signin-password").fill(password)
        await self.at("signin-submit").click()

    async def sign_out(self) -> None:
        """Leaves by the menu."""
        await self.go("/account")
        await self.at("account-menu").click()
        await self.at("account-signout").first.click()
        await self.at("signin-link").wait_for()

    async def signed_in(self) -> None:
        """Waits until the page knows who is here."""
        await self.at("account-menu").wait_for()

    async def confirm_with(self, password: str) -> None:
        """Proves once more who they are; the page may ask for something else first."""
        await self.at("confirm-dialog").wait_for()
        if not await self.at("confirm-password").is_visible():
            await self.at("confirm-method").and_(self.page.locator("[data-method=password]")).click()
        await self.at("confirm-password").fill(password)
        await self.at("confirm-submit").click()

    async def turn_totp_on(self, password: str) -> str:
        """Sets an authenticator app up, keeps the recovery codes, and asks for two steps. The secret."""
        await self.go("/account/two-step")
        await self.at("totp-start").click()
        await self.confirm_with(password)
        await self.at("totp-qr").wait_for()
        secret = (await self.at("totp-secret").inner_text()).replace(" ", "").strip()
        await self.at("totp-code").fill(pyotp.TOTP(secret).now())
        await self.at("recovery-codes").wait_for()
        self.recovery_codes = await self.at("recovery-code").all_inner_texts()
        await self.at("recovery-saved").click()
        await self.at("two-step-switch").click()
        await self.confirm_with(password)
        await self.page.locator("[data-testid=two-step-switch][data-on=true]").wait_for()
        return secret

    async def has_an_authenticator(self) -> None:
        """Plugs an authenticator in that knows its owner by a fingerprint.

        The browser offers passkeys only when it is asked: else this one would answer before anybody clicks.
        """
        await self.page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
        session = await self.page.context.new_cdp_session(self.page)
        await session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})

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
