"""Grants: a fresh proof for each sensitive operation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.entrypoints.http.api import Answer, Api, Person, fields
from tests.entrypoints.http.proving import AGAIN, OTHER_BROWSER, OVER, WRONG, Holder, at_once, outcome


@pytest.fixture
async def ada(site: Api) -> Holder:
    return await Holder.made(site, two_factor=False)


async def use(api: Api, person: Person, headers: Any) -> Answer:
    """Something that takes a grant and changes little."""
    return await api.post("/me/recovery-codes", {}, token=person.token, headers=headers)


@pytest.mark.parametrize("kind", ["password", "opaque", "passkey", "email", "totp", "recovery"])
async def test_every_kind_of_proof_gives_a_grant_for_one_operation(ada: Holder, kind: str) -> None:
    proof = await ada.proof(kind)
    answer = await ada.api.post("/auth/grants", {"proof": proof}, token=ada.person.token)
    assert (answer.status, answer.json["expiresIn"]) == (201, 300)
    headers = {"x-grant": answer.json["grant"]}
    assert (await use(ada.api, ada.person, headers)).status == 201
    assert outcome(await use(ada.api, ada.person, headers)) == AGAIN
    if kind in ("opaque", "passkey", "email"):
        assert outcome(await ada.api.post("/auth/grants", {"proof": proof}, token=ada.person.token)) == OVER


GRANTED = [
    ("PUT", "/me/password", {"password": "another good password"}),
    ("DELETE", "/me/password", None),
    ("POST", "/me/email/start", {"email": "new@example.org"}),
    ("DELETE", "/me/email", None),
    ("POST", "/me/passkeys/start", {}),
    ("DELETE", "/me/passkeys/psk_00000000000000000000000000", None),
    ("POST", "/me/totp/start", {}),
    ("DELETE", "/me/totp", None),
    ("POST", "/me/recovery-codes", {}),
    ("PUT", "/me/two-factor", {"enabled": False}),
    ("DELETE", "/me/identities/idn_00000000000000000000000000", None),
    ("GET", "/me/export", None),
    ("POST", "/me/close", None),
]


@pytest.mark.parametrize("grant", [None, "", "nonsense", "\xff", "x" * 5_000])
@pytest.mark.parametrize("method,path,body", GRANTED)
async def test_without_a_grant_nothing_sensitive_is_done(
    api: Api, method: str, path: str, body: Any, grant: str | None
) -> None:
    ada = await api.person("ada")
    headers = {} if grant is None else {"x-grant": grant}
    assert outcome(await api.send(method, path, body, token=ada.token, headers=headers)) == AGAIN


async def test_the_description_names_every_endpoint_that_needs_a_grant(api: Api) -> None:
    paths = (await api.get("/openapi.json")).json["paths"]
    described = {
        (method.upper(), path)
        for path, item in paths.items()
        for method, operation in item.items()
        if any(parameter["name"] == "X-Grant" for parameter in operation["parameters"])
    }
    tried = {(method, f"/api/v1{path}") for method, path, _ in GRANTED}
    named = {(method, path.replace("psk_" + "0" * 26, "{passkeyId}")) for method, path in tried}
    named = {(method, path.replace("idn_" + "0" * 26, "{identityId}")) for method, path in named}
    assert described == named | {("POST", "/api/v1/auth/oauth/{slug}/start")}


async def test_a_grant_is_over_with_its_time_and_elsewhere(ada: Holder) -> None:
    headers = await ada.api.granted(ada.person)
    assert outcome(await use(ada.api, ada.person, {**headers, **OTHER_BROWSER})) == AGAIN
    late = await ada.api.granted(ada.person)
    ada.api.clock.advance(301)
    assert outcome(await use(ada.api, ada.person, late)) == AGAIN


async def test_a_grant_belongs_to_one_session_of_one_account(ada: Holder) -> None:
    other_session = await ada.api.signed_in("ada")
    bob = await ada.api.person("bob")
    for thief in (other_session, bob):
        headers = await ada.api.granted(ada.person)
        assert outcome(await use(ada.api, thief, headers)) == AGAIN


async def test_of_two_operations_with_one_grant_one_is_done(ada: Holder) -> None:
    headers = await ada.api.granted(ada.person)
    told = await at_once(use(ada.api, ada.person, headers), use(ada.api, ada.person, headers))
    assert told == [(201, ""), AGAIN]


@pytest.mark.parametrize("kind,expected", [("opaque", OVER), ("passkey", WRONG), ("email", OVER), ("recovery", WRONG)])
async def test_a_proof_of_another_account_gives_no_grant(ada: Holder, kind: str, expected: tuple[int, str]) -> None:
    bob = await Holder.made(ada.api, "bob", two_factor=False)
    proof = await bob.proof(kind)
    assert outcome(await ada.api.post("/auth/grants", {"proof": proof}, token=ada.person.token)) == expected


async def test_a_wrong_proof_gives_no_grant_and_whoever_guesses_waits(api: Api) -> None:
    ada = await api.person("ada")
    wrong = {"proof": {"kind": "password", "password": "wrong password"}}
    told = [outcome(await api.post("/auth/grants", wrong, token=ada.token)) for _ in range(8)]
    assert told[:5] == [WRONG] * 5
    assert told[-1] == (429, "rate_limited")


async def test_grants_are_for_accounts(api: Api) -> None:
    room = await api.room(await api.person("ada"))
    guest = await api.guest(room["id"])
    proof = {"kind": "password", "password": "whatever it is"}
    assert outcome(await api.post("/auth/grants", {"proof": proof}, token=guest)) == (403, "permission_denied")
    assert outcome(await api.post("/auth/grants", {"proof": proof})) == (401, "unauthenticated")
    for path, body in (("/auth/opaque/start", {"request": "A" * 128}), ("/auth/email/start", {})):
        assert outcome(await api.post(path, body, token=guest)) == (403, "permission_denied")


async def test_a_token_that_has_run_out_is_called_so_where_a_proof_begins(api: Api) -> None:
    ada = await api.person("ada")
    api.clock.advance(3_600 + 61)
    for path, body in (("/auth/opaque/start", {"request": "A" * 128}), ("/auth/email/start", {})):
        assert outcome(await api.post(path, body, token=ada.token)) == (401, "token_expired")
        assert outcome(await api.post(path, body, token="a.b.c")) == (401, "unauthenticated")


async def test_the_wrong_kind_of_proof_is_named(ada: Holder) -> None:
    answer = await ada.api.post("/auth/grants", {"proof": {"kind": "oauth"}}, token=ada.person.token)
    assert fields(answer) == {"proof.kind"}
