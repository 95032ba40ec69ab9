"""One's own sessions, and what was done to one's account."""

from __future__ import annotations

import pytest

from synctv.domain.audit.entry import Action, Party
from tests.applications import PASSWORD
from tests.builders import an_audit_entry
from tests.entrypoints.http.api import Api, fields
from tests.entrypoints.http.proving import Holder, outcome

ENDED = (401, "token_expired")
NOT_FOUND = (404, "not_found")


async def test_sessions_are_listed_with_their_device_place_and_time(site: Api) -> None:
    ada = await Holder.made(site, two_factor=False)
    site.clock.advance(60)
    login = {"username": "ada", "password": PASSWORD}
    phone = (await site.post("/auth/password/login", login, headers={"user-agent": "Phone " + "x" * 400})).json
    answer = await site.get("/me/sessions", token=phone["accessToken"])
    newest, oldest = answer.json["items"]
    assert answer.json["nextCursor"] is None
    assert (newest["current"], oldest["current"]) == (True, False)
    assert newest["userAgent"] == ("Phone " + "x" * 400)[:300]
    assert newest["address"] == "127.0.0.1"
    assert newest["methods"] == ["password"]
    # Each proof that led to a grant counts from then on.
    assert oldest["methods"] == ["password", "totp"]
    assert newest["createdAt"] == newest["refreshedAt"] > oldest["createdAt"]
    assert newest["expiresAt"] > newest["createdAt"]
    assert newest.keys() == {
        "id",
        "current",
        "userAgent",
        "address",
        "methods",
        "createdAt",
        "refreshedAt",
        "expiresAt",
    }
    assert ada.person.refresh_token.partition(".")[2] not in answer.body.decode()


async def test_one_session_can_be_ended_from_another(api: Api) -> None:
    ada, phone = await api.person("ada"), await api.signed_in("ada")
    (other,) = [one for one in (await api.get("/me/sessions", token=ada.token)).json["items"] if not one["current"]]
    where = f"/me/sessions/{other['id']}"
    bob = await api.person("bob")
    assert outcome(await api.delete(where, token=bob.token)) == NOT_FOUND
    answer = await api.delete(where, token=ada.token)
    assert (answer.status, answer.body) == (204, b"")
    assert outcome(await api.get("/me", token=phone.token)) == ENDED
    assert outcome(await api.post("/auth/refresh", {"refreshToken": phone.refresh_token})) == ENDED
    assert (await api.get("/me", token=ada.token)).status == 200
    assert len((await api.get("/me/sessions", token=ada.token)).json["items"]) == 1


@pytest.mark.parametrize("session_id", ["ses_00000000000000000000000000", "usr_00000000000000000000000000", "x", "%00"])
async def test_what_is_no_session_is_not_found(api: Api, session_id: str) -> None:
    ada = await api.person("ada")
    assert outcome(await api.delete(f"/me/sessions/{session_id}", token=ada.token)) == NOT_FOUND


async def test_all_other_sessions_can_be_ended(api: Api) -> None:
    ada, phone, bob = await api.person("ada"), await api.signed_in("ada"), await api.person("bob")
    answer = await api.post("/me/sessions/end", {"keepThis": True}, token=ada.token)
    assert (answer.status, answer.body) == (204, b"")
    assert outcome(await api.get("/me", token=phone.token)) == ENDED
    assert outcome(await api.post("/auth/refresh", {"refreshToken": phone.refresh_token})) == ENDED
    assert (await api.get("/me", token=bob.token)).status == 200
    renewed = await api.post("/auth/refresh", {"refreshToken": ada.refresh_token})
    assert renewed.status == 200
    assert (await api.get("/me", token=renewed.json["accessToken"])).status == 200


async def test_all_sessions_can_be_ended(api: Api) -> None:
    ada, phone = await api.person("ada"), await api.signed_in("ada")
    assert (await api.post("/me/sessions/end", {"keepThis": False}, token=ada.token)).status == 204
    for person in (ada, phone):
        assert outcome(await api.get("/me", token=person.token)) == ENDED
        assert outcome(await api.post("/auth/refresh", {"refreshToken": person.refresh_token})) == ENDED
    assert (await api.get("/me", token=(await api.signed_in("ada")).token)).status == 200


# ---------------------------------------------------------------- what was done


async def test_what_was_done_is_listed_newest_first(api: Api) -> None:
    ada = await api.person("ada")
    wrong = {"username": "ada", "password": "wrong password"}
    await api.post("/auth/password/login", wrong, headers={"user-agent": "Thief"})
    answer = await api.get("/me/activity", token=ada.token)
    newest = answer.json["items"][0]
    assert newest["id"].startswith("aud_")
    assert {name: newest[name] for name in ("action", "actor", "address", "userAgent", "detail")} == {
        "action": "sign_in_failed",
        "actor": {"kind": "account", "name": "ada"},
        "address": "127.0.0.1",
        "userAgent": "Thief",
        "detail": {"proof": "password"},
    }
    assert [one["action"] for one in answer.json["items"]] == ["sign_in_failed", "signed_in", "account_created"]


async def test_it_comes_in_pages(api: Api) -> None:
    ada = await api.person("ada")
    for language in ("en", "zh") * 3:
        await api.patch("/me", {"language": language}, token=ada.token)
        await api.signed_in("ada")
    whole = (await api.get("/me/activity", token=ada.token)).json
    assert whole["nextCursor"] is None
    found: list[object] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await api.get(f"/me/activity?limit=3&cursor={cursor}", token=ada.token)).json
        assert len(page["items"]) <= 3
        found += page["items"]
        cursor = page["nextCursor"]
    assert found == whole["items"]


async def test_nobody_sees_what_others_did_or_where_from(api: Api) -> None:
    ada, bob = await api.person("ada"), await api.person("bob")
    admin = Party("account", bob.id, "bob")
    entry = an_audit_entry(
        action=Action.ROLE_CHANGED,
        actor=admin,
        target=Party("account", ada.id, "ada"),
        address="203.0.113.9",
        user_agent="Admin's browser",
    )
    async with api.application.setup.transactions.write() as tx:
        await tx.audit.append(entry)
    adas = (await api.get("/me/activity", token=ada.token)).json["items"]
    (changed,) = [one for one in adas if one["action"] == "role_changed"]
    assert (changed["actor"], changed["address"], changed["userAgent"]) == ({"kind": "account", "name": "bob"}, "", "")
    bobs = (await api.get("/me/activity", token=bob.token)).json["items"]
    (changed,) = [one for one in bobs if one["action"] == "role_changed"]
    assert changed["address"] == "203.0.113.9"
    assert not [one for one in bobs if one["actor"]["name"] == "ada"]


@pytest.mark.parametrize("query,wrong", [("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit")])
async def test_a_page_has_its_bounds(api: Api, query: str, wrong: str) -> None:
    ada = await api.person("ada")
    assert fields(await api.get(f"/me/activity?{query}", token=ada.token)) == {wrong}


@pytest.mark.parametrize("cursor", ["x", "%00", "dXNyX3g", "a" * 500])
async def test_what_is_no_cursor_is_called_so(api: Api, cursor: str) -> None:
    ada = await api.person("ada")
    assert fields(await api.get(f"/me/activity?cursor={cursor}", token=ada.token)) == {"cursor"}
