"""Whether there is an account of some name is told to nobody: answers are alike down to their headers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from synctv.application.ports.opaque import Opaque
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import PasswordRecords
from tests.applications import PASSWORD
from tests.authenticator import base64url
from tests.entrypoints.http.api import Answer, Api, serving_api, shape
from tests.entrypoints.http.browser import Login

NAMES = ("ada", "ada@example.org", "plain", "opaque", "nobody", "nobody@example.org", "x" * 400, "")
"""Somebody with everything, by name and address; with a password in plain; with OPAQUE; nobody."""

Ask = Callable[[Api, str], Awaitable[Answer]]


@pytest.fixture
async def api(passwords: PasswordHasher, opaque: Opaque) -> AsyncIterator[Api]:
    async with serving_api(passwords, opaque=opaque) as client:
        ada = await client.application.accounts.create("ada", PASSWORD)
        plain = await client.application.accounts.create("plain", PASSWORD)
        opaque_only = await client.application.accounts.create("opaque", PASSWORD)
        await client.change(ada.id, email="ada@example.org", two_factor=True)
        await client.change(plain.id, password=_without(plain.password, "opaque"))
        await client.change(opaque_only.id, password=_without(opaque_only.password, "argon2"))
        yield client


async def wrong_password(api: Api, name: str) -> Answer:
    return await api.post("/auth/password/login", {"username": name, "password": "wrong password"})


async def wrong_password_proof(api: Api, name: str) -> Answer:
    proof = {"kind": "password", "username": name, "password": "wrong password"}
    return await api.post("/auth/login", {"proof": proof})


async def opaque_start(api: Api, name: str) -> Answer:
    return await api.post("/auth/opaque/start", {"username": name, "request": Login.of().request})


async def opaque_end(api: Api, name: str) -> Answer:
    started = (await opaque_start(api, name)).json
    proof = {"kind": "opaque", "flow": started["flow"], "finalization": base64url(b"x" * 64)}
    return await api.post("/auth/login", {"proof": proof})


async def email_start(api: Api, name: str) -> Answer:
    return await api.post("/auth/email/start", {"username": name})


async def email_code(api: Api, name: str) -> Answer:
    flow = (await email_start(api, name)).json["flow"]
    return await api.post("/auth/login", {"proof": {"kind": "email", "flow": flow, "code": "nope"}})


async def email_again(api: Api, name: str) -> Answer:
    await email_start(api, name)
    return await email_start(api, name)


async def reset_start(api: Api, name: str) -> Answer:
    return await api.post("/auth/reset/start", {"username": name})


async def reset_code(api: Api, name: str) -> Answer:
    flow = (await reset_start(api, name)).json["flow"]
    return await api.post("/auth/reset/verify", {"flow": flow, "code": "nope"})


async def reset_again(api: Api, name: str) -> Answer:
    await reset_start(api, name)
    return await reset_start(api, name)


async def passkey_start(api: Api, name: str) -> Answer:
    return await api.post("/auth/passkey/start", {})


ASKING = (
    wrong_password,
    wrong_password_proof,
    opaque_start,
    opaque_end,
    email_start,
    email_code,
    email_again,
    reset_start,
    reset_code,
    reset_again,
    passkey_start,
)


@pytest.mark.parametrize("ask", ASKING)
async def test_everybody_gets_the_same_answer(api: Api, ask: Ask) -> None:
    shapes = {}
    for name in NAMES:
        shapes[name] = shape(await ask(api, name))
        api.clock.advance(120)
    assert shapes["ada"][0] in (200, 401, 429)
    assert all(found == shapes["ada"] for found in shapes.values()), shapes


async def test_guessing_is_slowed_down_alike(api: Api) -> None:
    told = {name: [shape(await wrong_password(api, name)) for _ in range(8)] for name in ("ada", "nobody")}
    assert told["ada"] == told["nobody"]
    assert told["ada"][-1][0] == 429


async def test_what_is_counted_does_not_tell_which_address_is_whose(api: Api) -> None:
    for ask in (email_start, reset_start, wrong_password):
        for _ in range(8):
            last = await ask(api, "ada")
        assert last.status == 429
        assert (await ask(api, "ada@example.org")).status != 429
        api.clock.advance(3_600)


async def test_only_somebody_gets_a_letter(api: Api) -> None:
    for name in NAMES:
        await email_start(api, name)
        api.clock.advance(31)
    assert {letter.to for letter in api.letters} == {"ada@example.org"}


def _without(password: PasswordRecords | None, record: str) -> PasswordRecords:
    assert password is not None
    return replace(password, **{record: None})
