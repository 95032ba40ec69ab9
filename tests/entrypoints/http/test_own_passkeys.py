"""Adding, naming and removing one's own passkeys."""

from __future__ import annotations

from typing import Any

import pytest

from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.factors import MAX_PASSKEYS
from tests.authenticator import SYNCED, Authenticator
from tests.entrypoints.http.api import OPTIONS, Answer, Api, Person, fields, serving_api
from tests.entrypoints.http.proving import AGAIN, OTHER_BROWSER, OVER, WRONG, at_once, outcome, with_passkey

TAKEN = (409, "already_exists")


@pytest.fixture
async def api(site: Api) -> Api:
    return site


async def begun(api: Api, person: Person) -> Any:
    headers = await api.granted(person)
    answer = await api.post("/me/passkeys/start", {}, token=person.token, headers=headers)
    assert answer.status == 200, answer.body
    return answer.json


async def add(api: Api, person: Person, flow: str, credential: Any, name: str = "Key", **how: Any) -> Answer:
    body = {"flow": flow, "credential": credential, "name": name}
    return await api.post("/me/passkeys", body, token=person.token, **how)


async def test_a_new_passkey_is_shown_under_its_name(api: Api) -> None:
    ada = await api.person("ada", email="ada@example.org")
    start = await begun(api, ada)
    assert start["options"]["user"]["name"] == "ada"
    answer = await add(api, ada, start["flow"], Authenticator(flags=SYNCED).create(start["options"]), "  My\tphone ")
    assert answer.status == 201
    shown = answer.json
    assert (shown["name"], shown["synced"], shown["usedAt"]) == ("My phone", True, None)
    assert shown["id"].startswith("psk_")
    assert (await api.get("/me/security", token=ada.token)).json["passkeys"] == [shown]
    assert api.letters[-1].kind is LetterKind.FACTOR_CHANGED


async def test_authenticators_are_told_which_passkeys_there_are(api: Api) -> None:
    ada = await api.person("ada")
    key = await with_passkey(api, ada)
    again = await begun(api, ada)
    assert len(again["options"]["excludeCredentials"]) == 1
    assert outcome(await add(api, ada, again["flow"], key.create(again["options"]))) == TAKEN


async def test_an_answer_counts_once_for_its_account_in_its_time_in_its_browser(api: Api) -> None:
    ada, bob = await api.person("ada"), await api.person("bob")
    start = await begun(api, ada)
    credential = Authenticator().create(start["options"])
    assert outcome(await add(api, ada, start["flow"], credential, headers=OTHER_BROWSER)) == OVER
    start = await begun(api, ada)
    credential = Authenticator().create(start["options"])
    assert outcome(await add(api, bob, start["flow"], credential)) == OVER
    start = await begun(api, ada)
    credential = Authenticator().create(start["options"])
    told = await at_once(add(api, ada, start["flow"], credential), add(api, ada, start["flow"], credential))
    assert told == [(201, ""), OVER]
    start = await begun(api, ada)
    api.clock.advance(601)
    assert outcome(await add(api, ada, start["flow"], Authenticator().create(start["options"]))) == OVER


async def test_an_answer_to_another_question_or_from_another_site_is_none(api: Api) -> None:
    ada = await api.person("ada")
    first, second = await begun(api, ada), await begun(api, ada)
    assert fields(await add(api, ada, first["flow"], Authenticator().create(second["options"]))) == {"credential"}
    evil = Authenticator(origin="https://evil.example")
    start = await begun(api, ada)
    assert fields(await add(api, ada, start["flow"], evil.create(start["options"]))) == {"credential"}


async def test_a_truncated_answer_is_none_and_a_huge_one_is_not_read(api: Api) -> None:
    ada = await api.person("ada")
    for lost in ("clientDataJSON", "attestationObject"):
        start = await begun(api, ada)
        credential = Authenticator().create(start["options"])
        credential["response"][lost] = credential["response"][lost][:-8]
        assert fields(await add(api, ada, start["flow"], credential)) == {"credential"}
    start = await begun(api, ada)
    credential = {**Authenticator().create(start["options"]), "padding": "x" * 65_536}
    assert outcome(await add(api, ada, start["flow"], credential)) == (413, "too_large")
    del credential["padding"]
    assert (await add(api, ada, start["flow"], credential)).status == 201


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "\u200b\u200b"])
async def test_a_passkey_needs_a_name(api: Api, name: str) -> None:
    ada = await api.person("ada")
    start = await begun(api, ada)
    # Without one, the browser's own word for it will do.
    answer = await add(api, ada, start["flow"], Authenticator().create(start["options"]), name)
    if name == "":
        assert answer.json["name"] == "Passkey"
    else:
        assert fields(answer) == {"name"}


async def test_there_is_a_bound_on_passkeys(api: Api) -> None:
    ada = await api.person("ada")
    for _ in range(MAX_PASSKEYS):
        await with_passkey(api, ada)
    answer = await api.post("/me/passkeys/start", {}, token=ada.token, headers=await api.granted(ada))
    assert outcome(answer) == (429, "quota_exceeded")


async def test_a_passkey_gets_another_name_from_its_holder_alone(api: Api) -> None:
    ada, bob = await api.person("ada"), await api.person("bob")
    await with_passkey(api, ada)
    (passkey,) = (await api.get("/me/security", token=ada.token)).json["passkeys"]
    where = f"/me/passkeys/{passkey['id']}"
    answer = await api.patch(where, {"name": "Laptop"}, token=ada.token)
    assert answer.json == {**passkey, "name": "Laptop"}
    assert fields(await api.patch(where, {"name": " "}, token=ada.token)) == {"name"}
    assert outcome(await api.patch(where, {"name": "Mine"}, token=bob.token)) == (404, "not_found")


async def test_a_passkey_is_removed_by_its_holder_alone(api: Api) -> None:
    ada, bob = await api.person("ada"), await api.person("bob")
    key = await with_passkey(api, ada)
    (passkey,) = (await api.get("/me/security", token=ada.token)).json["passkeys"]
    where = f"/me/passkeys/{passkey['id']}"
    assert outcome(await api.delete(where, token=ada.token)) == AGAIN
    theirs = await api.delete(where, token=bob.token, headers=await api.granted(bob))
    assert outcome(theirs) == (404, "not_found")
    answer = await api.delete(where, token=ada.token, headers=await api.granted(ada))
    assert (answer.status, answer.json["passkeys"]) == (200, [])
    start = (await api.post("/auth/passkey/start", {})).json
    proof = {"kind": "passkey", "flow": start["flow"], "credential": key.get(start["options"])}
    assert outcome(await api.post("/auth/login", {"proof": proof})) == WRONG


@pytest.mark.parametrize("passkey_id", ["psk_00000000000000000000000000", "usr_00000000000000000000000000", "x", "%00"])
async def test_what_is_no_passkey_is_not_found(api: Api, passkey_id: str) -> None:
    ada = await api.person("ada")
    where = f"/me/passkeys/{passkey_id}"
    for answer in (
        await api.patch(where, {"name": "x"}, token=ada.token),
        await api.delete(where, token=ada.token, headers=await api.granted(ada)),
    ):
        assert outcome(answer) == (404, "not_found")


async def test_the_only_way_in_stays(api: Api) -> None:
    ada = await api.person("ada")
    await with_passkey(api, ada)
    headers = await api.granted(ada)
    await api.change(ada.id, password=None)
    (passkey,) = (await api.get("/me/security", token=ada.token)).json["passkeys"]
    answer = await api.delete(f"/me/passkeys/{passkey['id']}", token=ada.token, headers=headers)
    assert outcome(answer) == (412, "precondition_failed")


async def test_passkeys_are_bound_to_the_host_that_the_browser_asked_for(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, OPTIONS) as api:
        ada = await api.person("ada")
        home = {"host": "Home.example:8443"}
        headers = {**home, **await api.granted(ada)}
        start = (await api.post("/me/passkeys/start", {}, token=ada.token, headers=headers)).json
        assert start["options"]["rp"]["id"] == "home.example"
        key = Authenticator(origin="http://home.example:8443", host="home.example")
        credential = key.create(start["options"])
        assert outcome(await add(api, ada, start["flow"], credential, headers={"host": "other.example"})) == OVER
        start = (
            await api.post("/me/passkeys/start", {}, token=ada.token, headers={**home, **await api.granted(ada)})
        ).json
        assert (await add(api, ada, start["flow"], key.create(start["options"]), headers=home)).status == 201
        question = (await api.post("/auth/passkey/start", {}, headers=home)).json
        proof = {"kind": "passkey", "flow": question["flow"], "credential": key.get(question["options"])}
        assert outcome(await api.post("/auth/login", {"proof": proof}, headers={"host": "other.example"})) == OVER
        question = (await api.post("/auth/passkey/start", {}, headers=home)).json
        proof = {"kind": "passkey", "flow": question["flow"], "credential": key.get(question["options"])}
        assert (await api.post("/auth/login", {"proof": proof}, headers=home)).status == 200
