"""What the signed tokens look like from outside, and which of them are refused. PyJWT is the judge of the form."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from synctv.adapters.crypto.keys import SigningKey
from synctv.adapters.crypto.tokens import MAX_LENGTH, JwtAccessTokens
from synctv.adapters.memory.clock import START
from synctv.adapters.memory.ids import MemoryIds
from synctv.application.ports.tokens import AccessClaims, GuestClaims
from synctv.domain.accounts.factors import Factor
from synctv.domain.errors import TokenExpired, Unauthenticated
from synctv.domain.ids import AccountId, GuestId, RoomId, SessionId, seconds_after
from synctv.domain.rooms.actor import GuestActor

OLD = SigningKey("old", b"o" * 32)
NEW = SigningKey("new", b"n" * 32)
HOUR = seconds_after(START, 3_600)
CLAIMS = AccessClaims(AccountId("usr_1"), SessionId("ses_1"), 3, START, HOUR, frozenset({Factor.PASSWORD}))
GUEST = GuestClaims(GuestActor(GuestId("gst_1"), "Ada", RoomId("room_1"), 7), START, HOUR)
SECONDS = START // 1_000_000
PAYLOAD: dict[str, Any] = {
    "iss": "synctv",
    "aud": "synctv",
    "sub": "usr_1",
    "sid": "ses_1",
    "gen": 3,
    "jti": "tok_1",
    "iat": SECONDS,
    "exp": SECONDS + 3_600,
    "amr": ["password"],
}
GUEST_PAYLOAD: dict[str, Any] = {
    "iss": "synctv",
    "aud": "synctv:guest",
    "sub": "gst_1",
    "name": "Ada",
    "room": "room_1",
    "gen": 7,
    "jti": "tok_1",
    "iat": SECONDS,
    "exp": SECONDS + 3_600,
}
OPTIONAL = {"amr"}
HEADER = {"alg": "HS256", "kid": "new", "typ": "JWT"}


def tokens(*keys: SigningKey) -> JwtAccessTokens:
    return JwtAccessTokens(keys, MemoryIds())


def signed(payload: Mapping[str, Any], secret: bytes = NEW.secret, algorithm: str = "HS256", **header: Any) -> str:
    return jwt.encode(dict(payload), secret, algorithm, headers={"kid": "new"} | header)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()


def by_hand(header: object, payload: object, secret: bytes = NEW.secret) -> str:
    """Signed with HS256 whatever it says, where the library would rather not."""
    text = f"{part(header)}.{part(payload)}"
    signature = base64.urlsafe_b64encode(hmac.digest(secret, text.encode(), "sha256"))
    return f"{text}.{signature.rstrip(b'=').decode()}"


def refused(token: str, *keys: SigningKey) -> None:
    """Refused as no token of ours, which is never called expired."""
    with pytest.raises(Unauthenticated) as caught:
        tokens(*(keys or (NEW, OLD))).verify(token, START)
    assert not isinstance(caught.value, TokenExpired)


# ---------------------------------------------------------------- the form


def test_another_library_verifies_the_token_and_reads_the_registered_claims_and_the_name_of_its_key() -> None:
    token = tokens(NEW).issue(CLAIMS)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": "new"}
    said = jwt.decode(token, NEW.secret, ["HS256"], audience="synctv", issuer="synctv", options={"verify_exp": False})
    assert said == PAYLOAD | {"jti": said["jti"]}
    assert said["jti"].startswith("tok_")


def test_another_library_reads_a_guests_token() -> None:
    said = jwt.decode(
        tokens(NEW).issue(GUEST), NEW.secret, ["HS256"], audience="synctv:guest", options={"verify_exp": False}
    )
    assert said == GUEST_PAYLOAD | {"jti": said["jti"]}


def test_what_the_other_tests_change_is_accepted_unchanged() -> None:
    assert tokens(NEW).verify(signed(PAYLOAD), START) == CLAIMS
    assert tokens(NEW).verify(by_hand(HEADER, PAYLOAD), START) == CLAIMS
    assert tokens(NEW).verify(signed(GUEST_PAYLOAD), START) == GUEST


# ---------------------------------------------------------------- factors


@pytest.mark.parametrize(
    "factors, said",
    [
        ([], []),
        ([Factor.PASSKEY], ["passkey"]),
        ([Factor.TOTP, Factor.PASSWORD], ["password", "totp", "mfa"]),
        ([Factor.OAUTH], ["oauth"]),
    ],
    ids=str,
)
def test_the_proven_factors_are_named_and_two_of_them_are_several(factors: list[Factor], said: list[str]) -> None:
    claims = AccessClaims(AccountId("usr_1"), SessionId("ses_1"), 3, START, HOUR, frozenset(factors))
    token = tokens(NEW).issue(claims)
    assert jwt.decode(token, options={"verify_signature": False})["amr"] == said
    assert tokens(NEW).verify(token, START) == claims


@pytest.mark.parametrize("names", [[], ["mfa"], ["of a newer version", "password"], ["password"] * 3], ids=str)
def test_factors_that_are_none_count_for_nothing(names: list[str]) -> None:
    verified = tokens(NEW).verify(signed(PAYLOAD | {"amr": names}), START)
    assert isinstance(verified, AccessClaims)
    assert verified.methods == ({Factor.PASSWORD} if "password" in names else set())


def test_a_token_of_before_there_were_factors_has_none() -> None:
    without = {name: value for name, value in PAYLOAD.items() if name != "amr"}
    verified = tokens(NEW).verify(signed(without), START)
    assert isinstance(verified, AccessClaims)
    assert verified.methods == frozenset()


# ---------------------------------------------------------------- keys


def test_a_token_signed_with_the_key_before_is_good_until_that_key_is_taken_out() -> None:
    token = tokens(OLD).issue(CLAIMS)
    for keys in ((OLD, NEW), (NEW, OLD)):
        assert tokens(*keys).verify(token, START) == CLAIMS
    refused(token, NEW)


def test_the_first_key_signs() -> None:
    assert jwt.get_unverified_header(tokens(NEW, OLD).issue(CLAIMS))["kid"] == "new"


def test_a_key_goes_only_by_its_own_name() -> None:
    refused(signed(PAYLOAD, kid="old"))
    refused(signed(PAYLOAD, OLD.secret))


@pytest.mark.parametrize(
    "kid",
    ["none of ours", "", "../../../../dev/null", "/dev/null", "new' OR '1'='1", "NEW", " new", "https://evil/key"],
)
@pytest.mark.parametrize("secret", [NEW.secret, b"", b"\x00" * 32])
def test_a_name_that_is_no_keys_leads_to_none(kid: str, secret: bytes) -> None:
    refused(by_hand(HEADER | {"kid": kid}, PAYLOAD, secret))


# ---------------------------------------------------------------- the header (RFC 8725)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None])
@pytest.mark.parametrize("signature", ["", "AA", "c2lnbmVk"])
def test_an_unsigned_token_is_refused(algorithm: str | None, signature: str) -> None:
    refused(f"{part({'alg': algorithm, 'kid': 'new', 'typ': 'JWT'})}.{part(PAYLOAD)}.{signature}")


@pytest.mark.parametrize("signature", ["", "A" * 43, "A" * 44])
def test_a_token_that_lost_its_signature_is_refused(signature: str) -> None:
    refused(f"{signed(PAYLOAD).rpartition('.')[0]}.{signature}")


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_with_the_right_key_is_refused(algorithm: str) -> None:
    refused(signed(PAYLOAD, algorithm=algorithm))


def test_keys_of_two_kinds_can_not_be_confused() -> None:
    private = rsa.generate_private_key(65_537, 2_048)
    refused(jwt.encode(PAYLOAD, private, "RS256", headers={"kid": "new"}))
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    refused(by_hand(HEADER, PAYLOAD, public))


@pytest.mark.parametrize(
    "extra",
    [
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"crit": ["exp"], "exp": 1},
        {"b64": False, "crit": ["b64"]},
        {"cty": "JWT"},
        {"zip": "DEF"},
    ],
    ids=lambda extra: next(iter(extra)),
)
def test_a_header_with_anything_more_is_refused_though_it_was_signed(extra: dict[str, Any]) -> None:
    refused(by_hand(HEADER | extra, PAYLOAD))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "HS256"},
        {"alg": "HS256", "kid": ["new"]},
        {"alg": "HS256", "kid": {"new": 1}},
        {"kid": 1},
        [],
        None,
        "new",
    ],
    ids=str,
)
def test_a_token_without_a_usable_header_is_refused(header: object) -> None:
    refused(by_hand(header, PAYLOAD))


# ---------------------------------------------------------------- claims


@pytest.mark.parametrize("payload", [PAYLOAD, GUEST_PAYLOAD], ids=["account", "guest"])
def test_every_claim_is_needed(payload: dict[str, Any]) -> None:
    for name in set(payload) - OPTIONAL:
        refused(signed({key: value for key, value in payload.items() if key != name}))


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "somebody"},
        {"iss": ""},
        {"aud": "another service"},
        {"aud": ["synctv"]},
        {"aud": ["synctv", "synctv:guest"]},
        {"aud": "synctv:guest"},
        {"aud": "SYNCTV"},
        {"sid": 7},
        {"gen": "3"},
        {"gen": True},
        {"iat": str(SECONDS)},
        {"exp": None},
        {"exp": 1e300},
        {"exp": float(SECONDS) + 0.5},
        {"amr": "password"},
        {"amr": [1]},
        {"amr": None},
    ],
    ids=str,
)
def test_a_claim_of_another_kind_is_refused_though_it_was_signed(change: dict[str, Any]) -> None:
    refused(by_hand(HEADER, PAYLOAD | change))


@pytest.mark.parametrize("payload", [None, [], "x", 1, {}, {"aud": "synctv"}, [PAYLOAD]], ids=str)
def test_a_payload_that_is_none_is_refused_though_it_was_signed(payload: object) -> None:
    refused(by_hand(HEADER, payload))


def test_a_guests_token_is_none_of_an_account_and_the_reverse() -> None:
    refused(signed(GUEST_PAYLOAD | {"aud": "synctv"}))
    refused(signed(PAYLOAD | {"aud": "synctv:guest"}))
    assert isinstance(tokens(NEW).verify(tokens(NEW).issue(GUEST), START), GuestClaims)


@pytest.mark.parametrize("change", [{"sub": "usr_2"}, {"gen": 4}, {"exp": SECONDS + 10**6}, {"amr": ["totp"]}], ids=str)
def test_another_payload_under_the_same_signature_is_refused(change: dict[str, Any]) -> None:
    header, _, signature = signed(PAYLOAD).split(".")
    refused(f"{header}.{part(PAYLOAD | change)}.{signature}")


# ---------------------------------------------------------------- the text


def test_a_huge_token_is_refused_though_it_was_signed() -> None:
    assert tokens(NEW).verify(signed(PAYLOAD | {"more": "x" * 2_000}), START) == CLAIMS
    refused(signed(PAYLOAD | {"more": "x" * MAX_LENGTH}))


def test_a_signature_has_one_spelling() -> None:
    token = signed(PAYLOAD)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # The last character of 43 carries two bits that mean nothing: a decoder takes three more for it.
    for other in alphabet:
        if other != token[-1]:
            refused(token[:-1] + other)
    for wrong in (f"{token}=", f"{token}\n", f" {token}", f"{token}.", f".{token}", token.replace(".", "..", 1)):
        refused(wrong)


def test_parts_of_two_tokens_do_not_fit_together() -> None:
    made = tokens(NEW)
    first, second = (made.issue(CLAIMS).split(".") for _ in range(2))
    refused(".".join([first[0], first[1], second[2]]))
    refused(".".join([first[0], second[1], first[2]]))


@pytest.mark.parametrize(
    "token",
    ["a.b.c.d.e", '{"payload":"e30","signatures":[]}', "é.e30.c2ln", "\ud83d.e30.c2ln", "..", "." * 5_000],
    ids=lambda token: token[:10].encode("utf-8", "replace").hex(),
)
def test_other_forms_of_token_are_refused(token: str) -> None:
    refused(token)


# ---------------------------------------------------------------- clocks


@pytest.mark.parametrize("claims", [CLAIMS, GUEST], ids=["account", "guest"])
def test_a_clock_that_is_a_minute_off_does_no_harm_and_one_that_is_more_does(
    claims: AccessClaims | GuestClaims,
) -> None:
    token = tokens(NEW).issue(claims)
    just_made, just_good = START, seconds_after(HOUR, -1)
    assert tokens(NEW).verify(token, seconds_after(just_made, -60)) == claims
    assert tokens(NEW).verify(token, seconds_after(just_good, 60)) == claims
    with pytest.raises(Unauthenticated):
        tokens(NEW).verify(token, seconds_after(just_made, -61))
    with pytest.raises(TokenExpired):
        tokens(NEW).verify(token, seconds_after(just_good, 61))
