"""People sign up, in and out at the page: with OPAQUE, an authenticator app, a passkey, letters, and another's word."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.async_api import Browser

from tests.e2e.browsers import PHONE, Person, chromium, picture
from tests.servers.identity import MockProvider, mock_provider
from tests.servers.mail import MailServerUnderTest, mail_server
from tests.servers.scratch import scratch_folder
from tests.servers.synctv import SynctvServer

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]

PASSWORD = "a red boat in March"


@dataclass
class Club:
    """A server that lets newcomers in, its mail server, a provider that vouches for people, and a browser."""

    server: SynctvServer
    mail: MailServerUnderTest
    provider: MockProvider
    browser: Browser

    @property
    def address(self) -> str:
        """The page, by a name: passkeys are bound to names, and addresses are none."""
        return self.server.http.replace("127.0.0.1", "localhost")

    async def visitor(self, size: tuple[int, int] = (1440, 900)) -> Person:
        """Somebody new, at the page."""
        person = await Person.enter(self.browser, size)
        await person.page.goto(self.address)
        return person

    async def code_for(self, address: str) -> str:
        """The code of the newest letter to an address."""
        letter = await self.mail.newest_to(address)
        found = re.search(r"\b(\d{6})\b", letter.body("plain"))
        assert found, letter.body("plain")
        return found.group(1)


@pytest.fixture
async def club(postgres_url: str) -> AsyncIterator[Club]:
    with scratch_folder() as folder:
        async with mail_server() as mail, mock_provider() as provider, chromium() as browser:
            server = SynctvServer(
                folder / "data",
                {
                    "database.url": postgres_url,
                    "storage.kind": "postgres",
                    "mail.host": "127.0.0.1",
                    "mail.port": mail.port,
                    "mail.security": "none",
                    "mail.from_address": "cinema@example.org",
                },
            )
            try:
                await server.start()
                club = Club(server, mail, provider, browser)
                await server.operate("sign-up", "set", "--password", "on", "--password-review", "off")
                redirect = f"{club.address}/api/v1/auth/oauth/callback/club"
                client_id, secret = await provider.register(redirect)
                await server.operate(
                    *("identity-provider", "add", "club", "--name", "Club", "--issuer", provider.issuer),
                    *("--client-id", client_id, "--client-secret-file", "-", "--sign-up", "on", "--review", "off"),
                    given=secret,
                )
                yield club
            finally:
                await server.discard()


async def test_signing_up_with_opaque_and_an_authenticator_app(club: Club) -> None:
    mia = await club.visitor()
    await mia.sign_up("mia", PASSWORD)
    app = pyotp.TOTP(await mia.turn_totp_on(PASSWORD))
    await picture(mia, "two-step")
    await mia.sign_out()

    await mia.sign_in("mia", PASSWORD)
    await mia.at("second-code").wait_for()
    await picture(mia, "second-step")
    await mia.at("second-code").fill("000000")
    await mia.at("second-error").wait_for()
    # The app's next code: the server takes it a step early, and the present one was used already.
    await mia.at("second-code").fill(app.at(datetime.now(UTC), counter_offset=1))  # noqa: TID251 - the real time
    await mia.signed_in()
    assert not any(PASSWORD in body for body in mia.sent)
    assert mia.errors == []


async def test_a_recovery_code_stands_in_for_a_lost_phone_once(club: Club) -> None:
    mia = await club.visitor(PHONE)
    await mia.sign_up("mia", PASSWORD)
    await mia.turn_totp_on(PASSWORD)
    code = mia.recovery_codes[0]
    for works in (True, False):
        await mia.sign_out()
        await mia.sign_in("mia", PASSWORD)
        await mia.at("second-method").and_(mia.page.locator("[data-method=recovery]")).click()
        await mia.at("second-recovery").fill(code)
        await mia.at("second-submit").click()
        if works:
            await mia.signed_in()
        else:
            await mia.at("second-error").wait_for()


async def test_a_passkey_signs_in_alone(club: Club) -> None:
    tom = await club.visitor()
    await tom.has_an_authenticator()
    await tom.sign_up("tom", PASSWORD)
    await tom.go("/account/ways")
    await tom.at("passkey-add").click()
    await tom.at("passkey-save").click()
    await tom.confirm_with(PASSWORD)
    await tom.at("passkey-item").wait_for()
    await picture(tom, "passkeys")
    await tom.sign_out()

    await tom.go("/signin")
    await tom.at("signin-passkey").click()
    await tom.signed_in()
    assert tom.errors == []


async def test_another_servers_word_signs_in_and_up(club: Club) -> None:
    await club.provider.add_user("eve@example.com", email="eve@example.com", preferred_username="eve")
    for first in (True, False):
        eve = await club.visitor()
        await eve.go("/signin")
        await eve.at("signin-provider").click()
        await eve.page.locator("input[name=sub]").fill("eve@example.com")
        await eve.page.locator("button, input[type=submit]").first.click()
        if first:
            await eve.at("signup-username").wait_for()
            assert await eve.at("signup-username").input_value() == "eve"
            await eve.at("signup-submit").click()
        await eve.signed_in()
        assert await eve.at("account-menu").inner_text() == "eve"


async def test_an_address_is_proven_by_a_letter_and_resets_a_password(club: Club) -> None:
    ada = await club.visitor()
    await ada.sign_up("ada", PASSWORD)
    await ada.go("/account/ways")
    await ada.at("email-change").click()
    await ada.at("email-new").fill("ada@example.org")
    await ada.at("email-send").click()
    await ada.confirm_with(PASSWORD)
    await ada.at("email-code").fill(await club.code_for("ada@example.org"))
    await ada.at("email-address").wait_for()
    await ada.sign_out()

    club.mail.letters.clear()
    await ada.go("/reset")
    await ada.at("reset-username").fill("ada@example.org")
    await ada.at("reset-send").click()
    await ada.at("reset-code").fill(await club.code_for("ada@example.org"))
    await ada.at("reset-password").fill("another boat in April")
    await ada.at("reset-submit").click()
    await ada.at("reset-signin").click()
    await ada.sign_in("ada", PASSWORD)
    await ada.at("signin-error").wait_for()
    await ada.sign_in("ada", "another boat in April")
    await ada.signed_in()
    assert not any(PASSWORD in body or "another boat" in body for body in ada.sent)


async def test_a_session_that_is_ended_elsewhere_falls_out_of_its_room(club: Club) -> None:
    laptop = await club.visitor()
    await laptop.sign_up("mia", PASSWORD)
    await laptop.create_room("Friday night")
    phone = await club.visitor(PHONE)
    await phone.go("/signin")
    await phone.sign_in("mia", PASSWORD)
    await phone.signed_in()

    await phone.go("/account/sessions")
    await phone.at("session-item").nth(1).wait_for()
    await picture(phone, "sessions")
    await phone.page.get_by_role("button", name=re.compile("Sign out Chrome")).click()
    await laptop.at("room-signin").wait_for()
    await picture(laptop, "fallen-out")
    await phone.at("session-item").nth(1).wait_for(state="detached")

    await laptop.at("room-signin").click()
    await laptop.sign_in("mia", PASSWORD)
    await laptop.connected()
    assert laptop.errors == []


async def test_a_ban_empties_the_seat_at_once(club: Club) -> None:
    mia = await club.visitor()
    await mia.sign_up("mia", PASSWORD)
    await mia.create_room("Friday night")
    await club.server.operate("account", "ban", "mia", "--reason", "Spoilers", "--yes")
    await mia.at("room-closed").wait_for()
    await picture(mia, "banned")
    assert "banned" in await mia.page.locator("main, body").first.inner_text()
    await mia.go("/signin")
    await mia.sign_in("mia", PASSWORD)
    assert "Spoilers" in await mia.at("signin-error").inner_text()


async def test_whoever_leaves_takes_their_data_along_and_may_come_back(club: Club) -> None:
    mia = await club.visitor()
    await mia.sign_up("mia", PASSWORD)
    await mia.create_room("Night train")
    room = mia.page.url
    await mia.go("/account/data")
    async with mia.page.expect_download() as downloading:
        await mia.at("export-start").click()
        await mia.confirm_with(PASSWORD)
    download = await downloading.value
    export = json.loads((await download.path()).read_text("utf-8"))
    assert download.suggested_filename == "synctv-mia.json"
    assert (export["profile"]["username"], [one["name"] for one in export["rooms"]]) == ("mia", ["Night train"])

    await picture(mia, "your-data")
    await mia.at("close-start").click()
    await mia.at("close-username").fill("somebody")
    await mia.at("close-confirm").click()
    await mia.page.get_by_text("This is not your username").wait_for()
    await mia.at("close-username").fill("mia")
    await mia.at("close-confirm").click()
    await mia.confirm_with(PASSWORD)
    await mia.at("home-closed").wait_for()
    assert mia.page.url.rstrip("/") == club.address.rstrip("/")
    assert "bring it back" in await mia.at("home-closed").inner_text()

    await mia.sign_in("mia", PASSWORD)
    await mia.at("signin-error").wait_for()
    await club.server.operate("account", "restore", "mia")
    await mia.sign_in("mia", PASSWORD)
    await mia.signed_in()
    await mia.page.goto(room)
    await mia.connected()
    assert mia.errors == []
