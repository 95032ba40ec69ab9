"""What providers answer when they should give tokens or say who somebody is, and nothing of it in errors and logs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
import structlog
from yarl import URL

from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.oauth import calls
from synctv.adapters.oauth.discovery import ClientAuth
from synctv.adapters.oauth.tokens import Client, Tokens
from synctv.domain.accounts.identities import ExternalIdentity
from synctv.domain.errors import (
    DomainError,
    Invalid,
    InvalidCredentials,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamTimeout,
)
from tests.adapters.aiohttp.site import site
from tests.adapters.oauth.house import FLOW, MIA, House
from tests.servers.identity import CLIENT_SECRET, Fields, Said, ToldProvider, signed, signed_in_at

HTML = Said(body=b"<!doctype html><title>Maintenance</title>", content_type="text/html")
PADDED = Said(body=json.dumps({"sub": MIA, "email": "mia@example.org"}).encode() + b" " * calls.MAX_BYTES)


def said(status: int = 200, **fields: object) -> Said:
    return Said(status, json.dumps(fields).encode())


# ---------------------------------------------------------------- tokens


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        PADDED,
        Said(500),
        Said(503, b"<html>"),
        said(500, error="invalid_grant"),
        Said(404),
        Said(429),
        Said(204),
        said(),
        said(access_token=""),
        said(access_token=5),
        said(access_token="a b"),
        said(access_token="a\r\nb: c"),
        said(access_token="é"),
        said(access_token="\ud83d"),
        said(access_token="x" * 16_385),
        said(access_token="a", token_type="DPoP", id_token="x"),
        said(access_token="a", token_type=5, id_token="x"),
        said(access_token="a"),
        said(access_token="a", id_token=5),
        said(400, error="invalid_request"),
        said(error=5),
        said(error={"a": "b"}),
        said(400, error="new_error"),
        Said(body=b"[]"),
        Said(body=b"null"),
        Said(body=b""),
    ],
)
async def test_an_answer_without_tokens_is_the_providers_failure(house: House, answer: Said) -> None:
    house.told.said["/token"] = answer
    with pytest.raises(UpstreamFailed) as caught:
        await house.come_back()
    assert (caught.value.host, type(caught.value)) == ("127.0.0.1", UpstreamFailed)


@pytest.mark.parametrize("code", ["invalid_grant", "access_denied", "bad_verification_code"])
@pytest.mark.parametrize("status", [200, 400, 403])
async def test_a_code_that_is_refused_is_a_sign_in_to_start_again(house: House, status: int, code: str) -> None:
    house.told.said["/token"] = said(status, error=code, error_description="Read this aloud: hidden")
    with pytest.raises(InvalidCredentials, match="Start again") as caught:
        await house.come_back()
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("code", ["invalid_client", "unauthorized_client", "redirect_uri_mismatch"])
async def test_a_client_that_is_refused_is_for_the_operator(house: House, code: str) -> None:
    house.told.said["/token"] = said(401, error=code, error_description="hidden")
    with pytest.raises(UpstreamRefused, match="Whoever runs this server") as caught:
        await house.come_back()
    assert "hidden" not in str(caught.value)


async def test_a_token_endpoint_that_says_nothing_is_a_timeout(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "TIMEOUT_SECONDS", 0.05)
    code = (await signed_in_at(await house.leave(), MIA)).code
    house.told.said["/token"] = Said(body=None)
    with pytest.raises(UpstreamTimeout):
        await house.ask(code)


@pytest.mark.parametrize("code", ["", "x" * 4_097, "a\nb", "\ud83d"])
async def test_a_code_that_can_be_none_is_not_sent(house: House, code: str) -> None:
    with pytest.raises(InvalidCredentials):
        await house.ask(code)
    assert house.told.count("/token") == 0


async def test_an_address_that_can_not_be_fetched_is_the_providers_failure() -> None:
    fetch, url = MemoryFetch(), URL("https://id.example.org/keys")
    fetch.fails(str(url), Invalid.field("url", "No.", "url"))
    with pytest.raises(UpstreamFailed, match=r"id\.example\.org failed: its address can't be called"):
        await calls.ProviderCalls(fetch).get(url)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", ["/token", "/userinfo", "/keys", "/.well-known/openid-configuration"])
async def test_nothing_is_sent_where_a_redirect_leads(house: House, path: str, status: int) -> None:
    house.told.claims_in_token = False
    async with site() as inside:
        house.told.said[path] = Said(status, location=f"{inside.origin}/file")
        with pytest.raises(UpstreamFailed, match="redirects"):
            await house.come_back()
        assert inside.seen == []
    for private in ("http://169.254.169.254/", "http://10.0.0.1/", "file:///etc/passwd"):
        house.told.said[path] = Said(status, location=private)
        with pytest.raises(UpstreamFailed):
            await house.come_back()


async def test_a_code_that_comes_twice_at_once_is_good_for_one(house: House) -> None:
    code = (await signed_in_at(await house.leave(), MIA)).code
    outcomes = await asyncio.gather(*(house.ask(code) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(outcome, ExternalIdentity) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, InvalidCredentials) for outcome in outcomes) == 4


async def test_an_id_token_of_somebody_elses_sign_in_is_refused(house: House) -> None:
    """A good token, swapped on its way: it was made for another request."""
    made: list[str] = []

    def the_first_one_again(header: Fields, claims: Fields) -> str:
        made.append(signed(header, claims, house.told.key))
        return made[0]

    house.told.claims = {"at_hash": None}
    house.told.forge = the_first_one_again
    other = replace(FLOW, nonce="of somebody else")
    assert (await house.come_back("noah-2", other)).subject == "noah-2"
    with pytest.raises(InvalidCredentials):
        await house.come_back(MIA, FLOW)


# ---------------------------------------------------------------- who it is


async def test_the_userinfo_endpoint_is_asked_only_for_an_email_address(house: House) -> None:
    await house.come_back()
    assert house.told.count("/userinfo") == 0
    house.told.claims_in_token = False
    assert await house.come_back() == ExternalIdentity("house", MIA, "mia", "mia@example.org", True)
    assert house.told.count("/userinfo") == 1
    house.known = replace(house.known, scopes=("openid",))
    assert await house.come_back() == ExternalIdentity("house", MIA, None, None, False)
    assert house.told.count("/userinfo") == 1


async def test_a_provider_without_a_userinfo_endpoint_says_what_the_token_says(house: House) -> None:
    house.told.claims_in_token = False
    house.told.document = {"userinfo_endpoint": None}
    assert await house.come_back() == ExternalIdentity("house", MIA, None, None, False)


@pytest.mark.parametrize("subject", ["noah-2", "", None, "mia-1 ", "MIA-1", ["mia-1"], 5])
async def test_an_answer_about_somebody_else_is_refused(house: House, subject: object) -> None:
    house.told.claims_in_token = False
    house.told.userinfo = {"sub": subject}
    with pytest.raises(InvalidCredentials):
        await house.come_back()


@pytest.mark.parametrize(
    "answer", [HTML, PADDED, Said(500), Said(403, b"{}"), Said(body=b"eyJ.signed.answer"), Said(204)]
)
async def test_an_answer_about_nobody_is_the_providers_failure(house: House, answer: Said) -> None:
    house.told.claims_in_token = False
    house.told.said["/userinfo"] = answer
    with pytest.raises(UpstreamFailed):
        await house.come_back()


async def test_an_access_token_that_is_not_taken_is_a_sign_in_to_start_again(house: House) -> None:
    house.told.claims_in_token = False
    house.told.said["/userinfo"] = said(401, error="invalid_token")
    with pytest.raises(InvalidCredentials):
        await house.come_back()


@pytest.mark.parametrize(
    "claims, email, verified",
    [
        ({"email": "mia@example.org"}, "mia@example.org", False),
        ({"email": "mia@example.org", "email_verified": "true"}, "mia@example.org", False),
        ({"email": "mia@example.org", "email_verified": 1}, "mia@example.org", False),
        ({"email": " mia@example.org ", "email_verified": True}, "mia@example.org", True),
        ({"email": "", "email_verified": True}, None, False),
        ({"email": "mia", "email_verified": True}, None, False),
        ({"email": ["mia@example.org"], "email_verified": True}, None, False),
        ({"email": "m" * 250 + "@a.b", "email_verified": True}, "m" * 250 + "@a.b", True),
        ({"email": "m" * 251 + "@a.b", "email_verified": True}, None, False),
        ({"email": "a\0@b.c", "email_verified": True}, None, False),
        ({"email": "\ud83d@b.c", "email_verified": True}, None, False),
    ],
)
async def test_an_email_address_is_verified_when_the_provider_says_true(
    house: House, claims: Mapping[str, object], email: str | None, verified: bool
) -> None:
    house.told.add_user(MIA, **claims)
    identity = await house.come_back()
    assert (identity.email, identity.email_verified) == (email, verified)


async def test_a_verdict_on_one_address_is_none_on_another(house: House) -> None:
    house.told.claims_in_token = False
    house.told.claims = {"email_verified": True}
    house.told.add_user(MIA, email="other@example.org")
    assert (await house.come_back()).email_verified is False


@pytest.mark.parametrize(
    "claims, username",
    [
        ({"preferred_username": "mia", "nickname": "mimi"}, "mia"),
        ({"nickname": "mimi", "name": "Mia Example"}, "mimi"),
        ({"name": "Mia Example"}, None),
        ({"preferred_username": 5}, None),
        ({"preferred_username": "x" * 256}, None),
        ({"preferred_username": "a\0b"}, None),
        ({"preferred_username": "  "}, None),
    ],
)
async def test_a_username_is_what_may_be_shown(house: House, claims: Fields, username: str | None) -> None:
    house.told.add_user(MIA, email="mia@example.org", **claims)
    assert (await house.come_back()).username == username


# ---------------------------------------------------------------- secrecy


def hidden_in(house: ToldProvider, code: str) -> list[str]:
    return [code, CLIENT_SECRET, FLOW.verifier, FLOW.nonce, *house.tokens]


@pytest.mark.parametrize(
    "changes", [{"nonce": "wrong"}, {"at_hash": "wrong"}, {"sub": None}, {"iss": "https://id.example.org"}, {"exp": 1}]
)
async def test_no_error_and_no_log_holds_a_secret(house: House, changes: Fields) -> None:
    house.told.claims = changes
    code = (await signed_in_at(await house.leave(), MIA)).code
    with structlog.testing.capture_logs() as logged, pytest.raises(DomainError) as caught:
        await house.ask(code)
    text = f"{caught.value!r} {caught.value} {vars(caught.value)} {logged} {caught.value.__cause__!r}"
    assert house.told.tokens
    assert not any(hidden in text for hidden in hidden_in(house.told, code))


async def test_why_somebody_is_not_believed_is_logged_for_the_operator(house: House) -> None:
    house.told.claims = {"aud": "another-client"}
    with structlog.testing.capture_logs() as logged, pytest.raises(InvalidCredentials) as caught:
        await house.come_back()
    assert [(entry["provider"], entry["reason"]) for entry in logged] == [("house", "an id token for another client")]
    assert "another client" not in str(caught.value)


def test_what_holds_a_secret_does_not_show_it() -> None:
    client = Client("synctv", "hidden", ClientAuth.POST)
    assert (
        "hidden"
        not in f"{client!r} {Tokens('hidden', 'hidden')!r} {replace(FLOW, state='hidden', verifier='hidden')!r}"
    )
