"""Which published key is taken, and how often a provider is asked for its keys."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest

from synctv.adapters.oauth.algorithms import ALGORITHMS
from synctv.adapters.oauth.errors import NotBelieved
from synctv.adapters.oauth.keys import published_keys
from synctv.adapters.oauth.oauth import KEPT_SECONDS, PAUSE_SECONDS
from synctv.application.ports.oauth import AuthorizationFlow
from synctv.domain.errors import InvalidCredentials, UpstreamFailed
from tests.adapters.oauth.house import FLOW, MIA, House
from tests.servers.identity import Fields, Said, ec_key, ed_key, rsa_key, segment, signed_in_at

RS256, ES256, EDDSA = (ALGORITHMS[name] for name in ("RS256", "ES256", "EdDSA"))


def public(name: str = "first", **more: object) -> Fields:
    return {**rsa_key(name).as_dict(private=False), **more}


def found(*entries: object, kid: str | None = "first") -> bool:
    keys = published_keys({"keys": list(entries)})
    assert keys is not None
    return keys.find(kid, RS256) is not None


# ---------------------------------------------------------------- choosing


@pytest.mark.parametrize(
    "more", [{}, {"use": None}, {"alg": "RS256"}, {"key_ops": ["verify"]}, {"x5c": ["?"], "own": 1}]
)
def test_a_key_that_may_verify_is_found(more: Fields) -> None:
    entry = {name: value for name, value in public(**more).items() if value is not None}
    assert found(entry)


@pytest.mark.parametrize(
    "more",
    [
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"key_ops": "verify"},
        {"alg": "RSA-OAEP"},
        {"alg": "PS256"},
        {"alg": 5},
        {"kid": "second"},
        {"kid": None},
        {"kty": "EC"},
        {"kty": "oct"},
        {"kty": ["RSA"]},
        {"n": 5},
        {"e": None},
    ],
)
def test_a_key_for_something_else_is_not(more: Fields) -> None:
    assert not found(public(**more))


@pytest.mark.parametrize("entry", [None, 5, "key", [], {}, {"kty": "RSA"}])
def test_what_is_no_key_is_left_out(entry: object) -> None:
    assert found(entry, public())


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": {}}, {"keys": "first"}])
def test_what_is_no_key_set_is_none(document: Mapping[str, object]) -> None:
    assert published_keys(document) is None


def test_a_curve_is_part_of_the_algorithm() -> None:
    keys = published_keys({"keys": [ec_key("curve").as_dict(private=False), ed_key("edwards").as_dict(private=False)]})
    assert keys is not None
    assert keys.find("curve", ES256) is not None
    assert keys.find("curve", ALGORITHMS["ES384"]) is None
    assert keys.find("edwards", EDDSA) is not None


def test_without_an_id_one_key_alone_must_fit() -> None:
    other = ec_key("curve").as_dict(private=False)
    assert found(public(kid=None), other, kid=None)
    assert found(public(), public("second", use="enc"), kid=None)
    assert not found(public(), public("second"), kid=None)


@pytest.mark.parametrize(
    "parts",
    [
        {"n": segment(b"\xff" * 128).decode()},
        {"n": segment(b"\xff" * 2_048).decode()},
        {"n": ""},
        {"n": "é"},
        {"n": "\ud83d"},
        {"n": "=!"},
        {"e": "AQ"},
        {"e": "Ag"},
        {"e": ""},
    ],
)
def test_a_key_that_is_weak_or_broken_verifies_nothing(parts: Fields) -> None:
    with pytest.raises(NotBelieved):
        found(public(**parts))


def test_a_point_beside_its_curve_verifies_nothing() -> None:
    keys = published_keys({"keys": [{**ec_key("curve").as_dict(private=False), "x": segment(b"\1" * 32).decode()}]})
    assert keys is not None
    with pytest.raises(NotBelieved):
        keys.find("curve", ES256)


def test_a_private_key_that_is_published_is_only_half_read() -> None:
    keys = published_keys({"keys": [rsa_key("first").as_dict(private=True)]})
    assert keys is not None
    key = keys.find("first", RS256)
    assert key is not None
    assert not key.is_private


# ---------------------------------------------------------------- asking


async def test_keys_are_asked_for_once_and_again_when_they_are_old(house: House) -> None:
    for _ in range(3):
        await house.come_back()
    assert (house.told.count("/keys"), house.told.count("/.well-known/openid-configuration")) == (1, 1)
    house.clock.advance(KEPT_SECONDS)
    await house.come_back()
    assert (house.told.count("/keys"), house.told.count("/.well-known/openid-configuration")) == (2, 2)


async def test_a_key_that_is_withdrawn_is_good_for_no_longer_than_it_is_kept(house: House) -> None:
    await house.come_back()
    house.told.keys = [rsa_key("second")]
    await house.come_back()
    house.clock.advance(KEPT_SECONDS)
    with pytest.raises(InvalidCredentials):
        await house.come_back()


async def test_a_new_key_is_fetched_when_it_is_first_met(house: House) -> None:
    await house.come_back()
    house.clock.advance(PAUSE_SECONDS)
    house.told.key = rsa_key("second")
    assert (await house.come_back()).subject == MIA
    assert house.told.count("/keys") == 2


async def test_a_key_that_is_changed_within_the_pause_waits_for_its_end(house: House) -> None:
    await house.come_back()
    house.clock.advance(PAUSE_SECONDS - 1)
    house.told.key = rsa_key("second")
    with pytest.raises(InvalidCredentials):
        await house.come_back()
    assert house.told.count("/keys") == 1
    house.clock.advance(1)
    assert (await house.come_back()).subject == MIA


async def test_a_flood_of_unknown_keys_is_no_flood_of_calls(house: House) -> None:
    await house.come_back()
    house.told.keys = [rsa_key("first")]
    for number in range(20):
        house.clock.advance(5)
        house.told.header = {"kid": f"unknown-{number}"}
        with pytest.raises(InvalidCredentials):
            await house.come_back()
    assert house.told.count("/keys") == 1 + 100 // PAUSE_SECONDS


async def test_many_who_meet_a_new_key_at_once_share_one_call(house: House) -> None:
    await house.come_back()
    house.clock.advance(PAUSE_SECONDS)
    house.told.key = rsa_key("second")
    codes = [(await signed_in_at(await house.leave(flow(n)), MIA)).code for n in range(8)]
    people = await asyncio.gather(*(house.ask(code, flow(n)) for n, code in enumerate(codes)))
    assert {person.subject for person in people} == {MIA}
    assert house.told.count("/keys") == 2


@pytest.mark.parametrize(
    "said",
    [
        Said(500),
        Said(404, b"{}"),
        Said(body=b"<html>"),
        Said(body=b"[]"),
        Said(body=b'{"keys": {}}'),
        Said(body=json.dumps({"keys": ["x" * 300_000]}).encode()),
        Said(302, b"", location="/elsewhere"),
    ],
)
async def test_keys_that_can_not_be_had_are_the_providers_failure(house: House, said: Said) -> None:
    house.told.said["/keys"] = said
    with pytest.raises(UpstreamFailed):
        await house.come_back()
    del house.told.said["/keys"]
    assert (await house.come_back()).subject == MIA


async def test_no_keys_are_nobodys_signature(house: House) -> None:
    house.told.keys = []
    with pytest.raises(InvalidCredentials):
        await house.come_back()


def flow(number: int) -> AuthorizationFlow:
    return AuthorizationFlow(f"state-{number}", f"nonce-{number}", FLOW.verifier, FLOW.redirect_uri)
