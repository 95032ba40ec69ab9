"""Proofs of every kind, as pages and apps make them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

import pyotp

from tests.applications import PASSWORD
from tests.authenticator import Authenticator
from tests.entrypoints.http.api import Answer, Api, Person
from tests.entrypoints.http.browser import Login

OTHER_BROWSER = {"user-agent": "another browser"}
OVER = (412, "flow_over")
WRONG = (401, "invalid_credentials")
AGAIN = (403, "reauthentication_required")
STEP = 30


def outcome(answer: Answer) -> tuple[int, str]:
    """The status, and the code of what went wrong."""
    return answer.status, answer.code if answer.status >= 400 else ""


async def at_once(*asked: Awaitable[Answer]) -> list[tuple[int, str]]:
    """What those are told who ask at once."""
    return sorted(outcome(answer) for answer in await asyncio.gather(*asked))


@dataclass(slots=True)
class Holder:
    """Somebody with everything that one can prove oneself with. `extra` goes with each request."""

    api: Api
    person: Person
    username: str
    passkey: Authenticator
    app: pyotp.TOTP
    recovery_codes: list[str]
    extra: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def made(cls, api: Api, username: str = "ada", *, two_factor: bool = True) -> Holder:
        """A new account that has it all."""
        person = await api.person(username, email=f"{username}@example.org")
        app, codes = await with_app(api, person)
        holder = cls(api, person, username, await with_passkey(api, person), app, codes)
        if two_factor:
            headers = await api.granted(person)
            answer = await api.put("/me/two-factor", {"enabled": True}, token=person.token, headers=headers)
            assert answer.json["twoFactor"] is True
        return holder

    async def proof(self, kind: str, **who: Any) -> dict[str, Any]:
        """A good proof of this kind. `who` says what it is for: `username`, `mfa`, or nothing for the token."""
        match kind:
            case "password":
                return {"kind": "password", "password": PASSWORD}
            case "opaque":
                login = Login.of()
                begun = await self._start("opaque", {**who, "request": login.request})
                return {"kind": "opaque", "flow": begun["flow"], "finalization": login.finalization(begun["response"])}
            case "passkey":
                begun = await self._start("passkey", who if "mfa" in who else {})
                return {"kind": "passkey", "flow": begun["flow"], "credential": self.passkey.get(begun["options"])}
            case "email":
                # The letter before may be younger than letters may follow each other.
                self.api.clock.advance(STEP + 1)
                begun = await self._start("email", who)
                return {"kind": "email", "flow": begun["flow"], "code": self.api.code}
            case "totp":
                return {"kind": "totp", "code": self.next_code()}
        return {"kind": "recovery", "code": self.recovery_codes.pop()}

    def next_code(self) -> str:
        """A code of the app that was not used yet."""
        self.api.clock.advance(STEP)
        return self.app.at(self.api.clock.now() // 1_000_000)

    async def challenged(self, **how: Any) -> dict[str, Any]:
        """What a right password leads to: the question for a second proof."""
        login = {"username": self.username, "password": PASSWORD}
        answer = await self.api.post("/auth/password/login", login, **how)
        assert answer.json.keys() == {"mfa"}, answer.body
        return dict(answer.json["mfa"])

    async def _start(self, kind: str, body: dict[str, Any]) -> Any:
        token = None if {"username", "mfa"} & body.keys() else self.person.token
        answer = await self.api.post(f"/auth/{kind}/start", body, token=token)
        assert answer.status == 200, answer.body
        return answer.json


async def with_passkey(api: Api, person: Person) -> Authenticator:
    """The person's new passkey."""
    authenticator = Authenticator()
    started = await api.post("/me/passkeys/start", {}, token=person.token, headers=await api.granted(person))
    assert started.status == 200, started.body
    made = {"flow": started.json["flow"], "credential": authenticator.create(started.json["options"]), "name": "Key"}
    assert (await api.post("/me/passkeys", made, token=person.token)).status == 201
    return authenticator


async def with_app(api: Api, person: Person) -> tuple[pyotp.TOTP, list[str]]:
    """The person's new authenticator app, and its recovery codes."""
    started = await api.post("/me/totp/start", {}, token=person.token, headers=await api.granted(person))
    assert started.status == 200, started.body
    app = pyotp.TOTP(started.json["secret"])
    code = app.at(api.clock.now() // 1_000_000)
    answer = await api.post("/me/totp", {"flow": started.json["flow"], "code": code}, token=person.token)
    assert answer.status == 201, answer.body
    return app, list(answer.json["recoveryCodes"])
