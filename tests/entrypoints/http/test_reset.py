"""A new password for somebody who lost the old one."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.passwords import PasswordPolicy
from tests.applications import PASSWORD, SilentMail
from tests.authenticator import base64url
from tests.entrypoints.http.api import Answer, Api, Person, fields, serving_api
from tests.entrypoints.http.browser import Registration
from tests.entrypoints.http.proving import OTHER_BROWSER, OVER, WRONG, Holder, at_once, outcome

NEW = "a new and better one"
MFA_REQUIRED = (403, "mfa_required")


@pytest.fixture
async def api(site: Api) -> Api:
    return site


async def asked(api: Api, name: str = "ada") -> str:
    """The flow of somebody to whom a code was sent."""
    answer = await api.post("/auth/reset/start", {"username": name})
    assert (answer.status, answer.json["expiresIn"], answer.json["resendAfter"]) == (200, 600, 30), answer.body
    return str(answer.json["flow"])


async def verified(api: Api, name: str = "ada") -> Any:
    """What somebody is told who has read the code."""
    flow = await asked(api, name)
    answer = await api.post("/auth/reset/verify", {"flow": flow, "code": api.code})
    assert answer.status == 200, answer.body
    return answer.json


async def complete(api: Api, flow: str, **body: Any) -> Answer:
    return await api.post("/auth/reset", {"flow": flow, **({} if "upload" in body else {"password": NEW}), **body})


async def token_of_link(api: Api, name: str = "ada") -> str:
    link = await api.application.account_access.require_reset(name)
    (token,) = parse_qs(urlsplit(link.url).fragment)["token"]
    return token


async def ada_with_mail(api: Api) -> Person:
    return await api.person("ada", email="ada@example.org")


# ---------------------------------------------------------------- with a code


@pytest.mark.parametrize("name", ["ada", "ADA@example.org"])
async def test_a_code_lets_its_reader_choose_a_new_password(api: Api, name: str) -> None:
    ada = await ada_with_mail(api)
    opened = await verified(api, name)
    assert (opened["username"], opened["methods"]) == ("ada", [])
    assert api.letters[-1].kind is LetterKind.RESET_CODE
    answer = await complete(api, opened["flow"])
    assert (answer.status, answer.body) == (204, b"")
    old = await api.post("/auth/password/login", {"username": "ada", "password": PASSWORD})
    assert outcome(old) == WRONG
    await api.signed_in("ada", NEW)
    assert outcome(await api.get("/me", token=ada.token)) == (401, "token_expired")
    assert outcome(await api.post("/auth/refresh", {"refreshToken": ada.refresh_token})) == (401, "token_expired")
    assert outcome(await complete(api, opened["flow"])) == OVER


async def test_the_new_password_need_not_be_sent(api: Api) -> None:
    await ada_with_mail(api)
    opened, registration = await verified(api), Registration.of(NEW)
    begun = await api.post("/auth/reset/opaque", {"flow": opened["flow"], "request": registration.request})
    assert begun.json.keys() == {"response"}
    answer = await complete(api, opened["flow"], upload=registration.upload(begun.json["response"]))
    assert answer.status == 204
    await api.signed_in("ada", NEW)


async def test_a_message_of_opaque_that_is_none_is_named(api: Api) -> None:
    await ada_with_mail(api)
    flow = (await verified(api))["flow"]
    for request in ("", "AAAA", "*"):
        assert fields(await api.post("/auth/reset/opaque", {"flow": flow, "request": request})) == {"request"}
    for upload in ("", "AAAA", base64url(bytes(193))):
        assert fields(await complete(api, flow, upload=upload)) == {"upload"}
    good = Registration.of().request
    assert outcome(await api.post("/auth/reset/opaque", {"flow": "guessed", "request": good})) == OVER


async def test_the_policy_on_passwords_holds(api: Api) -> None:
    await api.policy(password=PasswordPolicy(min_length=12))
    await ada_with_mail(api)
    flow = (await verified(api))["flow"]
    assert fields(await complete(api, flow, password="short")) == {"password"}
    assert (await complete(api, flow)).status == 204


async def test_a_code_has_five_tries(api: Api) -> None:
    await ada_with_mail(api)
    flow = await asked(api)
    wrong = {"flow": flow, "code": "nope"}
    assert [outcome(await api.post("/auth/reset/verify", wrong)) for _ in range(5)] == [WRONG] * 5
    api.clock.advance(60)
    assert outcome(await api.post("/auth/reset/verify", {"flow": flow, "code": api.code})) == OVER


async def test_a_code_works_once_in_its_time_in_its_browser(api: Api) -> None:
    await ada_with_mail(api)
    body = {"flow": await asked(api), "code": api.code}
    assert outcome(await api.post("/auth/reset/verify", body, headers=OTHER_BROWSER)) == OVER
    told = await at_once(api.post("/auth/reset/verify", body), api.post("/auth/reset/verify", body))
    assert told == [(200, ""), OVER]
    api.clock.advance(31)
    late = {"flow": await asked(api), "code": api.code}
    api.clock.advance(601)
    assert outcome(await api.post("/auth/reset/verify", late)) == OVER


async def test_a_code_of_somebody_else_opens_nothing(api: Api) -> None:
    await ada_with_mail(api)
    await api.person("bob", email="bob@example.org")
    adas = await asked(api)
    await asked(api, "bob")
    assert outcome(await api.post("/auth/reset/verify", {"flow": adas, "code": api.code})) == WRONG


async def test_a_code_to_sign_in_with_resets_nothing_and_the_other_way_round(api: Api) -> None:
    await ada_with_mail(api)
    signing_in = (await api.post("/auth/email/start", {"username": "ada"})).json["flow"]
    code = api.code
    assert outcome(await api.post("/auth/reset/verify", {"flow": signing_in, "code": code})) == OVER
    api.clock.advance(31)
    proof = {"kind": "email", "flow": await asked(api), "code": api.code}
    assert outcome(await api.post("/auth/login", {"proof": proof})) == OVER


async def test_choosing_is_over_with_its_time_and_elsewhere(api: Api) -> None:
    await ada_with_mail(api)
    flow = (await verified(api))["flow"]
    elsewhere = await api.post("/auth/reset", {"flow": flow, "password": NEW}, headers=OTHER_BROWSER)
    assert outcome(elsewhere) == OVER
    api.clock.advance(601)
    assert outcome(await complete(api, flow)) == OVER
    assert outcome(await complete(api, "guessed")) == OVER


async def test_of_two_who_choose_at_once_one_has_chosen(api: Api) -> None:
    await ada_with_mail(api)
    flow = (await verified(api))["flow"]
    told = await at_once(complete(api, flow), complete(api, flow, password="another new one"))
    assert told == [(204, ""), OVER]


async def test_of_two_resets_the_first_that_is_completed_counts(api: Api) -> None:
    await ada_with_mail(api)
    first = (await verified(api))["flow"]
    api.clock.advance(31)
    second = (await verified(api))["flow"]
    assert (await complete(api, second)).status == 204
    assert outcome(await complete(api, first, password="another new one")) == OVER


async def test_without_mail_nobody_resets_by_letter(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, mail=SilentMail(configured=False)) as api:
        answer = await api.post("/auth/reset/start", {"username": "ada"})
        assert outcome(answer) == (412, "precondition_failed")


async def test_the_holder_is_told_of_the_new_password(api: Api) -> None:
    await ada_with_mail(api)
    await complete(api, (await verified(api))["flow"])
    assert (api.letters[-1].kind, api.letters[-1].to) == (LetterKind.PASSWORD_CHANGED, "ada@example.org")


# ---------------------------------------------------------------- with two steps


@pytest.mark.parametrize("kind", ["totp", "recovery", "passkey"])
async def test_an_account_of_two_steps_needs_a_second_proof(api: Api, kind: str) -> None:
    ada = await Holder.made(api)
    opened = await verified(api)
    assert opened["methods"] == ["passkey", "totp"]
    assert outcome(await complete(api, opened["flow"])) == MFA_REQUIRED
    if kind == "passkey":
        begun = await api.post("/auth/reset/passkey", {"flow": opened["flow"]})
        credential = ada.passkey.get(begun.json["options"])
        proof = {"kind": "passkey", "flow": begun.json["flow"], "credential": credential}
    else:
        proof = await ada.proof(kind)
    assert (await complete(api, opened["flow"], proof=proof)).status == 204
    login = {"username": "ada", "password": NEW}
    assert (await api.post("/auth/password/login", login)).json.keys() == {"mfa"}


async def test_a_wrong_second_proof_changes_nothing(api: Api) -> None:
    ada = await Holder.made(api)
    bob = await Holder.made(api, "bob")
    flow = (await verified(api))["flow"]
    for proof in ({"kind": "totp", "code": "nope"}, await bob.proof("recovery"), await bob.proof("totp")):
        assert outcome(await complete(api, flow, proof=proof)) == WRONG
    assert (await complete(api, flow, proof=await ada.proof("totp"))).status == 204


async def test_a_passkey_is_begun_for_a_reset_that_goes_on_alone(api: Api) -> None:
    assert outcome(await api.post("/auth/reset/passkey", {"flow": "guessed"})) == OVER


async def test_a_letter_does_not_stand_for_both_steps(api: Api) -> None:
    ada = await ada_with_mail(api)
    await api.change(ada.id, two_factor=True)
    body = {"flow": await asked(api), "code": api.code}
    answer = await api.post("/auth/reset/verify", body)
    assert outcome(answer) == (403, "permission_denied")
    assert "Ask the operator" in answer.json["detail"]


# ---------------------------------------------------------------- with the operator's link


async def test_the_operators_link_opens_in_any_browser_and_ends_with_the_new_password(api: Api) -> None:
    await ada_with_mail(api)
    token = await token_of_link(api)
    opened = await api.post("/auth/reset/verify", {"token": token}, headers=OTHER_BROWSER)
    assert (opened.status, opened.json["username"], opened.json["methods"]) == (200, "ada", [])
    flow = opened.json["flow"]
    assert outcome(await complete(api, flow)) == OVER
    done = await api.post("/auth/reset", {"flow": flow, "password": NEW}, headers=OTHER_BROWSER)
    assert done.status == 204
    assert outcome(await api.post("/auth/reset/verify", {"token": token})) == OVER
    await api.signed_in("ada", NEW)


async def test_the_operators_link_is_good_for_a_day_and_for_the_newest_demand(api: Api) -> None:
    await ada_with_mail(api)
    first, second = await token_of_link(api), await token_of_link(api)
    assert outcome(await api.post("/auth/reset/verify", {"token": first})) == OVER
    api.clock.advance(86_000)
    assert (await api.post("/auth/reset/verify", {"token": second})).status == 200
    api.clock.advance(401)
    assert outcome(await api.post("/auth/reset/verify", {"token": second})) == OVER


@pytest.mark.parametrize("token", ["", "guessed", "\u00e9", "x" * 60_000])
async def test_a_guessed_link_opens_nothing(api: Api, token: str) -> None:
    assert outcome(await api.post("/auth/reset/verify", {"token": token})) == OVER


async def test_a_code_that_was_only_asked_for_is_no_link_and_a_link_needs_no_code(api: Api) -> None:
    await ada_with_mail(api)
    unread = await asked(api)
    assert outcome(await api.post("/auth/reset/verify", {"token": unread})) == OVER
    token = await token_of_link(api)
    assert outcome(await api.post("/auth/reset/verify", {"flow": token, "code": "nope"})) == OVER
    assert (await api.post("/auth/reset/verify", {"token": token})).status == 200
