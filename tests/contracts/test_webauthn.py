"""What every kind of passkey ceremonies promises."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from synctv.adapters.crypto.webauthn import WebauthnPasskeyCeremonies
from synctv.application.ports.webauthn import (
    Assertion,
    CeremonyFailed,
    NewCredential,
    PasskeyCeremonies,
    PasskeyUser,
    Site,
)
from tests.authenticator import SYNCED, Authenticator, EdDsa, Es256, Flag, Key, Rs256, base64url, unpadded

SITE = Site("https://watch.example.org", "watch.example.org")
USER = PasskeyUser(b"handle of ada", "ada")
CHALLENGE = b"thirty-two bytes nobody can guess"
OTHER = b"another challenge of that length "


@pytest.fixture
def ceremonies() -> PasskeyCeremonies:
    return WebauthnPasskeyCeremonies("SyncTV")


@pytest.fixture
def authenticator() -> Authenticator:
    return Authenticator(handle=USER.handle)


@pytest.fixture
def made(ceremonies: PasskeyCeremonies, authenticator: Authenticator) -> NewCredential:
    return ceremonies.created(SITE, authenticator.created(CHALLENGE), CHALLENGE)


def signed(ceremonies: PasskeyCeremonies, answer: dict[str, Any], made: NewCredential, *, site: Site = SITE) -> int:
    return ceremonies.signed(site, answer, CHALLENGE, made.public_key)


# ---------------------------------------------------------------- options


def test_a_passkey_is_asked_for_that_is_discoverable_and_verifies_its_user(ceremonies: PasskeyCeremonies) -> None:
    options = ceremonies.creation_options(SITE, USER, CHALLENGE, [b"known one"])
    assert options["rp"] == {"name": "SyncTV", "id": "watch.example.org"}
    assert unpadded(options["user"]["id"]) == USER.handle
    assert options["user"]["name"] == "ada"
    assert unpadded(options["challenge"]) == CHALLENGE
    assert options["attestation"] == "none"
    selection = options["authenticatorSelection"]
    assert (selection["residentKey"], selection["userVerification"]) == ("required", "required")
    assert [unpadded(known["id"]) for known in options["excludeCredentials"]] == [b"known one"]
    assert [parameter["alg"] for parameter in options["pubKeyCredParams"]] == [-7, -8, -257]


def test_signing_is_asked_of_any_passkey_so_that_nothing_is_told_of_who_has_one(ceremonies: PasskeyCeremonies) -> None:
    options = ceremonies.request_options(SITE, CHALLENGE)
    assert unpadded(options["challenge"]) == CHALLENGE
    assert (options["rpId"], options["userVerification"]) == ("watch.example.org", "required")
    assert not options.get("allowCredentials")


def test_what_was_asked_for_can_be_answered(ceremonies: PasskeyCeremonies, authenticator: Authenticator) -> None:
    options = ceremonies.creation_options(SITE, USER, CHALLENGE, [])
    made = ceremonies.created(SITE, authenticator.create(options), CHALLENGE)
    answer = authenticator.get(ceremonies.request_options(SITE, CHALLENGE))
    assert ceremonies.assertion(answer) == Assertion(made.credential_id, USER.handle)
    assert signed(ceremonies, answer, made) == 0


# ---------------------------------------------------------------- making


@pytest.mark.parametrize("key", [Es256, EdDsa, Rs256])
def test_a_new_passkey_is_what_the_authenticator_made(ceremonies: PasskeyCeremonies, key: type[Key]) -> None:
    authenticator = Authenticator(key=key(), count=7, flags=SYNCED)
    made = ceremonies.created(SITE, authenticator.created(CHALLENGE), CHALLENGE)
    assert made.credential_id == authenticator.credential_id
    assert (made.sign_count, made.synced, made.transports) == (7, True, ("internal", "hybrid"))
    assert signed(ceremonies, authenticator.signed(CHALLENGE), made) == 7


def test_a_key_may_vouch_for_itself(ceremonies: PasskeyCeremonies, authenticator: Authenticator) -> None:
    made = ceremonies.created(SITE, authenticator.self_attested(CHALLENGE), CHALLENGE)
    assert made.credential_id == authenticator.credential_id
    assert not made.synced


def test_hints_that_are_none_are_left_out(ceremonies: PasskeyCeremonies, authenticator: Authenticator) -> None:
    for hints, kept in (
        (["usb", 7, "<b>", "x" * 100, "nfc"], ("usb", "nfc")),
        ("usb", ()),
        (None, ()),
        (["ble"] * 100, ("ble",) * 8),
    ):
        answer = authenticator.created(CHALLENGE)
        answer["response"]["transports"] = hints
        assert ceremonies.created(SITE, answer, CHALLENGE).transports == kept


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://watch.example.org.evil.example"},
        {"origin": "http://watch.example.org"},
        {"origin": "https://watch.example.org:8443"},
        {"origin": "https://sub.watch.example.org"},
        {"host": "example.org"},
        {"host": "evil.example"},
        {"flags": Flag.PRESENT},
        {"flags": Flag.VERIFIED},
        {"flags": Flag.PRESENT | Flag.VERIFIED | Flag.BACKED_UP},
        {"client_data": {"crossOrigin": True}},
        {"client_data": {"type": "webauthn.get"}},
        {"client_data": {"challenge": base64url(OTHER)}},
        {"client_data": {"challenge": ""}},
        {"credential_id": b""},
    ],
    ids=str,
)
def test_a_new_passkey_of_another_place_challenge_or_without_its_user_is_refused(
    ceremonies: PasskeyCeremonies, authenticator: Authenticator, change: dict[str, Any]
) -> None:
    wrong = replace(authenticator, **change)
    with pytest.raises(CeremonyFailed):
        ceremonies.created(SITE, wrong.created(CHALLENGE), CHALLENGE)


def test_a_replayed_answer_does_not_fit_the_next_challenge(
    ceremonies: PasskeyCeremonies, authenticator: Authenticator, made: NewCredential
) -> None:
    with pytest.raises(CeremonyFailed):
        ceremonies.created(SITE, authenticator.created(CHALLENGE), OTHER)
    with pytest.raises(CeremonyFailed):
        ceremonies.signed(SITE, authenticator.signed(CHALLENGE), OTHER, made.public_key)


# ---------------------------------------------------------------- signing


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://watch.example.org:8443"},
        {"host": "evil.example"},
        {"flags": Flag.PRESENT},
        {"flags": Flag.VERIFIED},
        {"client_data": {"crossOrigin": True}},
        {"client_data": {"type": "webauthn.create"}},
        {"client_data": {"challenge": base64url(OTHER)}},
        {"key": Es256()},
        {"key": EdDsa()},
    ],
    ids="+".join,
)
def test_a_signature_of_another_place_challenge_key_or_without_its_user_is_refused(
    ceremonies: PasskeyCeremonies, authenticator: Authenticator, made: NewCredential, change: dict[str, Any]
) -> None:
    assert signed(ceremonies, authenticator.signed(CHALLENGE), made) == 0
    wrong = replace(authenticator, **change)
    with pytest.raises(CeremonyFailed):
        signed(ceremonies, wrong.signed(CHALLENGE), made)


def test_a_changed_signature_or_what_it_signs_is_refused(
    ceremonies: PasskeyCeremonies, authenticator: Authenticator, made: NewCredential
) -> None:
    answer = authenticator.signed(CHALLENGE)
    for part in ("signature", "authenticatorData", "clientDataJSON"):
        content = unpadded(answer["response"][part])
        for place in range(0, len(content), 5):
            wrong = copy.deepcopy(answer)
            flipped = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
            wrong["response"][part] = base64url(flipped)
            with pytest.raises(CeremonyFailed):
                signed(ceremonies, wrong, made)


@pytest.mark.parametrize("before, step, after", [(0, 0, 0), (5, 1, 6), (5, 0, 5), (5, -3, 2)])
def test_the_new_count_is_told_whether_it_grew_or_not(
    ceremonies: PasskeyCeremonies,
    authenticator: Authenticator,
    made: NewCredential,
    before: int,
    step: int,
    after: int,
) -> None:
    counting = replace(authenticator, count=before, step=step)
    assert signed(ceremonies, counting.signed(CHALLENGE), made) == after


def test_a_passkey_of_one_site_does_not_sign_in_at_another(
    ceremonies: PasskeyCeremonies, authenticator: Authenticator, made: NewCredential
) -> None:
    elsewhere = Site("https://other.example.org", "other.example.org")
    with pytest.raises(CeremonyFailed):
        signed(ceremonies, authenticator.signed(CHALLENGE), made, site=elsewhere)


# ---------------------------------------------------------------- garbage


@pytest.mark.parametrize("part", ["clientDataJSON", "attestationObject"])
def test_a_new_passkey_that_is_cut_off_anywhere_is_refused(
    ceremonies: PasskeyCeremonies, authenticator: Authenticator, part: str
) -> None:
    content = unpadded(authenticator.created(CHALLENGE)["response"][part])
    for length in range(len(content)):
        answer = authenticator.created(CHALLENGE)
        answer["response"][part] = base64url(content[:length])
        with pytest.raises(CeremonyFailed):
            ceremonies.created(SITE, answer, CHALLENGE)


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
def test_a_signature_that_is_cut_off_anywhere_is_refused(
    ceremonies: PasskeyCeremonies, authenticator: Authenticator, made: NewCredential, part: str
) -> None:
    answer = authenticator.signed(CHALLENGE)
    content = unpadded(answer["response"][part])
    for length in range(len(content)):
        wrong = copy.deepcopy(answer)
        wrong["response"][part] = base64url(content[:length])
        with pytest.raises(CeremonyFailed):
            signed(ceremonies, wrong, made)


@pytest.mark.parametrize(
    "path",
    ["id", "rawId", "type", "response", "response.clientDataJSON", "response.attestationObject"],
)
@pytest.mark.parametrize("value", [None, 7, "", "é", "x" * 100_000, [], {}, True], ids=lambda value: repr(value)[:10])
def test_a_part_of_a_new_passkey_that_is_missing_or_something_else_is_refused(
    ceremonies: PasskeyCeremonies, authenticator: Authenticator, path: str, value: object
) -> None:
    answer = authenticator.created(CHALLENGE)
    *outer, name = path.split(".")
    (answer["response"] if outer else answer)[name] = value
    with pytest.raises(CeremonyFailed):
        ceremonies.created(SITE, answer, CHALLENGE)


@pytest.mark.parametrize(
    "path",
    ["id", "rawId", "type", "response", "response.clientDataJSON", "response.authenticatorData", "response.signature"],
)
@pytest.mark.parametrize("value", [None, 7, "", "é", "x" * 100_000, [], {}, True], ids=lambda value: repr(value)[:10])
def test_a_part_of_a_signature_that_is_missing_or_something_else_is_refused(
    ceremonies: PasskeyCeremonies, authenticator: Authenticator, made: NewCredential, path: str, value: object
) -> None:
    answer = authenticator.signed(CHALLENGE)
    *outer, name = path.split(".")
    (answer["response"] if outer else answer)[name] = value
    with pytest.raises(CeremonyFailed):
        signed(ceremonies, answer, made)


@pytest.mark.parametrize("answer", [{}, {"response": None}, {"id": "x"}, {"response": {}}], ids=str)
def test_what_is_no_answer_claims_nothing(ceremonies: PasskeyCeremonies, answer: dict[str, Any]) -> None:
    with pytest.raises(CeremonyFailed):
        ceremonies.assertion(answer)


@pytest.mark.parametrize("handle", ["x" * 89, 7, ["x"]], ids=str)
def test_a_user_handle_is_a_short_text_or_absent(
    ceremonies: PasskeyCeremonies, authenticator: Authenticator, handle: object
) -> None:
    answer = authenticator.signed(CHALLENGE)
    answer["response"]["userHandle"] = handle
    with pytest.raises(CeremonyFailed):
        ceremonies.assertion(answer)
    del answer["response"]["userHandle"]
    assert ceremonies.assertion(answer).user_handle is None


@pytest.mark.parametrize("stored", [b"", b"\x04", b"no key", b"\xa0"])
def test_a_stored_key_that_is_none_verifies_nothing(
    ceremonies: PasskeyCeremonies, authenticator: Authenticator, stored: bytes
) -> None:
    with pytest.raises(CeremonyFailed):
        ceremonies.signed(SITE, authenticator.signed(CHALLENGE), CHALLENGE, stored)
