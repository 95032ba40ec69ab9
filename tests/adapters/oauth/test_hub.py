"""Providers without discovery, which are asked who somebody is."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from yarl import URL

from synctv.application.ports.oauth import AuthorizationAnswer
from synctv.domain.accounts.identities import ExternalIdentity
from synctv.domain.errors import InvalidCredentials, UpstreamFailed
from tests.adapters.oauth.house import FLOW, Hub
from tests.servers.identity import CLIENT_ID, CLIENT_SECRET, Said

TOKEN = "/login/oauth/access_token"
USER = "/user"


async def test_numbers_become_subjects_and_nothing_is_verified_unasked(hub: Hub) -> None:
    assert await hub.come_back() == ExternalIdentity("hub", "583231", "mia", "mia@example.org", False)


async def test_a_field_that_says_so_verifies_the_address(hub: Hub) -> None:
    hub.names(email_verified="verified")
    assert (await hub.come_back()).email_verified is True
    hub.told.add_user("noah", email="noah@example.org", verified=False)
    assert (await hub.come_back("noah")).email_verified is False
    hub.told.add_user("zoe", email=None, verified=True)
    assert (await hub.come_back("zoe")).email_verified is False


@pytest.mark.parametrize("value", ["true", 1, "yes", {"mia@example.org": True}, None])
async def test_anything_but_true_does_not(hub: Hub, value: object) -> None:
    hub.names(email_verified="verified")
    hub.told.add_user("mia", email="mia@example.org", verified=value)
    assert (await hub.come_back()).email_verified is False


async def test_the_operators_names_are_names_and_no_paths(hub: Hub) -> None:
    hub.told.add_user("mia", **{"own.id": "with a dot", "own": {"id": "inside"}})
    hub.names(subject="own.id")
    assert (await hub.come_back()).subject == "with a dot"


async def test_a_form_is_understood_where_json_was_asked_for(hub: Hub) -> None:
    hub.told.as_form = True
    assert (await hub.come_back()).username == "mia"
    (asked,) = (seen for seen in hub.told.seen if seen.path == TOKEN)
    assert asked.headers["accept"] == "application/json"


async def test_the_secret_is_shown_in_the_form(hub: Hub) -> None:
    await hub.come_back()
    (asked,) = (seen for seen in hub.told.seen if seen.path == TOKEN)
    assert (asked.form["client_id"], asked.form["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
    assert asked.form["code_verifier"] == FLOW.verifier
    assert "authorization" not in asked.headers


async def test_the_browser_is_sent_without_a_nonce_and_with_the_operators_scopes(hub: Hub) -> None:
    asked = URL(await hub.oauth.authorization_url(hub.known, FLOW)).query
    assert asked["scope"] == "read:user"
    assert "nonce" not in asked


@pytest.mark.parametrize(
    "body", [b"access_token=a&access_token=b", b"access_token", b"", b"\xff=1", b"&".join([b"a=b"] * 51), b"token=a"]
)
async def test_a_form_that_is_none_is_the_providers_failure(hub: Hub, body: bytes) -> None:
    hub.told.said[TOKEN] = Said(body=body, content_type="application/x-www-form-urlencoded")
    with pytest.raises(UpstreamFailed):
        await hub.come_back()


@pytest.mark.parametrize("access", ["", "a b", "a\r\nx-own: header", "a\n", "é", "\ud83d", "x" * 16_385])
async def test_an_access_token_that_no_header_can_carry_is_the_providers_failure(hub: Hub, access: str) -> None:
    hub.told.said[TOKEN] = Said(body=json.dumps({"access_token": access, "token_type": "bearer"}).encode())
    with pytest.raises(UpstreamFailed, match="no access token"):
        await hub.come_back()
    assert hub.told.count(USER) == 0


@pytest.mark.parametrize("subject", [None, "", " ", True, 5.5, ["5"], {"id": 5}, "x" * 256, int("9" * 256), "a\0b"])
async def test_an_answer_about_nobody_is_the_providers_failure(hub: Hub, subject: object) -> None:
    hub.told.add_user("mia", id=subject)
    with pytest.raises(UpstreamFailed, match="“id”"):
        await hub.come_back()


@pytest.mark.parametrize("answer", [Said(500), Said(403, b"{}"), Said(body=b"<html>"), Said(body=b"[]"), Said(304)])
async def test_no_answer_is_the_providers_failure(hub: Hub, answer: Said) -> None:
    hub.told.said[USER] = answer
    with pytest.raises(UpstreamFailed):
        await hub.come_back()


async def test_an_access_token_that_is_not_taken_is_a_sign_in_to_start_again(hub: Hub) -> None:
    hub.told.said[USER] = Said(401, json.dumps({"message": "Bad credentials"}).encode())
    with pytest.raises(InvalidCredentials):
        await hub.come_back()


@pytest.mark.parametrize("name", ["authorization", "token", "userinfo"])
@pytest.mark.parametrize("address", ["http://github.example.org/", "github.example.org", "", "javascript:alert(1)"])
async def test_an_address_that_can_not_be_one_is_refused_before_anybody_is_asked(
    hub: Hub, name: str, address: str
) -> None:
    hub.names(**{name: address})
    with pytest.raises(UpstreamFailed, match=f"The Hub failed: its {name}"):
        await hub.oauth.authorization_url(hub.known, FLOW)
    with pytest.raises(UpstreamFailed, match=f"The Hub failed: its {name}"):
        await hub.oauth.identity(hub.known, CLIENT_SECRET, FLOW, AuthorizationAnswer("code"))
    assert hub.told.seen == []


async def test_a_public_client_has_no_secret(hub: Hub) -> None:
    hub.told.secret = hub.secret = None
    hub.known = replace(hub.known, sealed_secret=None)
    assert (await hub.come_back()).username == "mia"
