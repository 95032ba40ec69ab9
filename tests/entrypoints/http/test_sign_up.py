"""Signing up, in each way and with whatever may go wrong on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from synctv.application.ports.letters import LetterKind
from synctv.application.ports.opaque import Opaque
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.email import EmailRules
from synctv.domain.accounts.passwords import PasswordPolicy
from synctv.domain.accounts.policy import SignUpWay, WaySwitch
from tests.applications import PASSWORD, SilentMail
from tests.authenticator import Authenticator, base64url
from tests.entrypoints.http.api import OUR_SITE, Answer, Api, fields, serving_api, shape
from tests.entrypoints.http.browser import Registration
from tests.entrypoints.http.proving import OTHER_BROWSER, OVER, WRONG, at_once, outcome

OPEN = WaySwitch(enabled=True, review=False)
TAKEN = (409, "already_exists")
DENIED = (403, "permission_denied")


@pytest.fixture
async def api(passwords: PasswordHasher, opaque: Opaque) -> AsyncIterator[Api]:
    async with serving_api(passwords, OUR_SITE, opaque=opaque) as client:
        await client.policy(sign_up=dict.fromkeys(SignUpWay, OPEN))
        yield client


async def start(api: Api, way: str = "password", username: str = "ada", **more: Any) -> Answer:
    return await api.post("/auth/sign-up/start", {"way": way, "username": username, **more})


async def started(api: Api, way: str = "password", username: str = "ada", **more: Any) -> Any:
    answer = await start(api, way, username, **more)
    assert answer.status == 200, answer.body
    return answer.json


async def finish(api: Api, flow: str, headers: dict[str, str] | None = None, **answers: Any) -> Answer:
    return await api.post("/auth/sign-up", {"flow": flow, **answers}, headers=headers)


# ---------------------------------------------------------------- with a password


async def test_a_password_makes_an_account_and_signs_it_in(api: Api) -> None:
    begun = await started(api)
    assert begun == {"flow": begun["flow"], "email": None, "opaque": None, "passkey": None}
    answer = await finish(api, begun["flow"], password=PASSWORD, language="zh", delivery="cookie")
    assert (answer.status, answer.json["account"]["username"], answer.json["account"]["role"]) == (201, "ada", "user")
    assert (answer.json["account"]["language"], answer.json["refreshToken"]) == ("zh", None)
    assert answer.cookies.startswith("synctv_refresh=ses_")
    await api.signed_in("ada")
    assert outcome(await finish(api, begun["flow"], password=PASSWORD)) == OVER


async def test_a_password_that_is_not_sent_makes_an_account(api: Api) -> None:
    registration = Registration.of()
    begun = await started(api, request=registration.request)
    answer = await finish(api, begun["flow"], upload=registration.upload(begun["opaque"]["response"]))
    assert answer.status == 201
    security = await api.get("/me/security", token=answer.json["accessToken"])
    assert security.json["password"] == {"set": True, "opaque": True}
    await api.signed_in("ada")


async def test_a_message_of_opaque_that_is_none_is_named(api: Api) -> None:
    assert fields(await start(api, request="AAAA")) == {"request"}
    assert fields(await start(api, request="*")) == {"request"}
    begun = await started(api, request=Registration.of().request)
    assert fields(await finish(api, begun["flow"], upload=base64url(b"x" * 191))) == {"upload"}


async def test_a_record_made_for_another_account_opens_nothing(api: Api) -> None:
    mine, theirs = Registration.of(), Registration.of()
    ada, eve = await started(api, request=mine.request), await started(api, username="eve", request=theirs.request)
    swapped = theirs.upload(eve["opaque"]["response"])
    assert (await finish(api, ada["flow"], upload=swapped)).status == 201
    answer = await api.post("/auth/password/login", {"username": "ada", "password": PASSWORD})
    assert outcome(answer) == WRONG


async def test_the_policy_on_passwords_holds(api: Api) -> None:
    await api.policy(password=PasswordPolicy(min_length=12, min_classes=3))
    flow = (await started(api))["flow"]
    for password in (None, "", "short", "alllowercaseletters", "x" * 257):
        assert fields(await finish(api, flow, password=password)) == {"password"}
    assert (await finish(api, flow, password="Long enough 12")).status == 201


async def test_a_name_that_is_taken_or_none_is_told(api: Api) -> None:
    await api.person("ada")
    for name in ("ada", "ADA", "\uff41da", "admin", "Root"):
        assert outcome(await start(api, username=name)) == TAKEN
    for name in ("", "a", "x" * 33, "a b", "-a", "a@b.example", "\u202eada"):
        assert fields(await start(api, username=name)) == {"username"}


async def test_of_two_who_take_one_name_at_once_one_gets_it(api: Api) -> None:
    one, other = (await started(api))["flow"], (await started(api, username="ADA"))["flow"]
    told = await at_once(finish(api, one, password=PASSWORD), finish(api, other, password=PASSWORD))
    assert told == [(201, ""), TAKEN]


async def test_of_two_who_finish_at_once_one_signs_up(api: Api) -> None:
    flow = (await started(api))["flow"]
    told = await at_once(finish(api, flow, password=PASSWORD), finish(api, flow, password=PASSWORD))
    assert told[0] == (201, "")
    assert told[1] in (OVER, TAKEN)


async def test_the_name_was_chosen_at_the_start(api: Api) -> None:
    flow = (await started(api))["flow"]
    assert fields(await finish(api, flow, password=PASSWORD, username="eve")) == {"username"}
    assert (await finish(api, flow, password=PASSWORD, username="Ada")).json["account"]["username"] == "Ada"


async def test_a_sign_up_is_over_with_its_time_and_elsewhere(api: Api) -> None:
    flow = (await started(api))["flow"]
    assert outcome(await finish(api, flow, OTHER_BROWSER, password=PASSWORD)) == OVER
    api.clock.advance(601)
    assert outcome(await finish(api, flow, password=PASSWORD)) == OVER
    assert outcome(await finish(api, "guessed", password=PASSWORD)) == OVER


# ---------------------------------------------------------------- with an address


async def test_an_address_makes_an_account_once_its_code_was_read(api: Api) -> None:
    begun = await started(api, "email", email="Ada@Example.ORG")
    assert begun["email"] == {"expiresIn": 600, "resendAfter": 30}
    assert (api.letters[-1].to, api.letters[-1].kind) == ("Ada@example.org", LetterKind.SIGN_UP_CODE)
    assert outcome(await finish(api, begun["flow"])) == WRONG
    answer = await finish(api, begun["flow"], code=api.code)
    assert (answer.status, answer.json["account"]["email"]) == (201, "Ada@example.org")
    assert outcome(await finish(api, begun["flow"], code=api.code)) == OVER


async def test_a_code_has_five_tries(api: Api) -> None:
    begun = await started(api, "email", email="ada@example.org")
    assert [outcome(await finish(api, begun["flow"], code="nope")) for _ in range(5)] == [WRONG] * 5
    assert outcome(await finish(api, begun["flow"], code=api.code)) == OVER


async def test_a_code_is_good_for_its_own_sign_up_alone(api: Api) -> None:
    await started(api, "email", "ada", email="ada@example.org")
    code = api.code
    begun = await started(api, "email", "eve", email="eve@example.org")
    assert outcome(await finish(api, begun["flow"], code=code)) == WRONG


async def test_that_an_address_is_somebodys_is_told_in_a_letter_alone(api: Api) -> None:
    await api.person("bob", email="bob@example.org")
    free = await start(api, "email", "ada", email="ada@example.org")
    taken = await start(api, "email", "eve", email="BOB@example.org")
    assert shape(taken) == shape(free)
    letter = api.letters[-1]
    assert (letter.to, letter.kind) == ("BOB@example.org", LetterKind.SIGN_UP_KNOWN)
    assert "code" not in letter.facts
    guessed = [shape(await finish(api, begun.json["flow"], code="nope")) for begun in (free, taken)]
    assert guessed[0] == guessed[1]


async def test_letters_to_one_address_come_no_faster_than_one_in_half_a_minute(api: Api) -> None:
    await started(api, "email", email="ada@example.org")
    answer = await start(api, "email", "eve", email="ADA@example.org")
    assert (outcome(answer), answer.headers["retry-after"]) == ((429, "rate_limited"), "30")


async def test_only_addresses_of_allowed_domains_are_taken(api: Api) -> None:
    await api.policy(email_rules=EmailRules(allowed=frozenset({"example.org"})))
    for address in ("ada@other.example", "ada@example.org.evil", "ada", "", None):
        assert fields(await start(api, "email", email=address)) == {"email"}
    assert (await start(api, "email", email="ada@mail.example.org")).status == 200


async def test_where_an_address_is_required_every_way_asks_for_one(api: Api) -> None:
    await api.policy(email_required=True)
    assert fields(await start(api)) == {"email"}
    begun = await started(api, email="ada@example.org")
    assert outcome(await finish(api, begun["flow"], password=PASSWORD)) == WRONG
    answer = await finish(api, begun["flow"], password=PASSWORD, code=api.code)
    assert (answer.status, answer.json["account"]["email"]) == (201, "ada@example.org")


async def test_without_mail_nobody_signs_up_with_an_address(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, mail=SilentMail(configured=False)) as api:
        await api.policy(sign_up=dict.fromkeys(SignUpWay, OPEN))
        answer = await start(api, "email", email="ada@example.org")
        assert outcome(answer) == (412, "precondition_failed")
        features = (await api.get("/server")).json["features"]
        assert features["signUp"] == {"password": True, "email": False, "passkey": True}
        assert (features["mail"], features["emailSignIn"]) == (False, False)
        await api.policy(email_required=True)
        features = (await api.get("/server")).json["features"]
        assert features["signUp"] == {"password": False, "email": False, "passkey": False}
        assert features["emailRequired"] is True


# ---------------------------------------------------------------- with a passkey


async def test_a_passkey_makes_an_account_and_signs_in_from_then_on(api: Api) -> None:
    key = Authenticator()
    begun = await started(api, "passkey")
    assert begun["passkey"]["options"]["rp"]["id"] == "watch.example.org"
    credential = key.create(begun["passkey"]["options"])
    answer = await finish(api, begun["flow"], credential=credential, passkeyName=" My  phone ")
    assert answer.status == 201
    security = (await api.get("/me/security", token=answer.json["accessToken"])).json
    assert [passkey["name"] for passkey in security["passkeys"]] == ["My phone"]
    assert (security["password"]["set"], security["methods"]) == (False, ["passkey"])
    question = (await api.post("/auth/passkey/start", {})).json
    proof = {"kind": "passkey", "flow": question["flow"], "credential": key.get(question["options"])}
    assert (await api.post("/auth/login", {"proof": proof})).json["account"]["id"] == answer.json["account"]["id"]


async def test_what_is_no_new_passkey_for_this_question_is_named(api: Api) -> None:
    begun, other = await started(api, "passkey"), await started(api, "passkey", "eve")
    for credential in (None, {}, {"id": 1}, Authenticator().create(other["passkey"]["options"])):
        assert fields(await finish(api, begun["flow"], credential=credential)) == {"credential"}
    elsewhere = Authenticator(origin="https://evil.example", host="evil.example")
    credential = elsewhere.create(begun["passkey"]["options"])
    assert fields(await finish(api, begun["flow"], credential=credential)) == {"credential"}
    good = Authenticator().create(begun["passkey"]["options"])
    assert fields(await finish(api, begun["flow"], credential=good, passkeyName="x" * 65)) == {"passkeyName"}
    assert (await finish(api, begun["flow"], credential=good)).status == 201


async def test_a_passkey_belongs_to_one_account(api: Api) -> None:
    key = Authenticator()
    first, second = await started(api, "passkey"), await started(api, "passkey", "eve")
    assert (await finish(api, first["flow"], credential=key.create(first["passkey"]["options"]))).status == 201
    again = await finish(api, second["flow"], credential=key.create(second["passkey"]["options"]))
    assert outcome(again) == TAKEN


# ---------------------------------------------------------------- switches and review


async def test_ways_that_are_closed_are_closed(api: Api) -> None:
    open_flow = (await started(api))["flow"]
    await api.policy(sign_up={})
    assert (await api.get("/server")).json["features"]["signUp"] == {
        "password": False,
        "email": False,
        "passkey": False,
    }
    for way in SignUpWay:
        assert outcome(await start(api, way, email="ada@example.org")) == DENIED
    assert outcome(await finish(api, open_flow, password=PASSWORD)) == DENIED


async def test_where_sign_ups_are_reviewed_nobody_is_signed_in_yet(api: Api) -> None:
    await api.policy(sign_up={SignUpWay.PASSWORD: WaySwitch(enabled=True, review=True)})
    answer = await finish(api, (await started(api))["flow"], password=PASSWORD, delivery="cookie")
    assert (answer.status, answer.json, answer.cookies) == (202, {"review": True}, "")
    login = {"username": "ada", "password": PASSWORD}
    assert outcome(await api.post("/auth/password/login", login)) == DENIED
    await api.application.accounts.approve("ada")
    assert (await api.post("/auth/password/login", login)).status == 200


async def test_the_rules_on_passwords_are_shown(api: Api) -> None:
    await api.policy(password=PasswordPolicy(min_length=10, min_classes=2, max_repeats=3))
    shown = (await api.get("/server")).json["features"]["passwordPolicy"]
    assert shown == {"minLength": 10, "minClasses": 2, "maxRepeats": 3, "minScore": 0}
