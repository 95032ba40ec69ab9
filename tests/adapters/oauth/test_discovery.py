"""What a provider says of itself, and what of that is taken."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from dataclasses import replace

import pytest
from yarl import URL

from synctv.adapters.oauth.discovery import ClientAuth, metadata
from synctv.domain.errors import UpstreamFailed, UpstreamRefused
from tests.adapters.oauth.house import FLOW, MIA, House
from tests.servers.identity import CLIENT_ID, CLIENT_SECRET, Fields, Said

CONFIGURATION = "/.well-known/openid-configuration"
ISSUER = "https://id.example.org/realms/home"


def document(**changes: object) -> Fields:
    right = {
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example.org/authorize",
        "token_endpoint": "https://id.example.org/token",
        "jwks_uri": "https://keys.example.net/keys",
        "id_token_signing_alg_values_supported": ["RS256"],
    }
    return {name: value for name, value in {**right, **changes}.items() if value is not None}


def test_a_description_needs_no_more_than_the_protocol_does() -> None:
    described = metadata(document(id_token_signing_alg_values_supported=None), ISSUER)
    assert described.userinfo is None
    assert described.algorithms == {"RS256"}
    assert described.client_auth is ClientAuth.BASIC


@pytest.mark.parametrize(
    "issuer",
    [None, "", 5, [ISSUER], ISSUER + "/", ISSUER.upper(), ISSUER.removesuffix("home"), "https://evil.example.org"],
)
def test_a_description_of_another_issuer_is_refused(issuer: object) -> None:
    with pytest.raises(UpstreamFailed, match="another issuer") as caught:
        metadata(document(issuer=issuer), ISSUER)
    assert caught.value.host == "id.example.org"


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
@pytest.mark.parametrize(
    "address",
    [
        "",
        "token",
        "/token",
        5,
        ["https://id.example.org"],
        "ftp://id.example.org/",
        "javascript:alert(1)//",
        "https://",
        "https://user:word@id.example.org/",
        "https://id.example.org/#part",
        "https://id.example.org:99999/",
        "http://id.example.org/",
        "http://127.0.0.1/",
        "http://localhost/",
        "https://x/" + "y" * 2_048,
    ],
)
def test_a_description_with_an_unusable_address_is_refused(name: str, address: object) -> None:
    with pytest.raises(UpstreamFailed):
        metadata(document(**{name: address}), ISSUER)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_a_description_without_a_needed_address_is_refused(name: str) -> None:
    with pytest.raises(UpstreamFailed, match="no web address"):
        metadata(document(**{name: None}), ISSUER)


@pytest.mark.parametrize("names", [[], ["none"], ["HS256"], ["none", "HS512"], "RS256", {"RS256": 1}, [["RS256"], 5]])
def test_a_provider_that_signs_with_nothing_that_is_taken_is_told_what_to_change(names: object) -> None:
    with pytest.raises(UpstreamFailed, match="signing key"):
        metadata(document(id_token_signing_alg_values_supported=names), ISSUER)


def test_only_safe_algorithms_are_kept_of_those_that_are_announced() -> None:
    announced = ["none", "HS256", "RS256", "ES512", "EdDSA", "ES256K", "RS1", 5]
    described = metadata(document(id_token_signing_alg_values_supported=announced), ISSUER)
    assert described.algorithms == {"RS256", "ES512", "EdDSA"}


@pytest.mark.parametrize(
    "ways, chosen",
    [
        (["client_secret_basic"], ClientAuth.BASIC),
        (["client_secret_post"], ClientAuth.POST),
        (["client_secret_post", "client_secret_basic", "private_key_jwt"], ClientAuth.BASIC),
        (["none"], ClientAuth.POST),
    ],
)
def test_a_secret_is_shown_as_the_provider_wants_it(ways: list[str], chosen: ClientAuth) -> None:
    assert metadata(document(token_endpoint_auth_methods_supported=ways), ISSUER).client_auth is chosen


def test_a_provider_that_takes_no_secret_at_all_is_refused() -> None:
    with pytest.raises(UpstreamFailed, match="client secrets"):
        metadata(document(token_endpoint_auth_methods_supported=["private_key_jwt"]), ISSUER)


# ---------------------------------------------------------------- over the network


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
async def test_a_secret_with_odd_characters_arrives(house: House, way: str) -> None:
    house.told.document = {"token_endpoint_auth_methods_supported": [way]}
    assert (await house.come_back()).subject == MIA
    (asked,) = (seen for seen in house.told.seen if seen.path == "/token")
    if way == "client_secret_post":
        assert (asked.form["client_id"], asked.form["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
        assert "authorization" not in asked.headers
    else:
        assert b64decode(asked.headers["authorization"].removeprefix("Basic ")).startswith(b"synctv:a+secret%3A")
        assert not {"client_id", "client_secret"} & asked.form.keys()


async def test_a_public_client_shows_its_name_alone(house: House) -> None:
    house.told.secret = house.secret = None
    assert (await house.come_back()).subject == MIA
    (asked,) = (seen for seen in house.told.seen if seen.path == "/token")
    assert asked.form.keys() == {"client_id", "grant_type", "code", "redirect_uri", "code_verifier"}
    assert "authorization" not in asked.headers


async def test_the_question_is_added_to_what_the_address_has(house: House) -> None:
    house.known = replace(house.known, client_id="a b&c=d#e", scopes=("email", "email"))
    asked = URL(await house.leave(replace(FLOW, state="s&t=u#v%20+w")))
    assert asked.query["theme"] == "dark"
    assert asked.query["client_id"] == "a b&c=d#e"
    assert asked.query["state"] == "s&t=u#v%20+w"
    assert asked.query["nonce"] == FLOW.nonce
    assert asked.query["scope"] == "openid email"


async def test_what_the_address_has_can_not_answer_in_the_place_of_the_question(house: House) -> None:
    house.told.document = {"authorization_endpoint": f"{house.told.origin}/authorize?state=fixed&code_challenge=fixed"}
    asked = URL(await house.leave())
    assert asked.query.getall("state") == [FLOW.state]
    assert asked.query.getall("code_challenge") != ["fixed"]


@pytest.mark.parametrize(
    "said",
    [
        Said(404),
        Said(500, b"{}"),
        Said(body=b"<!doctype html>", content_type="text/html"),
        Said(body=b"[]"),
        Said(204),
        Said(body=b"[" * 100_000),
        Said(body=b'{"issuer": NaN}'),
        Said(body=b"\xff"),
        Said(body=b'{"a":' + b"1" * 5_000),
        Said(body=json.dumps({"issuer": "x" * 300_000}).encode()),
        Said(302, location="/moved"),
        Said(body=b"{}"),
    ],
)
async def test_a_description_that_can_not_be_had_is_the_providers_failure(house: House, said: Said) -> None:
    house.told.said[CONFIGURATION] = said
    with pytest.raises(UpstreamFailed) as caught:
        await house.leave()
    assert caught.value.host == "127.0.0.1"
    del house.told.said[CONFIGURATION]
    assert (await house.come_back()).subject == MIA


async def test_a_description_is_not_followed_into_our_own_network(house: House) -> None:
    house.told.document = {"token_endpoint": "http://169.254.169.254/latest/meta-data"}
    with pytest.raises(UpstreamRefused, match=r"security\.egress\.allow"):
        await house.come_back()


async def test_many_who_leave_at_once_share_one_call(house: House) -> None:
    await asyncio.gather(*(house.leave() for _ in range(20)))
    assert house.told.count(CONFIGURATION) == 1


async def test_many_who_leave_at_once_share_one_failure(house: House) -> None:
    house.told.said[CONFIGURATION] = Said(500)
    outcomes = await asyncio.gather(*(house.leave() for _ in range(20)), return_exceptions=True)
    assert all(isinstance(outcome, UpstreamFailed) for outcome in outcomes)
    assert house.told.count(CONFIGURATION) == 1


async def test_an_issuer_that_ends_in_a_slash_keeps_it(house: House) -> None:
    issuer = f"{house.told.origin}/"
    house.told.document = house.told.claims = {"issuer": issuer, "iss": issuer}
    house.known = replace(house.known, issuer=issuer)
    assert (await house.come_back()).subject == MIA


@pytest.mark.parametrize(
    "issuer, reason",
    [
        ("http://id.example.org", "https"),
        ("https://id.example.org/?a=b", "without"),
        ("https://id.example.org?", "without"),
        ("https://id.example.org/#", "without"),
        ("id.example.org", "web address"),
        ("", "web address"),
    ],
)
async def test_an_issuer_that_can_not_be_one_is_refused(house: House, issuer: str, reason: str) -> None:
    house.known = replace(house.known, issuer=issuer)
    with pytest.raises(UpstreamFailed, match=reason):
        await house.leave()
    assert house.told.seen == []
