"""Setting up and removing one's own authenticator app, and its recovery codes."""

from __future__ import annotations

import re
from typing import Any

import pyotp
import pytest

from synctv.application.ports.letters import LetterKind
from tests.entrypoints.http.api import Answer, Api, Person
from tests.entrypoints.http.proving import AGAIN, OTHER_BROWSER, OVER, STEP, WRONG, Holder, at_once, outcome, with_app

NOT_FOUND = (404, "not_found")


async def begun(api: Api, person: Person) -> Any:
    headers = await api.granted(person)
    answer = await api.post("/me/totp/start", {}, token=person.token, headers=headers)
    assert answer.status == 200, answer.body
    return answer.json


def code_of(api: Api, secret: str, seconds: int = 0) -> str:
    return pyotp.TOTP(secret).at(api.clock.now() // 1_000_000 + seconds)


async def confirm(api: Api, person: Person, flow: str, code: str, **how: Any) -> Answer:
    return await api.post("/me/totp", {"flow": flow, "code": code}, token=person.token, **how)


async def test_an_app_counts_once_it_gave_a_code(api: Api) -> None:
    ada = await api.person("ada", email="ada@example.org")
    start = await begun(api, ada)
    parsed = pyotp.parse_uri(start["uri"])
    assert (parsed.secret, parsed.name, parsed.issuer) == (start["secret"], "ada", "SyncTV")
    assert (await api.get("/me/security", token=ada.token)).json["totp"] is None
    answer = await confirm(api, ada, start["flow"], code_of(api, start["secret"]))
    codes = answer.json["recoveryCodes"]
    assert (answer.status, len(set(codes))) == (201, 10)
    assert answer.headers["cache-control"] == "no-store"
    assert all(re.fullmatch(r"[2-9a-z]{4}(-[2-9a-z]{4}){3}", code) for code in codes)
    security = (await api.get("/me/security", token=ada.token)).json
    assert (security["totp"], security["recoveryCodes"]) == ({"since": "2026-01-01T00:00:00Z"}, 10)
    assert (security["methods"], security["canEnableTwoFactor"]) == (["password", "email", "totp"], True)
    assert api.letters[-1].kind is LetterKind.FACTOR_CHANGED
    assert outcome(await confirm(api, ada, start["flow"], code_of(api, start["secret"], STEP))) == OVER


async def test_the_code_that_set_an_app_up_proves_nothing_more(api: Api) -> None:
    ada = await api.person("ada")
    start = await begun(api, ada)
    code = code_of(api, start["secret"])
    assert (await confirm(api, ada, start["flow"], code)).status == 201
    proof = {"kind": "totp", "code": code}
    assert outcome(await api.post("/auth/grants", {"proof": proof}, token=ada.token)) == WRONG


async def test_an_app_has_five_tries(api: Api) -> None:
    ada = await api.person("ada")
    start = await begun(api, ada)
    assert [outcome(await confirm(api, ada, start["flow"], "nope")) for _ in range(5)] == [WRONG] * 5
    assert outcome(await confirm(api, ada, start["flow"], code_of(api, start["secret"]))) == OVER


async def test_an_app_is_set_up_by_its_account_in_its_time_in_its_browser(api: Api) -> None:
    ada, bob = await api.person("ada"), await api.person("bob")
    start = await begun(api, ada)
    code = code_of(api, start["secret"])
    assert outcome(await confirm(api, bob, start["flow"], code)) == OVER
    assert outcome(await confirm(api, ada, start["flow"], code, headers=OTHER_BROWSER)) == OVER
    other = await begun(api, ada)
    assert outcome(await confirm(api, ada, other["flow"], code)) == WRONG
    told = await at_once(confirm(api, ada, start["flow"], code), confirm(api, ada, start["flow"], code))
    assert told == [(201, ""), OVER]
    late = await begun(api, ada)
    api.clock.advance(601)
    assert outcome(await confirm(api, ada, late["flow"], code_of(api, late["secret"]))) == OVER


async def test_a_code_of_a_clock_a_minute_off_is_wrong_and_half_a_minute_is_right(api: Api) -> None:
    ada = await api.person("ada")
    start = await begun(api, ada)
    for seconds in (-2 * STEP, 2 * STEP):
        assert outcome(await confirm(api, ada, start["flow"], code_of(api, start["secret"], seconds))) == WRONG
    assert (await confirm(api, ada, start["flow"], code_of(api, start["secret"], STEP))).status == 201


async def test_a_new_app_replaces_the_old_one_when_it_is_confirmed(site: Api) -> None:
    ada = await Holder.made(site, two_factor=False)
    start = await begun(site, ada.person)
    assert (await site.granted(ada.person, await ada.proof("totp"))).keys() == {"x-grant"}
    assert (await confirm(site, ada.person, start["flow"], code_of(site, start["secret"]))).status == 201
    for kind in ("totp", "recovery"):
        body = {"proof": await ada.proof(kind)}
        assert outcome(await site.post("/auth/grants", body, token=ada.person.token)) == WRONG


async def test_new_recovery_codes_replace_all_old_ones(site: Api) -> None:
    ada = await Holder.made(site, two_factor=False)
    person, used = ada.person, ada.recovery_codes[0]
    headers = await site.granted(person, {"kind": "recovery", "code": used.upper().replace("-", " ")})
    assert (await site.get("/me/security", token=person.token)).json["recoveryCodes"] == 9
    answer = await site.post("/me/recovery-codes", {}, token=person.token, headers=headers)
    assert (answer.status, len(answer.json["recoveryCodes"])) == (201, 10)
    assert not set(answer.json["recoveryCodes"]) & set(ada.recovery_codes)
    for old in (used, ada.recovery_codes[1]):
        body = {"proof": {"kind": "recovery", "code": old}}
        assert outcome(await site.post("/auth/grants", body, token=person.token)) == WRONG
    await site.granted(person, {"kind": "recovery", "code": answer.json["recoveryCodes"][3]})


async def test_without_an_app_there_is_nothing_to_remove_and_there_are_no_codes(api: Api) -> None:
    ada = await api.person("ada")
    assert outcome(await api.delete("/me/totp", token=ada.token, headers=await api.granted(ada))) == NOT_FOUND
    answer = await api.post("/me/recovery-codes", {}, token=ada.token, headers=await api.granted(ada))
    assert outcome(answer) == NOT_FOUND


async def test_an_app_goes_with_its_recovery_codes(api: Api) -> None:
    ada = await api.person("ada")
    _, codes = await with_app(api, ada)
    assert outcome(await api.delete("/me/totp", token=ada.token)) == AGAIN
    answer = await api.delete("/me/totp", token=ada.token, headers=await api.granted(ada))
    assert (answer.status, answer.json["totp"], answer.json["recoveryCodes"]) == (200, None, 0)
    body = {"proof": {"kind": "recovery", "code": codes[0]}}
    assert outcome(await api.post("/auth/grants", body, token=ada.token)) == WRONG


@pytest.mark.parametrize("code", ["", "12345", "1234567", "\u0661" * 6, "x" * 60_000, "\ud7ff"])
async def test_what_is_no_code_is_wrong(api: Api, code: str) -> None:
    ada = await api.person("ada")
    await with_app(api, ada)
    for kind in ("totp", "recovery"):
        body = {"proof": {"kind": kind, "code": code}}
        assert outcome(await api.post("/auth/grants", body, token=ada.token)) == WRONG
