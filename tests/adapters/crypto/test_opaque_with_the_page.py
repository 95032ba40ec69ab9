"""The page's own OPAQUE library, running under Node, against our server's side."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from synctv.adapters.crypto.opaque import RustOpaque, library_is_there, new_setup

if not library_is_there():
    pytest.skip("opaque-ke-py has no build for this system", allow_module_level=True)

LIBRARY = Path(__file__).parents[3] / "web/node_modules/@serenity-kit/opaque/esm/index.js"
DRIVER = Path(__file__).with_name("opaque_page.mjs")
STRETCHING = {"argon2id-custom": {"iterations": 2, "memory": 19_456, "parallelism": 1}}
"""What the page tells its library. The server's own client has it built in."""

PASSWORD = "pässword 🔑 of ada"
ADA = "usr_ada"


class Page:
    """The page's library, called over pipes. Its messages are base64url without padding."""

    def __init__(self, process: subprocess.Popen[str], opaque: RustOpaque) -> None:
        self._process = process
        self._opaque = opaque

    def register(self, password: str = PASSWORD, identifier: str = ADA) -> bytes:
        """A record on the server."""
        begun = self._call("startRegistration", password=password)
        answer = self._opaque.answer_registration(_bytes(begun["registrationRequest"]), identifier)
        finished = self._call(
            "finishRegistration",
            password=password,
            registrationResponse=_text(answer),
            clientRegistrationState=begun["clientRegistrationState"],
            keyStretching=STRETCHING,
        )
        return self._opaque.record(_bytes(finished["registrationRecord"]))

    def sign_in(self, record: bytes | None, password: str = PASSWORD, identifier: str = ADA) -> bool:
        """Whether client and server agree that the password is right."""
        begun = self._call("startLogin", password=password)
        login = self._opaque.answer_login(_bytes(begun["startLoginRequest"]), identifier, record)
        finished = self._call(
            "finishLogin",
            password=password,
            loginResponse=_text(login.response),
            clientLoginState=begun["clientLoginState"],
            keyStretching=STRETCHING,
        )
        return finished is not None and self._opaque.finish_login(login.state, _bytes(finished["finishLoginRequest"]))

    def _call(self, name: str, **parameters: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, parameters]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _text(message: bytes) -> str:
    return urlsafe_b64encode(message).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _absent(reason: str) -> NoReturn:
    """Skips; where `CI` is `true` it fails, so that no run is green by having skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def opaque() -> Iterator[RustOpaque]:
    made = RustOpaque(new_setup(), workers=1)
    yield made
    made.close()


@pytest.fixture(scope="module")
def page(opaque: RustOpaque) -> Iterator[Page]:
    node = shutil.which("node")
    if node is None:
        _absent("There is no Node on the PATH to run the page's OPAQUE library with.")
    if not LIBRARY.exists():
        _absent("The page's OPAQUE library is not installed: `tools/npm ci` does that.")
    pipe = subprocess.PIPE
    with subprocess.Popen([node, str(DRIVER), LIBRARY.as_uri()], stdin=pipe, stdout=pipe, text=True) as process:
        yield Page(process, opaque)


def test_who_registered_in_the_page_signs_in_there(page: Page) -> None:
    record = page.register()
    assert page.sign_in(record)
    assert not page.sign_in(record, password="pässword 🔑 of eve")
    assert not page.sign_in(record, identifier="usr_eve")


def test_the_page_can_not_tell_an_unknown_name_from_a_wrong_password(page: Page) -> None:
    assert not page.sign_in(None)


async def test_the_pages_record_takes_the_password_in_plain(page: Page, opaque: RustOpaque) -> None:
    record = page.register()
    assert await opaque.verify(PASSWORD, ADA, record)
    assert not await opaque.verify("pässword 🔑 of eve", ADA, record)


async def test_a_record_made_from_a_password_in_plain_takes_the_page(page: Page, opaque: RustOpaque) -> None:
    record = await opaque.register(PASSWORD, ADA)
    assert page.sign_in(record)
    assert not page.sign_in(record, password="pässword 🔑 of eve")
