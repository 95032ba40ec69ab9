"""Setting, changing and removing one's own email address."""

from __future__ import annotations

import pytest

from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.email import EmailRules
from tests.applications import SilentMail
from tests.entrypoints.http.api import Answer, Api, Person, fields, serving_api, shape
from tests.entrypoints.http.proving import AGAIN, OTHER_BROWSER, OVER, WRONG, at_once, outcome


async def start(api: Api, person: Person, email: str) -> Answer:
    api.clock.advance(31)
    return await api.post("/me/email/start", {"email": email}, token=person.token, headers=await api.granted(person))


async def confirm(api: Api, person: Person, flow: str, code: str, **how: dict[str, str]) -> Answer:
    return await api.post("/me/email", {"flow": flow, "code": code}, token=person.token, **how)


async def test_an_address_counts_once_its_code_was_read(api: Api) -> None:
    ada = await api.person("ada")
    sent = await start(api, ada, "Ada@Example.ORG")
    assert (sent.status, sent.json["expiresIn"], sent.json["resendAfter"]) == (200, 600, 30)
    assert (api.letters[-1].kind, api.letters[-1].to) == (LetterKind.CONFIRM_ADDRESS, "Ada@example.org")
    assert (await api.get("/me", token=ada.token)).json["email"] is None
    answer = await confirm(api, ada, sent.json["flow"], api.code)
    assert answer.json["email"] == {"address": "Ada@example.org", "usable": True}
    assert answer.json["methods"] == ["password", "email"]
    assert (await api.get("/me", token=ada.token)).json["email"] == "Ada@example.org"
    assert outcome(await confirm(api, ada, sent.json["flow"], api.code)) == OVER


async def test_the_old_address_is_told_of_the_new_one(api: Api) -> None:
    ada = await api.person("ada", email="old@example.org")
    sent = await start(api, ada, "new@example.org")
    await confirm(api, ada, sent.json["flow"], api.code)
    assert (api.letters[-1].kind, api.letters[-1].to) == (LetterKind.FACTOR_CHANGED, "old@example.org")


async def test_an_address_of_somebody_else_looks_the_same_and_gets_no_code(api: Api) -> None:
    ada = await api.person("ada")
    await api.person("bob", email="bob@example.org")
    free = await start(api, ada, "ada@example.org")
    letters = len(api.letters)
    taken = await start(api, ada, "BOB@example.org")
    assert shape(taken) == shape(free)
    assert len(api.letters) == letters
    told = [shape(await confirm(api, ada, sent.json["flow"], "nope")) for sent in (free, taken)]
    assert told[0] == told[1]


async def test_of_two_who_claim_one_address_the_first_to_prove_it_gets_it(api: Api) -> None:
    ada, bob = await api.person("ada"), await api.person("bob")
    adas = (await start(api, ada, "both@example.org")).json["flow"]
    code = api.code
    bobs = (await start(api, bob, "both@example.org")).json["flow"]
    told = await at_once(confirm(api, ada, adas, code), confirm(api, bob, bobs, api.code))
    assert told == [(200, ""), (409, "already_exists")]


async def test_a_code_has_five_tries(api: Api) -> None:
    ada = await api.person("ada")
    flow = (await start(api, ada, "ada@example.org")).json["flow"]
    assert [outcome(await confirm(api, ada, flow, "nope")) for _ in range(5)] == [WRONG] * 5
    assert outcome(await confirm(api, ada, flow, api.code)) == OVER


async def test_a_code_works_for_its_account_in_its_time_in_its_browser(api: Api) -> None:
    ada, bob = await api.person("ada"), await api.person("bob")
    flow = (await start(api, ada, "ada@example.org")).json["flow"]
    code = api.code
    assert outcome(await confirm(api, bob, flow, code)) == OVER
    assert outcome(await confirm(api, ada, flow, code, headers=OTHER_BROWSER)) == OVER
    bobs = (await start(api, bob, "bob@example.org")).json["flow"]
    assert outcome(await confirm(api, bob, bobs, code)) == WRONG
    told = await at_once(confirm(api, ada, flow, code), confirm(api, ada, flow, code))
    assert told == [(200, ""), OVER]
    late = (await start(api, ada, "late@example.org")).json["flow"]
    api.clock.advance(601)
    assert outcome(await confirm(api, ada, late, api.code)) == OVER


async def test_a_code_to_sign_in_with_proves_no_new_address(api: Api) -> None:
    ada = await api.person("ada", email="ada@example.org")
    flow = (await api.post("/auth/email/start", {}, token=ada.token)).json["flow"]
    assert outcome(await confirm(api, ada, flow, api.code)) == OVER


async def test_what_is_no_address_or_not_allowed_is_named_and_costs_no_grant(api: Api) -> None:
    await api.policy(email_rules=EmailRules(blocked=frozenset({"spam.example"})))
    ada = await api.person("ada")
    headers = await api.granted(ada)
    for address in ("", "ada", "ada@", "@example.org", "a b@example.org", "a@spam.example", "x" * 300 + "@example.org"):
        answer = await api.post("/me/email/start", {"email": address}, token=ada.token, headers=headers)
        assert fields(answer) == {"email"}
    good = await api.post("/me/email/start", {"email": "a@example.org"}, token=ada.token, headers=headers)
    assert good.status == 200


async def test_letters_come_no_faster_than_one_in_half_a_minute(api: Api) -> None:
    ada = await api.person("ada")
    await start(api, ada, "ada@example.org")
    headers = await api.granted(ada)
    answer = await api.post("/me/email/start", {"email": "b@example.org"}, token=ada.token, headers=headers)
    assert outcome(answer) == (429, "rate_limited")


async def test_without_mail_no_address_is_taken_and_none_can_be_used(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, mail=SilentMail(configured=False)) as api:
        ada = await api.person("ada", email="ada@example.org")
        answer = await start(api, ada, "new@example.org")
        assert outcome(answer) == (412, "precondition_failed")
        security = (await api.get("/me/security", token=ada.token)).json
        assert security["email"] == {"address": "ada@example.org", "usable": False}
        assert security["methods"] == ["password"]


async def test_an_address_can_be_removed_with_a_grant(api: Api) -> None:
    ada = await api.person("ada", email="ada@example.org")
    assert outcome(await api.delete("/me/email", token=ada.token)) == AGAIN
    answer = await api.delete("/me/email", token=ada.token, headers=await api.granted(ada))
    assert (answer.status, answer.json["email"]) == (200, None)
    assert (api.letters[-1].kind, api.letters[-1].to) == (LetterKind.FACTOR_CHANGED, "ada@example.org")
    again = await api.delete("/me/email", token=ada.token, headers=await api.granted(ada))
    assert outcome(again) == (404, "not_found")


@pytest.mark.parametrize("changes", [{"password": None}, {"two_factor": True}])
async def test_an_address_that_is_needed_stays(api: Api, changes: dict[str, object]) -> None:
    ada = await api.person("ada", email="ada@example.org")
    headers = await api.granted(ada)
    await api.change(ada.id, **changes)
    answer = await api.delete("/me/email", token=ada.token, headers=headers)
    assert outcome(answer) == (412, "precondition_failed")
