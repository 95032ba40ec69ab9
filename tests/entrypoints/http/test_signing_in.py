"""Signing in with one proof of each kind, and what no proof gets through with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from synctv.application.ports.passwords import PasswordHasher
from tests.applications import PASSWORD, SilentMail
from tests.authenticator import Authenticator, base64url
from tests.entrypoints.http.api import Answer, Api, fields, serving_api, shape
from tests.entrypoints.http.browser import Login
from tests.entrypoints.http.proving import OTHER_BROWSER, OVER, WRONG, at_once, outcome, with_passkey


@pytest.fixture
async def api(site: Api) -> Api:
    return site


async def log_in(api: Api, proof: Any, **how: Any) -> Answer:
    return await api.post("/auth/login", {"proof": proof}, **how)


# ---------------------------------------------------------------- passwords


@pytest.mark.parametrize("name", ["ada", "ADA", " Ada "])
async def test_a_password_signs_in_by_name(api: Api, name: str) -> None:
    ada = await api.person("ada", email="ada@example.org")
    answer = await log_in(api, {"kind": "password", "username": name, "password": PASSWORD})
    assert (answer.status, answer.json["account"]["id"]) == (200, ada.id)
    assert answer.json["account"]["email"] == "ada@example.org"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.cookies == ""
    plain = await api.post("/auth/password/login", {"username": name, "password": PASSWORD})
    assert shape(plain) == shape(answer)


async def test_the_refresh_cookie_is_for_those_who_ask_for_it(api: Api) -> None:
    await api.person("ada")
    proof = {"kind": "password", "username": "ada", "password": PASSWORD}
    answer = await api.post("/auth/login", {"proof": proof, "delivery": "cookie"})
    assert answer.json["refreshToken"] is None
    assert answer.cookies.startswith("synctv_refresh=ses_")
    assert "; Secure" in answer.cookies


async def test_a_password_needs_to_be_somebodys(api: Api) -> None:
    assert fields(await log_in(api, {"kind": "password", "password": PASSWORD})) == {"proof.username"}


# ---------------------------------------------------------------- OPAQUE


async def opaque_proof(api: Api, username: str, password: str = PASSWORD, **how: Any) -> dict[str, str]:
    login = Login.of(password)
    started = await api.post("/auth/opaque/start", {"username": username, "request": login.request}, **how)
    assert started.status == 200, started.body
    finalization = login.finalization(started.json["response"])
    return {"kind": "opaque", "flow": started.json["flow"], "finalization": finalization}


async def test_nothing_tells_which_address_belongs_to_a_name(api: Api) -> None:
    await api.person("ada", email="ada@example.org")
    request = Login.of("anything").request
    answers = [
        await api.post("/auth/opaque/start", {"username": name, "request": request})
        for name in ("ada", "ada@example.org", "ada@example.org", "eve@example.org")
    ]
    evaluated = [answer.json["response"][:42] for answer in answers]
    assert evaluated[1] == evaluated[2]
    assert len(set(evaluated)) == 3


async def test_a_password_that_is_not_sent_signs_in_once(api: Api) -> None:
    ada = await api.person("ada", email="ada@example.org")
    proof = await opaque_proof(api, "ada")
    answer = await log_in(api, proof)
    assert (answer.status, answer.json["account"]["id"]) == (200, ada.id)
    assert outcome(await log_in(api, proof)) == OVER


async def test_a_page_with_a_wrong_password_learns_it_from_the_first_answer(api: Api) -> None:
    await api.person("ada")
    for name in ("ada", "nobody"):
        with pytest.raises(ValueError, match=r"."):
            await opaque_proof(api, name, "wrong password")


async def test_who_does_not_know_the_password_gets_nowhere_with_opaque(api: Api) -> None:
    await api.person("ada")
    for name in ("ada", "nobody"):
        started = await api.post("/auth/opaque/start", {"username": name, "request": Login.of().request})
        proof = {"kind": "opaque", "flow": started.json["flow"], "finalization": base64url(b"x" * 64)}
        assert outcome(await log_in(api, proof)) == WRONG
        assert outcome(await log_in(api, proof)) == OVER


async def test_the_end_of_one_opaque_sign_in_does_not_fit_another(api: Api) -> None:
    await api.person("ada")
    await api.person("bob")
    ada, bob = await opaque_proof(api, "ada"), await opaque_proof(api, "bob")
    assert outcome(await log_in(api, {**ada, "finalization": bob["finalization"]})) == WRONG


async def test_an_opaque_sign_in_is_over_with_its_time_and_elsewhere(api: Api) -> None:
    await api.person("ada")
    proof = await opaque_proof(api, "ada")
    assert outcome(await log_in(api, proof, headers=OTHER_BROWSER)) == OVER
    late = await opaque_proof(api, "ada")
    api.clock.advance(601)
    assert outcome(await log_in(api, late)) == OVER


async def test_of_two_who_end_one_opaque_sign_in_at_once_one_is_signed_in(api: Api) -> None:
    await api.person("ada")
    proof = await opaque_proof(api, "ada")
    assert await at_once(log_in(api, proof), log_in(api, proof)) == [(200, ""), OVER]


@pytest.mark.parametrize("request_text", ["", "AAAA", "A", "not base64!", base64url(bytes(96)) + "==", "A" * 60_000])
async def test_what_is_no_first_message_of_opaque_is_refused(api: Api, request_text: str) -> None:
    answer = await api.post("/auth/opaque/start", {"username": "ada", "request": request_text})
    assert fields(answer) == {"request"}


@pytest.mark.parametrize("finalization", ["", "AAAA", "A", "+/+/", base64url(bytes(65))])
async def test_what_is_no_last_message_of_opaque_is_refused(api: Api, finalization: str) -> None:
    await api.person("ada")
    proof = await opaque_proof(api, "ada")
    assert fields(await log_in(api, {**proof, "finalization": finalization})) == {"proof.finalization"}


async def test_a_password_that_was_never_sent_signs_scripts_in_as_well(api: Api) -> None:
    ada = await api.person("ada")
    async with api.application.setup.transactions.read() as tx:
        account = await tx.accounts.by_username("ada")
    assert account is not None
    assert account.password is not None
    await api.change(ada.id, password=replace(account.password, argon2=None))
    for password, expected in ((PASSWORD, (200, "")), ("wrong password", WRONG)):
        answer = await api.post("/auth/password/login", {"username": "ada", "password": password})
        assert outcome(answer) == expected


async def test_a_server_without_opaque_says_so(passwords: PasswordHasher) -> None:
    async with serving_api(passwords) as api:
        answer = await api.post("/auth/opaque/start", {"username": "ada", "request": Login.of().request})
        assert (answer.status, answer.code) == (503, "unavailable")
        assert (await api.get("/server")).json["features"]["opaque"] is False


# ---------------------------------------------------------------- passkeys


async def passkey_proof(api: Api, authenticator: Authenticator, **how: Any) -> dict[str, Any]:
    started = await api.post("/auth/passkey/start", {}, **how)
    assert started.status == 200, started.body
    return {"kind": "passkey", "flow": started.json["flow"], "credential": authenticator.get(started.json["options"])}


async def test_a_passkey_signs_in_without_a_name_once(api: Api) -> None:
    ada = await api.person("ada")
    proof = await passkey_proof(api, await with_passkey(api, ada))
    answer = await log_in(api, proof)
    assert (answer.status, answer.json["account"]["id"]) == (200, ada.id)
    assert outcome(await log_in(api, proof)) == OVER


async def test_the_question_to_passkeys_names_none(api: Api) -> None:
    await with_passkey(api, await api.person("ada"))
    options = (await api.post("/auth/passkey/start")).json["options"]
    assert options["rpId"] == "watch.example.org"
    assert options["userVerification"] == "required"
    assert not options.get("allowCredentials")


async def test_a_passkey_that_nobody_added_signs_nobody_in(api: Api) -> None:
    await with_passkey(api, await api.person("ada"))
    assert outcome(await log_in(api, await passkey_proof(api, Authenticator()))) == WRONG


async def test_a_signature_for_another_question_or_site_is_wrong(api: Api) -> None:
    key = await with_passkey(api, await api.person("ada"))
    first, second = await passkey_proof(api, key), await passkey_proof(api, key)
    assert outcome(await log_in(api, {**first, "flow": second["flow"]})) == WRONG
    key.origin = "https://watch.example.org.evil.example"
    assert outcome(await log_in(api, await passkey_proof(api, key))) == WRONG


async def test_a_passkey_of_one_account_does_not_speak_for_another(api: Api) -> None:
    ada, bob = await api.person("ada"), await api.person("bob")
    adas, bobs = await with_passkey(api, ada), await with_passkey(api, bob)
    adas.handle = bobs.handle
    assert outcome(await log_in(api, await passkey_proof(api, adas))) == WRONG


async def test_the_question_to_passkeys_is_over_with_its_time_and_elsewhere(api: Api) -> None:
    key = await with_passkey(api, await api.person("ada"))
    proof = await passkey_proof(api, key)
    assert outcome(await log_in(api, proof, headers=OTHER_BROWSER)) == OVER
    late = await passkey_proof(api, key)
    api.clock.advance(601)
    assert outcome(await log_in(api, late)) == OVER


async def test_of_two_who_answer_one_question_at_once_one_is_signed_in(api: Api) -> None:
    proof = await passkey_proof(api, await with_passkey(api, await api.person("ada")))
    assert await at_once(log_in(api, proof), log_in(api, proof)) == [(200, ""), OVER]


async def test_a_truncated_credential_is_wrong_and_a_huge_one_is_not_read(api: Api) -> None:
    key = await with_passkey(api, await api.person("ada"))
    for lost in ("id", "rawId", "type", "response"):
        proof = await passkey_proof(api, key)
        del proof["credential"][lost]
        assert outcome(await log_in(api, proof)) == WRONG
    for lost in ("clientDataJSON", "authenticatorData", "signature"):
        proof = await passkey_proof(api, key)
        proof["credential"]["response"][lost] = proof["credential"]["response"][lost][:-8]
        assert outcome(await log_in(api, proof)) == WRONG
    proof = await passkey_proof(api, key)
    proof["credential"]["padding"] = "x" * 65_536
    answer = await log_in(api, proof)
    assert (answer.status, answer.code) == (413, "too_large")
    assert "65,536 bytes" in answer.json["detail"]


@pytest.mark.parametrize("credential", [{}, {"id": [], "response": 7}, {"response": {"clientDataJSON": {}}}])
async def test_nonsense_for_a_credential_is_wrong(api: Api, credential: Any) -> None:
    flow = (await api.post("/auth/passkey/start", {})).json["flow"]
    assert outcome(await log_in(api, {"kind": "passkey", "flow": flow, "credential": credential})) == WRONG


# ---------------------------------------------------------------- codes by email


async def email_flow(api: Api, name: str, **how: Any) -> str:
    sent = await api.post("/auth/email/start", {"username": name}, **how)
    assert (sent.status, sent.json["expiresIn"], sent.json["resendAfter"]) == (200, 600, 30), sent.body
    return str(sent.json["flow"])


@pytest.mark.parametrize("name", ["ada", "ada@example.org"])
async def test_a_code_by_email_signs_in_once(api: Api, name: str) -> None:
    ada = await api.person("ada", email="ada@example.org")
    flow = await email_flow(api, name)
    assert [letter.to for letter in api.letters] == ["ada@example.org"]
    proof = {"kind": "email", "flow": flow, "code": f" {api.code[:3]}-{api.code[3:]} "}
    answer = await log_in(api, proof)
    assert (answer.status, answer.json["account"]["id"]) == (200, ada.id)
    assert outcome(await log_in(api, proof)) == OVER


async def test_a_code_has_five_tries(api: Api) -> None:
    await api.person("ada", email="ada@example.org")
    flow = await email_flow(api, "ada")
    wrong = {"kind": "email", "flow": flow, "code": "000000" if api.code != "000000" else "111111"}
    assert [outcome(await log_in(api, wrong)) for _ in range(5)] == [WRONG] * 5
    api.clock.advance(60)
    assert outcome(await log_in(api, {**wrong, "code": api.code})) == OVER


async def test_a_code_is_good_for_its_own_flow_alone(api: Api) -> None:
    await api.person("ada", email="ada@example.org")
    await api.person("bob", email="bob@example.org")
    adas = await email_flow(api, "ada")
    code = api.code
    bobs = await email_flow(api, "bob")
    assert code != api.code
    assert outcome(await log_in(api, {"kind": "email", "flow": bobs, "code": code})) == WRONG
    assert outcome(await log_in(api, {"kind": "email", "flow": adas, "code": code}, headers=OTHER_BROWSER)) == OVER
    api.clock.advance(601)
    assert outcome(await log_in(api, {"kind": "email", "flow": adas, "code": code})) == OVER


async def test_of_two_who_send_one_code_at_once_one_is_signed_in(api: Api) -> None:
    await api.person("ada", email="ada@example.org")
    proof = {"kind": "email", "flow": await email_flow(api, "ada"), "code": api.code}
    assert await at_once(log_in(api, proof), log_in(api, proof)) == [(200, ""), OVER]


async def test_letters_come_no_faster_than_one_in_half_a_minute(api: Api) -> None:
    await api.person("ada", email="ada@example.org")
    await email_flow(api, "ada")
    answer = await api.post("/auth/email/start", {"username": "ADA"})
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (429, "rate_limited", "30")
    api.clock.advance(31)
    await email_flow(api, "ada")
    assert len(api.letters) == 2


async def test_the_letter_is_in_the_language_of_the_browser_unless_its_reader_chose_one(api: Api) -> None:
    ada = await api.person("ada", email="ada@example.org")
    chinese = {"accept-language": "fr, zh-CN;q=0.8, en;q=0.5"}
    await email_flow(api, "ada", headers=chinese)
    assert api.letters[-1].language == "zh"
    assert (await api.patch("/me", {"language": "en"}, token=ada.token)).json["language"] == "en"
    api.clock.advance(31)
    await email_flow(api, "ada", headers=chinese)
    assert api.letters[-1].language == "en"


async def test_without_mail_or_permission_no_code_is_sent(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, mail=SilentMail(configured=False)) as api:
        answer = await api.post("/auth/email/start", {"username": "ada"})
        assert (answer.status, answer.code) == (412, "precondition_failed")
    async with serving_api(passwords) as api:
        await api.policy(email_sign_in=False)
        answer = await api.post("/auth/email/start", {"username": "ada"})
        assert (answer.status, answer.code) == (403, "permission_denied")


# ---------------------------------------------------------------- what is told only to who has proven it


async def test_only_who_has_proven_the_account_is_told_about_it(api: Api) -> None:
    ada = await api.person("ada")
    proof = {"kind": "password", "username": "ada", "password": PASSWORD}
    wrong = {**proof, "password": "wrong password"}
    await api.change(ada.id, pending=True)
    assert outcome(await log_in(api, wrong)) == WRONG
    answer = await log_in(api, proof)
    assert (answer.status, answer.code) == (403, "permission_denied")
    assert "approval" in answer.json["detail"]
    await api.change(ada.id, pending=False, must_reset=True)
    assert outcome(await log_in(api, wrong)) == WRONG
    answer = await log_in(api, proof)
    assert (answer.status, answer.code) == (403, "permission_denied")
    assert "new password" in answer.json["detail"]
    await api.change(ada.id, must_reset=False)
    await api.application.account_access.ban("ada", "Spam")
    assert outcome(await log_in(api, wrong)) == WRONG
    answer = await log_in(api, proof)
    assert (answer.status, answer.code) == (403, "banned")
    assert "Spam" in answer.json["detail"]


async def test_whoever_guesses_waits(api: Api) -> None:
    await api.person("ada")
    wrong = {"kind": "password", "username": "ada", "password": "wrong password"}
    told = [outcome(await log_in(api, wrong)) for _ in range(8)]
    assert told[:5] == [WRONG] * 5
    assert told[-1] == (429, "rate_limited")
    answer = await log_in(api, {**wrong, "password": PASSWORD})
    assert (answer.status, int(answer.headers["retry-after"])) == (429, round(answer.json["retryAfter"]))
