"""What a hostile browser may send that the library itself would take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webauthn.helpers import encode_cbor, parse_cbor
from webauthn.helpers.exceptions import InvalidCBORData

from synctv.adapters.crypto.ctap_cbor import must_be_canonical
from synctv.adapters.crypto.webauthn import WebauthnPasskeyCeremonies
from synctv.application.ports.webauthn import CeremonyFailed, Site
from tests.authenticator import Authenticator, Es256, Flag, base64url, cbor

SITE = Site("https://watch.example.org", "watch.example.org")
CHALLENGE = b"thirty-two bytes nobody can guess"
CEREMONIES = WebauthnPasskeyCeremonies("SyncTV")
LEVELS = 40


def shared_references(levels: int) -> bytes:
    """Lists of ten times the list before, by reference: a few bytes that stand for ten to the power of `levels`."""
    begun = b"\x98" + bytes([levels]) + b"\xd8\x1c\x8a" + b"\x00" * 10
    return begun + b"".join(b"\xd8\x1c\x8a" + (b"\xd8\x1d\x18" + bytes([level])) * 10 for level in range(levels - 1))


def created_with(authenticator: Authenticator, data: bytes, form: str = "none") -> None:
    answer = authenticator.created(CHALLENGE)
    attestation = cbor({"fmt": form, "attStmt": {}, "authData": data})
    answer["response"]["attestationObject"] = base64url(attestation)
    CEREMONIES.created(SITE, answer, CHALLENGE)


def test_what_the_other_tests_change_is_accepted_unchanged() -> None:
    authenticator = Authenticator()
    created_with(authenticator, authenticator.credential_data())


def test_a_public_key_that_would_unfold_into_gigabytes_is_refused_before_it_is_decoded() -> None:
    authenticator = Authenticator()
    with pytest.raises(CeremonyFailed, match="tag"):
        created_with(authenticator, authenticator.credential_data(shared_references(LEVELS)))


def test_so_is_one_among_the_extensions_of_a_signature() -> None:
    authenticator = Authenticator()
    made = CEREMONIES.created(SITE, authenticator.created(CHALLENGE), CHALLENGE)
    fitting = authenticator.signed(CHALLENGE, extensions=cbor({"credProps": {"rk": 1}}))
    assert CEREMONIES.signed(SITE, fitting, CHALLENGE, made.public_key) == 0
    hostile = authenticator.signed(CHALLENGE, extensions=shared_references(LEVELS))
    with pytest.raises(CeremonyFailed, match="tag"):
        CEREMONIES.signed(SITE, hostile, CHALLENGE, made.public_key)


@pytest.mark.parametrize("form", ["android-safetynet", "tpm", "fido-u2f", "apple", "android-key", "", "made up"])
def test_an_attestation_that_was_not_asked_for_is_not_looked_into(form: str) -> None:
    authenticator = Authenticator()
    with pytest.raises(CeremonyFailed, match="not asked for"):
        created_with(authenticator, authenticator.credential_data(), form)


def test_a_key_that_is_on_no_curve_is_refused_when_it_is_made() -> None:
    authenticator = Authenticator()
    with pytest.raises(CeremonyFailed):
        created_with(authenticator, authenticator.credential_data(cbor(Es256().cose() | {-3: bytes(31) + b"\x05"})))


@pytest.mark.parametrize(
    "key", [cbor(4), cbor({}), cbor([1, 2]), cbor(b"key"), cbor({1: 2, 3: -35}), b""], ids=bytes.hex
)
def test_what_is_no_key_is_refused_when_it_is_made(key: bytes) -> None:
    authenticator = Authenticator()
    with pytest.raises(CeremonyFailed):
        created_with(authenticator, authenticator.credential_data(key))


@pytest.mark.parametrize("algorithm", [-8, -35, -36, -37, -65535, 0, 7])
def test_only_algorithms_that_were_asked_for_are_taken(algorithm: int) -> None:
    authenticator = Authenticator()
    with pytest.raises(CeremonyFailed):
        created_with(authenticator, authenticator.credential_data(cbor(Es256().cose() | {3: algorithm})))


def test_a_long_public_key_is_refused() -> None:
    authenticator = Authenticator()
    modulus = (1 << 8 * 1_200) - 1
    key = cbor({1: 3, 3: -257, -1: modulus.to_bytes(1_200, "big"), -2: b"\x01\x00\x01"})
    with pytest.raises(CeremonyFailed, match="longer"):
        created_with(authenticator, authenticator.credential_data(key))


def test_authenticator_data_with_anything_behind_it_is_refused() -> None:
    authenticator = Authenticator()
    with pytest.raises(CeremonyFailed):
        created_with(authenticator, authenticator.credential_data() + b"\x00")
    made = CEREMONIES.created(SITE, authenticator.created(CHALLENGE), CHALLENGE)
    authenticator.flags |= Flag.EXTENSIONS
    with pytest.raises(CeremonyFailed):
        CEREMONIES.signed(SITE, authenticator.signed(CHALLENGE), CHALLENGE, made.public_key)


# ---------------------------------------------------------------- the form of CBOR


@pytest.mark.parametrize(
    "value", [0, 23, 24, -1, 2**64 - 1, b"", b"x" * 300, "é", [], [1, [2, [3, [4]]]], {1: {"a": [b""]}}], ids=str
)
def test_what_authenticators_write_is_canonical(value: object) -> None:
    must_be_canonical(cbor(value), 1)
    must_be_canonical(cbor(value) * 2, 2)


@pytest.mark.parametrize(
    "data",
    [
        "",  # nothing
        "0000",  # two
        "c000",  # a tag
        "d81c80",  # a shared value
        "5f4100ff",  # an indefinite length
        "9fff",
        "bfff",
        "ff",
        "1c",  # reserved
        "fc",
        "18",  # cut off
        "4200",
        "8100"[:2],
        "a100",
        "9b7fffffffffffffff",  # more entries than there can be
        "5bffffffffffffffff",
        "818181818100",  # five levels
    ],
)
def test_anything_else_is_not(data: str) -> None:
    with pytest.raises(ValueError, match="CBOR"):
        must_be_canonical(bytes.fromhex(data), 1)


@given(st.binary(max_size=200))
def test_what_passes_does_not_grow_when_it_is_decoded_and_written_again(data: bytes) -> None:
    try:
        must_be_canonical(data, 1)
        decoded = parse_cbor(data)
    except (ValueError, InvalidCBORData):
        return
    # A number of 3 bytes may be written as one of 9.
    assert len(encode_cbor(decoded)) <= 3 * len(data)


@given(st.binary(max_size=400))
def test_garbage_fails_as_a_ceremony_and_in_no_other_way(garbage: bytes) -> None:
    authenticator = Authenticator()
    created = authenticator.created(CHALLENGE)
    created["response"]["attestationObject"] = base64url(garbage)
    with pytest.raises(CeremonyFailed):
        CEREMONIES.created(SITE, created, CHALLENGE)
    signed = authenticator.signed(CHALLENGE)
    for part in ("authenticatorData", "clientDataJSON", "signature"):
        wrong = {**signed, "response": {**signed["response"], part: base64url(garbage)}}
        with pytest.raises(CeremonyFailed):
            CEREMONIES.signed(SITE, wrong, CHALLENGE, cbor(authenticator.key.cose()))
