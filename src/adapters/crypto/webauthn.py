"""Passkeys, by py_webauthn.

The library decodes before it verifies, so what a browser sent is bounded in size and form first. Attestation is not
asked for and proves nothing here: the two formats that come all the same are `none` and a key that vouches for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_cbor,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSECRV, COSEKTY, COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from synctv.adapters.crypto.ctap_cbor import must_be_canonical
from synctv.application.ports.webauthn import (
    Assertion,
    CeremonyFailed,
    NewCredential,
    PasskeyCeremonies,
    PasskeyUser,
    Site,
)

TIMEOUT_MILLIS = 300_000
KEYS: Mapping[COSEAlgorithmIdentifier, tuple[COSEKTY, COSECRV | None]] = {
    COSEAlgorithmIdentifier.ECDSA_SHA_256: (COSEKTY.EC2, COSECRV.P256),
    COSEAlgorithmIdentifier.EDDSA: (COSEKTY.OKP, COSECRV.ED25519),
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256: (COSEKTY.RSA, None),
}
"""The algorithms that are taken, best first, with the one kind of key that each goes with (WebAuthn 3, 5.8.5)."""

ATTESTATIONS = frozenset({"none", "packed"})
MAX_CREDENTIAL_ID_BYTES = 1_023
MAX_PUBLIC_KEY_BYTES = 1_024
MAX_HANDLE_BYTES = 64
MAX_TRANSPORTS = 8
_MAX_CLIENT_DATA_BYTES = 4_096
_MAX_ATTESTATION_BYTES = 8_192
_MAX_AUTHENTICATOR_BYTES = 2_048
_MAX_SIGNATURE_BYTES = 1_024
_MAX_TYPE_LENGTH = 32
_TRANSPORT = re.compile(r"[a-z][a-z-]{1,31}")
_FLAGS, _AFTER_COUNT = 32, 37
_HAS_CREDENTIAL, _HAS_EXTENSIONS = 1 << 6, 1 << 7
_AAGUID_BYTES, _LENGTH_BYTES = 16, 2


class WebauthnPasskeyCeremonies(PasskeyCeremonies):
    """`name` is what authenticators show for this server."""

    def __init__(self, name: str) -> None:
        self._name = name

    def creation_options(
        self, site: Site, user: PasskeyUser, challenge: bytes, known: Sequence[bytes]
    ) -> Mapping[str, Any]:
        """A discoverable credential with user verification, and no attestation."""
        options = generate_registration_options(
            rp_id=site.host,
            rp_name=self._name,
            user_name=user.name,
            user_id=user.handle,
            challenge=challenge,
            timeout=TIMEOUT_MILLIS,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                require_resident_key=True,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id) for id in known],
            supported_pub_key_algs=[*KEYS],
        )
        return options_to_json_dict(options)

    def created(self, site: Site, credential: Mapping[str, Any], challenge: bytes) -> NewCredential:
        """The credential, of a key that signatures can be verified with."""
        with _failing_as_ceremony():
            answer = _bounded(credential, {"attestationObject": _MAX_ATTESTATION_BYTES})
            _must_not_be_framed(answer)
            _must_be_readable(base64url_to_bytes(answer["response"]["attestationObject"]))
            found = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=site.host,
                expected_origin=site.origin,
                require_user_verification=True,
                supported_pub_key_algs=[*KEYS],
            )
            _must_be_a_key(found.credential_public_key)
        return NewCredential(
            credential_id=found.credential_id,
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
            transports=_transports(credential),
            synced=found.credential_backed_up,
        )

    def request_options(self, site: Site, challenge: bytes) -> Mapping[str, Any]:
        """Names no credential: the authenticator offers those that it has for the site."""
        options = generate_authentication_options(
            rp_id=site.host,
            challenge=challenge,
            timeout=TIMEOUT_MILLIS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    def assertion(self, credential: Mapping[str, Any]) -> Assertion:
        """What the browser says, unproven."""
        with _failing_as_ceremony():
            parsed = parse_authentication_credential_json(_asserted(credential))
            return Assertion(parsed.raw_id, parsed.response.user_handle)

    def signed(self, site: Site, credential: Mapping[str, Any], challenge: bytes, public_key: bytes) -> int:
        """The count, whatever it was before."""
        with _failing_as_ceremony():
            answer = _asserted(credential)
            _must_not_be_framed(answer)
            _must_hold_canonical(base64url_to_bytes(answer["response"]["authenticatorData"]))
            return verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=site.host,
                expected_origin=site.origin,
                credential_public_key=public_key,
                credential_current_sign_count=0,
                require_user_verification=True,
            ).new_sign_count


@contextmanager
def _failing_as_ceremony() -> Iterator[None]:
    """The library lets through whatever the decoders below it raise, so any error is the answer's fault."""
    try:
        yield
    except Exception as error:
        raise CeremonyFailed(str(error) or type(error).__name__) from error


def _asserted(credential: Mapping[str, Any]) -> dict[str, Any]:
    parts = {"authenticatorData": _MAX_AUTHENTICATOR_BYTES, "signature": _MAX_SIGNATURE_BYTES}
    answer = _bounded(credential, parts)
    handle = credential["response"].get("userHandle")
    if handle is not None:
        answer["response"]["userHandle"] = _text(handle, _encoded(MAX_HANDLE_BYTES), "userHandle")
    return answer


def _bounded(credential: Mapping[str, Any], parts: Mapping[str, int]) -> dict[str, Any]:
    """The answer reduced to the texts that are looked at, each bounded by its size in bytes when decoded."""
    response = credential["response"]
    parts = {"clientDataJSON": _MAX_CLIENT_DATA_BYTES, **parts}
    return {
        **{name: _text(credential[name], _encoded(MAX_CREDENTIAL_ID_BYTES), name) for name in ("id", "rawId")},
        "type": _text(credential["type"], _MAX_TYPE_LENGTH, "type"),
        "response": {name: _text(response[name], _encoded(size), name) for name, size in parts.items()},
    }


def _encoded(size: int) -> int:
    """The length of so many bytes in base64url, with padding."""
    return -(-size // 3) * 4


def _text(value: object, longest: int, name: str) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError(f"{name} is no text of at most {longest} characters.")
    return value


def _must_not_be_framed(answer: Mapping[str, Any]) -> None:
    """The page never asks from inside of another site's frame, so such an answer was fetched by that site."""
    if parse_client_data_json(base64url_to_bytes(answer["response"]["clientDataJSON"])).cross_origin:
        raise ValueError("The answer was made in a frame of another site.")


def _must_be_readable(attestation: bytes) -> None:
    must_be_canonical(attestation, 1)
    content = parse_cbor(attestation)
    if content["fmt"] not in ATTESTATIONS:
        raise ValueError("The attestation is of a format that was not asked for.")
    _must_hold_canonical(content["authData"])


def _must_hold_canonical(authenticator_data: bytes) -> None:
    """The CBOR at the end of authenticator data (WebAuthn 3, 6.1): a public key, extensions, both or neither."""
    flags, position, items = authenticator_data[_FLAGS], _AFTER_COUNT, 0
    if flags & _HAS_CREDENTIAL:
        start = position + _AAGUID_BYTES
        position = start + _LENGTH_BYTES
        position += int.from_bytes(authenticator_data[start:position], "big")
        items += 1
    if flags & _HAS_EXTENSIONS:
        items += 1
    must_be_canonical(authenticator_data[position:], items)


def _must_be_a_key(public_key: bytes) -> None:
    """That it can be used is found out now rather than at the first sign-in."""
    if len(public_key) > MAX_PUBLIC_KEY_BYTES:
        raise ValueError(f"The public key is longer than {MAX_PUBLIC_KEY_BYTES} bytes.")
    decoded = decode_credential_public_key(public_key)
    if (decoded.kty, getattr(decoded, "crv", None)) != KEYS[decoded.alg]:
        raise ValueError("The public key is of another kind than its algorithm.")
    decoded_public_key_to_cryptography(decoded)


def _transports(credential: Mapping[str, Any]) -> tuple[str, ...]:
    """The authenticator's hints, as far as they look like some."""
    hints = credential["response"].get("transports")
    if not isinstance(hints, list):
        return ()
    return tuple(hint for hint in hints[:MAX_TRANSPORTS] if isinstance(hint, str) and _TRANSPORT.fullmatch(hint))
