"""What the signed tokens look like from outside, and which of them are refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest

from synctv.adapters.crypto.keys import SigningKey
from synctv.adapters.crypto.tokens import JwtAccessTokens
from synctv.adapters.memory.clock import START
from synctv.adapters.memory.ids import MemoryIds
from synctv.application.ports.tokens import AccessClaims
from synctv.domain.errors import Unauthenticated
from synctv.domain.ids import AccountId, SessionId, seconds_after

OLD = SigningKey("old", b"o" * 32)
NEW = SigningKey("new", b"n" * 32)
CLAIMS = AccessClaims(AccountId("usr_1"), SessionId("ses_1"), 3, START, seconds_after(START, 3_600))
SECONDS = START // 1_000_000
PAYLOAD: dict[str, Any] = {
    "iss": "synctv",
    "aud": "synctv",
    "sub": "usr_1",
    "sid": "ses_1",
    "gen": 3,
    "jti": "tok_1",
    "iat": SECONDS,
    "exp": SECONDS + 60,
}


def tokens(*keys: SigningKey) -> JwtAccessTokens:
    return JwtAccessTokens(keys, MemoryIds())


def signed(payload: dict[str, Any], kid: object = "new", algorithm: str = "HS256", secret: bytes = NEW.secret) -> str:
    return jwt.encode(payload, secret, algorithm, headers={"kid": kid})


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_the_token_carries_the_registered_claims_and_the_name_of_its_key() -> None:
    token = tokens(NEW).issue(CLAIMS)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": "new"}
    said = jwt.decode(token, options={"verify_signature": False})
    assert said == PAYLOAD | {"jti": said["jti"], "exp": SECONDS + 3_600}


def test_a_token_signed_with_the_key_before_is_good_until_that_key_is_taken_out() -> None:
    token = tokens(OLD).issue(CLAIMS)
    assert tokens(NEW, OLD).verify(token, START) == CLAIMS
    with pytest.raises(Unauthenticated):
        tokens(NEW).verify(token, START)


def test_the_first_key_signs() -> None:
    assert jwt.get_unverified_header(tokens(NEW, OLD).issue(CLAIMS))["kid"] == "new"


def test_what_the_other_tests_change_is_accepted_unchanged() -> None:
    verified = tokens(NEW).verify(signed(PAYLOAD), START)
    assert isinstance(verified, AccessClaims)
    assert verified.account_id == "usr_1"


def test_an_unsigned_token_is_refused() -> None:
    unsigned = f"{part({'alg': 'none', 'kid': 'new'})}.{part(PAYLOAD)}."
    with pytest.raises(Unauthenticated):
        tokens(NEW).verify(unsigned, START)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_another_algorithm_with_the_right_key_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        tokens(NEW).verify(signed(PAYLOAD, algorithm="HS512"), START)


def test_a_key_goes_only_by_its_own_name() -> None:
    for forged in (signed(PAYLOAD, kid="old"), signed(PAYLOAD, kid="none of ours"), signed(PAYLOAD, kid="")):
        with pytest.raises(Unauthenticated):
            tokens(NEW, OLD).verify(forged, START)


@pytest.mark.parametrize("header", [{"alg": "HS256"}, {"alg": "HS256", "kid": ["new"]}, {"alg": "HS256", "kid": 1}, []])
def test_a_token_without_a_usable_header_is_refused(header: object) -> None:
    with pytest.raises(Unauthenticated):
        tokens(NEW).verify(f"{part(header)}.{part(PAYLOAD)}.c2ln", START)


@pytest.mark.parametrize("name", sorted(PAYLOAD))
def test_every_claim_is_needed(name: str) -> None:
    less = {key: value for key, value in PAYLOAD.items() if key != name}
    with pytest.raises(Unauthenticated):
        tokens(NEW).verify(signed(less), START)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "somebody"},
        {"aud": "another service"},
        {"aud": ["synctv", "synctv:guest"]},
        {"aud": "synctv:guest"},
        {"sid": 7},
        {"gen": "3"},
        {"gen": True},
        {"iat": str(SECONDS)},
        {"exp": None},
        {"exp": 1e300},
    ],
)
def test_a_claim_of_another_kind_is_refused_though_it_was_signed(change: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        tokens(NEW).verify(signed(PAYLOAD | change), START)
