"""Id tokens that must not be believed, and the ones beside them that must."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from synctv.adapters.oauth.errors import NotBelieved
from synctv.adapters.oauth.id_token import header_of
from synctv.application.ports.oauth import AuthorizationFlow
from synctv.domain.errors import InvalidCredentials, UpstreamFailed
from tests.adapters.oauth.house import FLOW, MIA, House
from tests.servers.identity import (
    CLIENT_ID,
    CLIENT_SECRET,
    Fields,
    Said,
    SigningKey,
    ec_key,
    ed_key,
    rsa_key,
    segment,
    signed,
    unsigned,
)

OTHER = "another-client"


def rs256(header: Fields | bytes, claims: Fields | bytes) -> str:
    """Signed with RS256 and the provider's own key, whatever header and claims are."""
    segments = segment(header) + b"." + segment(claims)
    private = rsa_key("first").private_key
    assert private is not None
    return (segments + b"." + segment(private.sign(segments, PKCS1v15(), SHA256()))).decode()


def hs256(header: Fields, claims: Fields, secret: bytes) -> str:
    segments = segment(header) + b"." + segment(claims)
    return (segments + b"." + segment(hmac.digest(secret, segments, "sha256"))).decode()


async def refused(house: House) -> None:
    with pytest.raises(InvalidCredentials, match="The sign-in at The House did not work. Start again."):
        await house.come_back()


# ---------------------------------------------------------------- signatures


@pytest.mark.parametrize(
    "algorithm, key",
    [
        ("RS256", rsa_key("first")),
        ("PS256", rsa_key("first")),
        ("ES256", ec_key("curve")),
        ("EdDSA", ed_key("edwards")),
    ],
)
async def test_every_algorithm_that_is_taken_is_verified(house: House, algorithm: str, key: SigningKey) -> None:
    house.told.algorithm, house.told.key = algorithm, key
    assert (await house.come_back()).subject == MIA


@pytest.mark.parametrize(
    "algorithm, published, used",
    [
        ("RS256", rsa_key("first"), rsa_key("first", 3_072)),
        ("ES256", ec_key("one"), ec_key("two")),
        ("EdDSA", ed_key("one"), ed_key("two")),
    ],
)
async def test_a_signature_by_another_key_of_the_same_name_is_refused(
    house: House, algorithm: str, published: SigningKey, used: SigningKey
) -> None:
    house.told.algorithm, house.told.key, house.told.keys = algorithm, used, [published]
    house.told.header = {"kid": published.kid}
    await refused(house)


async def test_a_token_that_nobody_signed_is_refused(house: House) -> None:
    house.told.forge = unsigned
    await refused(house)


@pytest.mark.parametrize(
    "name", ["none", "None", "", "rs256", " RS256", "HS256", "PS256", "RSA-OAEP", 5, None, ["RS256"], {"RS256": 1}]
)
async def test_a_good_signature_under_another_name_is_refused(house: House, name: object) -> None:
    house.told.forge = lambda header, claims: rs256({**header, "alg": name}, claims)
    await refused(house)


async def test_a_good_signature_under_its_own_name_is_not(house: House) -> None:
    house.told.forge = rs256
    assert (await house.come_back()).subject == MIA


@pytest.mark.parametrize("name", ["none", "HS256"])
def test_no_announcement_makes_an_unsafe_algorithm_good(name: str) -> None:
    with pytest.raises(NotBelieved):
        header_of(rs256({"alg": name}, {}), {name, "RS256"})


@pytest.mark.parametrize("form", ["pem", "der", "n"])
async def test_a_public_key_taken_for_a_shared_secret_signs_nothing(house: House, form: str) -> None:
    key = rsa_key("first")
    public = str(key.as_dict()["n"]).encode() if form == "n" else key.as_bytes("PEM" if form == "pem" else "DER", False)
    house.told.forge = lambda header, claims: hs256({**header, "alg": "HS256"}, claims, public)
    await refused(house)


async def test_the_client_secret_signs_nothing(house: House) -> None:
    house.told.forge = lambda header, claims: hs256({**header, "alg": "HS256"}, claims, CLIENT_SECRET.encode())
    await refused(house)


async def test_a_shared_secret_that_is_published_signs_nothing(house: House) -> None:
    secret = {"kty": "oct", "kid": "shared", "k": segment(b"k" * 32).decode()}
    published = {"keys": [secret, rsa_key("first").as_dict(private=False)]}
    house.told.said["/keys"] = Said(body=json.dumps(published).encode())
    house.told.forge = lambda header, claims: hs256({**header, "alg": "HS256", "kid": "shared"}, claims, b"k" * 32)
    await refused(house)


async def test_an_algorithm_that_the_provider_does_not_announce_is_refused(house: House) -> None:
    house.told.document = {"id_token_signing_alg_values_supported": ["ES256"]}
    await refused(house)


async def test_a_key_in_the_token_itself_is_not_looked_at(house: House) -> None:
    own = rsa_key("attacker")
    house.told.forge = lambda header, claims: signed({**header, "jwk": own.as_dict(private=False)}, claims, own)
    await refused(house)


@pytest.mark.parametrize("more", [{"crit": ["exp"], "exp": 1}, {"crit": []}, {"b64": False}, {"kid": 5}, {"kid": []}])
async def test_a_good_signature_over_an_odd_header_is_refused(house: House, more: Fields) -> None:
    house.told.forge = lambda header, claims: rs256({**header, **more}, claims)
    await refused(house)


@pytest.mark.parametrize(
    "header", [b"[]", b'"RS256"', b"{", b"\xff\xfe", b"[" * 3_000, '{"alg": "RS256"}'.encode("utf-16")]
)
async def test_a_good_signature_over_no_header_is_refused(house: House, header: bytes) -> None:
    house.told.forge = lambda _, claims: rs256(header, claims)
    await refused(house)


async def test_headers_that_are_not_known_say_nothing(house: House) -> None:
    house.told.forge = lambda header, claims: rs256({**header, "x5t": "abc", "own": {"of": "the provider"}}, claims)
    assert (await house.come_back()).subject == MIA


CHANGES: list[Callable[[str], str]] = [
    lambda token: token[:-10],
    lambda token: token.rpartition(".")[0] + ".",
    lambda token: token.rpartition(".")[0],
    lambda token: token + ".more.parts",
    lambda token: "not.a.token",
    lambda token: "..",
    lambda token: "é" + token,
    lambda token: token.replace(".", ".\ud83d", 1),
    lambda token: "." + token.partition(".")[2],
    lambda token: swapped_claims(token, b'{"sub":"root"}'),
    lambda token: swapped_claims(token, b"{"),
]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_token_that_was_changed_or_cut_is_refused(house: House, change: Callable[[str], str]) -> None:
    house.told.forge = lambda header, claims: change(signed(header, claims, rsa_key("first")))
    await refused(house)


@pytest.mark.parametrize("claims", [b"[]", b'"text"', b"{", b"\xff", b"[" * 20_000, b'{"exp": NaN}'])
async def test_signed_claims_that_are_no_object_are_refused(house: House, claims: bytes) -> None:
    house.told.forge = lambda header, _: rs256(header, claims)
    await refused(house)


# ---------------------------------------------------------------- claims


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": None},
        {"iss": "https://id.example.org"},
        {"iss": ["http://127.0.0.1"]},
        {"aud": None},
        {"aud": OTHER},
        {"aud": []},
        {"aud": CLIENT_ID + " "},
        {"aud": {CLIENT_ID: 1}},
        {"aud": [OTHER]},
        {"aud": [CLIENT_ID, OTHER]},
        {"aud": [CLIENT_ID, OTHER], "azp": OTHER},
        {"azp": OTHER},
        {"nonce": None},
        {"nonce": ""},
        {"nonce": "a-nonce "},
        {"nonce": "of another sign-in"},
        {"nonce": ["a-nonce"]},
        {"nonce": "half \ud83d"},
        {"exp": None},
        {"iat": None},
        {"exp": "2099"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"iat": float("-inf")},
        {"iat": True},
        {"iat": "now"},
        {"nbf": "now"},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"at_hash": 5},
    ],
)
async def test_a_token_for_somebody_or_something_else_is_refused(house: House, claims: Fields) -> None:
    house.told.claims = claims
    await refused(house)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [CLIENT_ID]},
        {"aud": [CLIENT_ID], "azp": CLIENT_ID},
        {"aud": [OTHER, CLIENT_ID], "azp": CLIENT_ID},
        {"at_hash": None},
        {"auth_time": 1, "acr": "urn:x", "amr": ["pwd"], "more": {"of": ["everything"]}},
    ],
)
async def test_what_a_provider_may_say_otherwise_is_taken(house: House, claims: Fields) -> None:
    house.told.claims = claims
    assert (await house.come_back()).subject == MIA


@pytest.mark.parametrize("name, apart", [("exp", -60), ("exp", -61), ("iat", 61), ("nbf", 61), ("iat", 10**400)])
async def test_clocks_that_are_further_apart_than_a_minute_are_too_far(house: House, name: str, apart: int) -> None:
    house.told.claims = {name: house.now + apart}
    await refused(house)


@pytest.mark.parametrize(
    "name, apart", [("exp", -59), ("iat", 59), ("iat", 60), ("nbf", 60), ("iat", 59.9), ("exp", -59.9)]
)
async def test_clocks_may_be_a_minute_apart(house: House, name: str, apart: float) -> None:
    house.told.claims = {name: house.now + apart}
    assert (await house.come_back()).subject == MIA


@pytest.mark.parametrize("subject", [None, "", "  ", 5, True, ["mia"], "x" * 256, "a\0b", "half \ud83d"])
async def test_a_token_about_nobody_is_the_providers_failure(house: House, subject: object) -> None:
    house.told.claims = {"sub": subject}
    with pytest.raises(UpstreamFailed, match="“sub”"):
        await house.come_back()


def swapped_claims(token: str, claims: bytes) -> str:
    """The token with other claims, under the signature that it had."""
    head, _, tail = token.split(".")
    return ".".join([head, segment(claims).decode(), tail])


# ---------------------------------------------------------------- freshness


def fresh(house: House) -> AuthorizationFlow:
    """The question to somebody who has to prove now who they are."""
    return replace(FLOW, fresh_since=house.clock.now())


async def test_who_has_to_prove_it_anew_is_asked_to_and_nobody_else(house: House) -> None:
    asked = parse_qs(urlsplit(await house.leave(fresh(house))).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    assert not {"prompt", "max_age"} & parse_qs(urlsplit(await house.leave()).query).keys()


@pytest.mark.parametrize("ago", [61, 3_600, 10**9])
async def test_an_old_sign_in_there_is_no_fresh_proof(house: House, ago: int) -> None:
    house.told.claims = {"auth_time": house.now - ago}
    with pytest.raises(InvalidCredentials):
        await house.come_back(flow=fresh(house))
    assert (await house.come_back()).subject == MIA


@pytest.mark.parametrize("claims", [{}, {"auth_time": None}])
async def test_a_provider_that_does_not_say_when_is_taken_at_its_word(house: House, claims: Fields) -> None:
    house.told.claims = claims
    assert (await house.come_back(flow=fresh(house))).subject == MIA


@pytest.mark.parametrize("ago", [-5, 0, 60])
async def test_a_new_sign_in_there_is_a_fresh_proof(house: House, ago: int) -> None:
    house.told.claims = {"auth_time": house.now - ago}
    assert (await house.come_back(flow=fresh(house))).subject == MIA


@pytest.mark.parametrize("time", ["now", True, [1]])
async def test_an_instant_that_is_none_is_refused(house: House, time: object) -> None:
    house.told.claims = {"auth_time": time}
    with pytest.raises(InvalidCredentials):
        await house.come_back(flow=fresh(house))
