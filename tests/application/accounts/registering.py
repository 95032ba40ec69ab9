"""What a page does to make an account or a password: its side of OPAQUE, and the answers to what a sign-up asks."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from synctv.application.accounts.client import Client
from synctv.application.accounts.sessions import SignedIn
from synctv.application.accounts.sign_up import InReview, SignUpAnswer, SignUpStarted
from synctv.application.ports.webauthn import Site
from synctv.domain.accounts.policy import SignUpWay, WaySwitch
from tests.application.accounts.people import last_code, ruled
from tests.application.house import House
from tests.applications import CLIENT, PASSWORD, SITE
from tests.authenticator import Authenticator

with suppress(ImportError):  # it has no build for Windows
    import opaque_ke_py

OPEN = WaySwitch(enabled=True, review=False)
REVIEWED = WaySwitch(enabled=True, review=True)
ADDRESS = "anna@example.org"


class Registration:
    """OPAQUE's client with a new password that is not sent."""

    def __init__(self, password: str = PASSWORD) -> None:
        self._password = password.encode()
        begun = opaque_ke_py.client_registration_start(self._password)
        self.request: bytes = begun.get_message()
        self._state = begun.get_state()

    def upload(self, response: bytes | None) -> bytes:
        """The last message, for the server's answer."""
        assert response is not None
        return bytes(opaque_ke_py.client_registration_finish(self._password, self._state, response).get_message())


@dataclass
class Begun:
    """A sign-up that was begun, by somebody who has what it asks for."""

    house: House
    way: SignUpWay
    started: SignUpStarted
    code: str | None = None
    authenticator: Authenticator = field(default_factory=Authenticator)

    @property
    def flow(self) -> str:
        """The secret text."""
        return self.started.flow

    def answer(self, **changes: Any) -> SignUpAnswer:
        """Everything that was asked for, with changes."""
        right: dict[str, Any] = {"code": self.code}
        if self.way is SignUpWay.PASSWORD:
            right["password"] = PASSWORD
        if self.started.passkey is not None:
            right["credential"] = self.authenticator.create(self.started.passkey)
        return SignUpAnswer(**{**right, **changes})

    async def finish(
        self, flow: str | None = None, client: Client = CLIENT, site: Site = SITE, **changes: Any
    ) -> SignedIn | InReview:
        """Sends the answers."""
        given = self.flow if flow is None else flow
        return await self.house.application.sign_up.finish(given, self.answer(**changes), site, client)


async def opened(house: House, switch: WaySwitch = OPEN, **rules: Any) -> None:
    """The operator opens every way, and makes other rules."""
    await ruled(house, sign_up=dict.fromkeys(SignUpWay, switch), **rules)


async def begin(
    house: House,
    way: SignUpWay = SignUpWay.PASSWORD,
    username: str = "Anna",
    email: str | None = None,
    *,
    request: bytes | None = None,
    client: Client = CLIENT,
) -> Begun:
    """Begins, and reads the code of the letter where one came. By email, with an address if none is named."""
    address = ADDRESS if way is SignUpWay.EMAIL and email is None else email
    letters = len(house.letters())
    started = await house.application.sign_up.start(way, username, address, request, SITE, client)
    came = len(house.letters()) > letters and "code" in house.letters()[-1].facts
    return Begun(house, way, started, last_code(house) if came else None)


def next_code(house: House) -> str:
    """The code that will be made next, whether anybody is sent it or not."""
    return f"{deepcopy(house.ports.ids).random(128) % 1_000_000:06}"


def stored(house: House) -> dict[str, Any]:
    """What there is of accounts: for tests in which nothing of it may change."""
    state = house.state
    return {
        name: getattr(state, name)
        for name in ("accounts", "sessions", "passkeys", "identities", "totp_secrets", "unused_codes")
    }
