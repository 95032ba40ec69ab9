"""Setting, changing and removing one's own password."""

from __future__ import annotations

import pytest

from synctv.application.ports.letters import LetterKind
from synctv.domain.accounts.passwords import PasswordPolicy
from tests.applications import PASSWORD
from tests.authenticator import base64url
from tests.entrypoints.http.api import Answer, Api, Person, fields, person_of
from tests.entrypoints.http.browser import Registration
from tests.entrypoints.http.proving import OTHER_BROWSER, OVER, WRONG, Holder, at_once, outcome, with_passkey

NEW = "a new and better one"
ENDED = (401, "token_expired")


@pytest.fixture
async def api(site: Api) -> Api:
    return site


async def change(api: Api, person: Person, **body: str) -> Answer:
    return await api.put("/me/password", body, token=person.token, headers=await api.granted(person))


async def test_a_new_password_ends_every_other_session_and_goes_on_with_this(api: Api) -> None:
    ada = await api.person("ada", email="ada@example.org")
    other = await api.signed_in("ada")
    answer = await change(api, ada, password=NEW)
    assert answer.status == 200
    renewed = person_of(answer)
    assert renewed.id == ada.id
    assert (await api.get("/me", token=renewed.token)).status == 200
    for token in (ada.token, other.token):
        assert outcome(await api.get("/me", token=token)) == ENDED
    for refresh_token in (other.refresh_token, ada.refresh_token):
        refreshed = await api.post("/auth/refresh", {"refreshToken": refresh_token})
        assert refreshed.status == 401
    old = await api.post("/auth/password/login", {"username": "ada", "password": PASSWORD})
    assert outcome(old) == WRONG
    await api.signed_in("ada", NEW)
    assert api.letters[-1].kind is LetterKind.PASSWORD_CHANGED


async def test_browsers_get_the_new_refresh_token_as_their_cookie(api: Api) -> None:
    ada = await api.person("ada")
    answer = await change(api, ada, password=NEW, delivery="cookie")
    assert answer.json["refreshToken"] is None
    kept = {"cookie": answer.cookies.partition(";")[0]}
    assert (await api.post("/auth/refresh", {}, headers=kept)).status == 200


async def test_a_new_password_need_not_be_sent(api: Api) -> None:
    ada, registration = await api.person("ada"), Registration.of(NEW)
    begun = await api.post("/me/password/opaque", {"request": registration.request}, token=ada.token)
    upload = registration.upload(begun.json["response"])
    answer = await change(api, ada, flow=begun.json["flow"], upload=upload)
    assert answer.status == 200
    renewed = person_of(answer)
    security = (await api.get("/me/security", token=renewed.token)).json
    assert security["password"] == {"set": True, "opaque": True}
    ada = await api.signed_in("ada", NEW)
    headers = await api.granted(ada, {"kind": "password", "password": NEW})
    body = {"flow": begun.json["flow"], "upload": upload}
    assert outcome(await api.put("/me/password", body, token=ada.token, headers=headers)) == OVER


async def test_a_password_begun_by_somebody_else_late_or_elsewhere_is_not_set(api: Api) -> None:
    ada, bob, registration = await api.person("ada"), await api.person("bob"), Registration.of(NEW)
    begun = await api.post("/me/password/opaque", {"request": registration.request}, token=bob.token)
    upload = registration.upload(begun.json["response"])
    assert outcome(await change(api, ada, flow=begun.json["flow"], upload=upload)) == OVER
    begun = await api.post("/me/password/opaque", {"request": registration.request}, token=ada.token)
    api.clock.advance(601)
    assert outcome(await change(api, ada, flow=begun.json["flow"], upload=upload)) == OVER
    begun = await api.post(
        "/me/password/opaque", {"request": registration.request}, token=ada.token, headers=OTHER_BROWSER
    )
    assert outcome(await change(api, ada, flow=begun.json["flow"], upload=upload)) == OVER


async def test_messages_of_opaque_that_are_none_are_named(api: Api) -> None:
    ada = await api.person("ada")
    for request in ("", "AAAA", "=", base64url(bytes(33))):
        assert fields(await api.post("/me/password/opaque", {"request": request}, token=ada.token)) == {"request"}
    for upload in ("", "AAAA", "="):
        begun = await api.post("/me/password/opaque", {"request": Registration.of().request}, token=ada.token)
        assert fields(await change(api, ada, flow=begun.json["flow"], upload=upload)) == {"upload"}


async def test_a_password_that_the_policy_refuses_costs_no_grant(api: Api) -> None:
    await api.policy(password=PasswordPolicy(min_length=12))
    ada = await api.person("ada")
    headers = await api.granted(ada)
    for password in ("short", "", "x" * 257):
        answer = await api.put("/me/password", {"password": password}, token=ada.token, headers=headers)
        assert fields(answer) == {"password"}
    assert (await api.put("/me/password", {"password": NEW}, token=ada.token, headers=headers)).status == 200


async def test_of_two_changes_with_one_grant_one_is_done(api: Api) -> None:
    ada = await api.person("ada")
    headers = await api.granted(ada)
    told = await at_once(
        api.put("/me/password", {"password": NEW}, token=ada.token, headers=headers),
        api.put("/me/password", {"password": "yet another one"}, token=ada.token, headers=headers),
    )
    assert told[0] == (200, "")
    assert told[1] in (ENDED, (403, "reauthentication_required"))


async def test_a_password_can_go_where_there_is_another_way_in(api: Api) -> None:
    ada = await api.person("ada")
    answer = await api.delete("/me/password", token=ada.token, headers=await api.granted(ada))
    assert outcome(answer) == (412, "precondition_failed")
    key = await with_passkey(api, ada)
    answer = await api.delete("/me/password", token=ada.token, headers=await api.granted(ada))
    assert (answer.status, answer.body) == (204, b"")
    security = (await api.get("/me/security", token=ada.token)).json
    assert (security["password"], security["methods"]) == ({"set": False, "opaque": False}, ["passkey"])
    assert outcome(await api.post("/auth/password/login", {"username": "ada", "password": PASSWORD})) == WRONG
    begun = (await api.post("/auth/passkey/start", {}, token=ada.token)).json
    proof = {"kind": "passkey", "flow": begun["flow"], "credential": key.get(begun["options"])}
    again = await api.delete("/me/password", token=ada.token, headers=await api.granted(ada, proof))
    assert outcome(again) == (404, "not_found")


async def test_two_steps_need_two_kinds_of_proof_to_stay(api: Api) -> None:
    ada = await api.person("ada")
    await with_passkey(api, ada)
    headers = await api.granted(ada)
    assert (await api.put("/me/two-factor", {"enabled": True}, token=ada.token, headers=headers)).status == 200
    answer = await api.delete("/me/password", token=ada.token, headers=await api.granted(ada))
    assert outcome(answer) == (412, "precondition_failed")
    assert "two-step" in answer.json["detail"].lower()


async def test_a_session_of_two_proofs_stays_one(api: Api) -> None:
    ada = await Holder.made(api)
    mfa = (await ada.challenged())["id"]
    session = person_of(await api.post("/auth/mfa", {"mfa": mfa, "proof": await ada.proof("totp")}))
    renewed = person_of(await change(api, session, password=NEW))
    refreshed = await api.post("/auth/refresh", {"refreshToken": renewed.refresh_token})
    assert refreshed.status == 200
