"""Providers and one's logins at their servers over HTTP: secrets go in and never come out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from synctv.application.limits.limits import DEFAULT_RATES
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.errors import UpstreamRefused
from tests.application.library.code_nas import CODE, STATE, CodeNas
from tests.application.library.nas import PASSWORD, SERVER, Nas
from tests.applications import FilmProvider
from tests.entrypoints.http.api import Answer, Api, Person, fields, serving_api

FORM = {"provider": "nas", "form": "password"}
FIELDS = {"server": SERVER, "username": "anna", "password": PASSWORD}


@pytest.fixture
def nas() -> Nas:
    return Nas()


@pytest.fixture
async def api(passwords: PasswordHasher, nas: Nas) -> AsyncIterator[Api]:
    async with serving_api(passwords, providers={"direct": FilmProvider(), "nas": nas}) as client:
        yield client


async def add(api: Api, person: Person, **more: str) -> Answer:
    return await api.post("/me/credentials", {**FORM, "fields": {**FIELDS, **more}}, token=person.token)


async def added(api: Api, person: Person) -> Any:
    answer = await add(api, person)
    assert answer.status == 201, answer.body
    return answer.json


async def test_providers_tell_what_they_can_do_and_ask_for(api: Api) -> None:
    ada = await api.person("ada")
    answer = await api.get("/providers", token=ada.token)
    nas, direct = answer.json["items"]
    assert (nas["name"], nas["title"], nas["capabilities"], nas["needsLogin"]) == ("nas", "NAS", ["login"], False)
    assert [login["id"] for login in nas["logins"]] == ["password", "cookie"]
    assert nas["logins"][0]["fields"][2] == {
        "name": "password",
        "label": "Password",
        "kind": "hidden",
        "required": True,
        "placeholder": "",
        "help": "",
    }
    assert nas["logins"][1]["fields"][0]["kind"] == "long_hidden"
    assert (direct["name"], direct["capabilities"], direct["logins"], direct["source"]) == ("direct", [], [], [])


async def test_who_has_no_account_learns_and_adds_nothing(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    guest = await api.guest(room["id"])
    for method, path in (("GET", "/providers"), ("GET", "/me/credentials"), ("POST", "/me/credentials")):
        body = {**FORM, "fields": FIELDS} if method == "POST" else None
        assert (await api.send(method, path, body)).status == 401
        assert (await api.send(method, path, body, token=guest)).code == "permission_denied"


async def test_a_login_is_added_listed_checked_and_forgotten(api: Api, nas: Nas) -> None:
    ada = await api.person("ada")
    shown = await added(api, ada)
    assert shown["id"].startswith("cred_")
    assert {name: shown[name] for name in ("provider", "server", "label", "state")} == {
        "provider": "nas",
        "server": SERVER,
        "label": "anna",
        "state": "good",
    }
    assert (await api.get("/me/credentials", token=ada.token)).json == {"items": [shown], "nextCursor": None}
    nas.revoked.add("token-1")
    api.clock.advance(60)
    checked = await api.post(f"/me/credentials/{shown['id']}/check", token=ada.token)
    assert (checked.status, checked.json["state"]) == (200, "refused")
    assert checked.json["checkedAt"] > shown["checkedAt"]
    assert (await api.delete(f"/me/credentials/{shown['id']}", token=ada.token)).status == 204
    assert (await api.get("/me/credentials", token=ada.token)).json["items"] == []
    assert (await api.delete(f"/me/credentials/{shown['id']}", token=ada.token)).status == 404


async def test_a_code_is_shown_and_completes_the_sign_in_once_it_is_confirmed(passwords: PasswordHasher) -> None:
    nas = CodeNas()
    async with serving_api(passwords, providers={"nas": nas}) as api:
        ada = await api.person("ada")
        (shown,) = (await api.get("/providers", token=ada.token)).json["items"]
        assert [form["id"] for form in shown["codes"]] == ["code"]
        assert shown["capabilities"] == ["login", "code"]
        body = {"provider": "nas", "form": "code", "fields": {"server": SERVER}}
        begun = await api.post("/me/credentials/codes", body, token=ada.token)
        assert (begun.status, begun.json["code"], begun.json["pollSeconds"]) == (201, CODE, 5)
        assert STATE.encode() not in begun.body
        flow = {"flow": begun.json["flow"]}
        waiting = await api.post("/me/credentials/codes/check", flow, token=ada.token)
        assert (waiting.status, waiting.json) == (200, {"credential": None})
        nas.confirmations = 1
        done = await api.post("/me/credentials/codes/check", flow, token=ada.token)
        assert done.json["credential"] in (await api.get("/me/credentials", token=ada.token)).json["items"]
        assert (await api.post("/me/credentials/codes/check", flow, token=ada.token)).code == "flow_over"


async def test_no_answer_has_a_secret_in_it(api: Api) -> None:
    ada = await api.person("ada")
    shown = await added(api, ada)
    answers = [
        await api.get("/me/credentials", token=ada.token),
        await api.post(f"/me/credentials/{shown['id']}/check", token=ada.token),
        await add(api, ada, password="wrong horse"),
        await api.get("/me/activity", token=ada.token),
    ]
    text = b" ".join(answer.body for answer in answers).decode()
    assert not [secret for secret in (PASSWORD, "token-1", "wrong horse", "sealed") if secret in text]


async def test_the_logins_of_somebody_else_are_out_of_reach(api: Api) -> None:
    ada, bob = await api.person("ada"), await api.person("bob")
    id = (await added(api, ada))["id"]
    assert (await api.get("/me/credentials", token=bob.token)).json["items"] == []
    for path in (id, "nonsense", "cred_x"):
        assert (await api.post(f"/me/credentials/{path}/check", token=bob.token)).status == 404
        assert (await api.delete(f"/me/credentials/{path}", token=bob.token)).status == 404


async def test_wrong_fields_are_named_below_fields(api: Api) -> None:
    ada = await api.person("ada")
    assert fields(await add(api, ada, server="", extra="x")) == {"fields.server", "fields.extra"}
    assert fields(await add(api, ada, username="nobody")) == {"fields.username"}
    unknown = await api.post("/me/credentials", {"provider": "x", "form": "y", "fields": {}}, token=ada.token)
    assert fields(unknown) == {"provider"}
    numbers = await api.post("/me/credentials", {**FORM, "fields": {"server": 5}}, token=ada.token)
    assert numbers.status == 400


async def test_what_is_far_too_big_is_not_even_read(api: Api, nas: Nas) -> None:
    ada = await api.person("ada")
    assert (await add(api, ada, password="x" * 70_000)).status == 413
    assert not nas.asked


async def test_a_wrong_password_elsewhere_is_no_failed_sign_in_here(api: Api) -> None:
    ada = await api.person("ada")
    answer = await add(api, ada, password="wrong")
    assert (answer.status, answer.code) == (502, "upstream_credential")
    assert "nas.lan:8096" in answer.json["detail"]


async def test_a_server_that_may_not_be_called_is_told_with_the_way_to_allow_it(api: Api, nas: Nas) -> None:
    nas.failure = UpstreamRefused("nas.lan", "it is in a private network.")
    answer = await add(api, await api.person("ada"))
    assert (answer.status, answer.code) == (502, "upstream_refused")


async def test_signing_in_elsewhere_is_counted_like_signing_in_here(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, providers={"nas": Nas()}, rates=DEFAULT_RATES) as api:
        ada = await api.person("ada")
        statuses = [(await add(api, ada)).status for _ in range(31)]
    assert statuses == [201] * 30 + [429]


async def test_guessing_passwords_elsewhere_ends_soon(api: Api) -> None:
    ada = await api.person("ada")
    answers = [await add(api, ada, password=f"guess {number}") for number in range(7)]
    assert [answer.status for answer in answers] == [502] * 6 + [429]
    assert "retry-after" in answers[-1].headers


async def test_an_item_is_added_with_a_login_and_shows_its_cover(api: Api) -> None:
    ada = await api.person("ada")
    room, credential = await api.room(ada), await added(api, ada)
    source = {"title": "Film", "cover": "https://img.example/a.jpg"}
    body = {"provider": "nas", "source": source, "credentialId": credential["id"]}
    answer = await api.post(f"/rooms/{room['id']}/items", body, token=ada.token)
    assert (answer.status, answer.json["cover"]) == (201, "https://img.example/a.jpg")
    assert "credential" not in answer.body.decode()
    without = await api.post(f"/rooms/{room['id']}/items", {"provider": "nas", "source": source}, token=ada.token)
    assert (without.status, without.code) == (502, "upstream_credential")
    body["credentialId"] = "nonsense"
    assert (await api.post(f"/rooms/{room['id']}/items", body, token=ada.token)).status == 404
