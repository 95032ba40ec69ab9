"""An authenticator and the browser around it, in software: it makes passkeys and signs with them, or cheats as told.

What it sends is built by hand from WebAuthn 3 (section 6), so that nothing of the library under test is used.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

CREATE = "webauthn.create"
GET = "webauthn.get"


class Flag(IntFlag):
    """The flags of authenticator data."""

    PRESENT = 1 << 0
    VERIFIED = 1 << 2
    BACKUP_ELIGIBLE = 1 << 3
    BACKED_UP = 1 << 4
    CREDENTIAL = 1 << 6
    EXTENSIONS = 1 << 7


USUAL = Flag.PRESENT | Flag.VERIFIED
SYNCED = USUAL | Flag.BACKUP_ELIGIBLE | Flag.BACKED_UP


class Key(Protocol):
    """A key pair of an authenticator."""

    def cose(self) -> dict[object, object]:
        """The public key as COSE writes it (RFC 9052)."""

    def sign(self, data: bytes) -> bytes:
        """A signature."""


class Es256:
    """ECDSA on P-256 with SHA-256."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())

    def cose(self) -> dict[object, object]:
        numbers = self._private.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}

    def sign(self, data: bytes) -> bytes:
        return self._private.sign(data, ec.ECDSA(SHA256()))


class EdDsa:
    """Ed25519."""

    def __init__(self) -> None:
        self._private = ed25519.Ed25519PrivateKey.generate()

    def cose(self) -> dict[object, object]:
        return {1: 1, 3: -8, -1: 6, -2: self._private.public_key().public_bytes_raw()}

    def sign(self, data: bytes) -> bytes:
        return self._private.sign(data)


class Rs256:
    """RSA with PKCS #1 v1.5 and SHA-256, as Windows Hello has it."""

    def __init__(self) -> None:
        self._private = rsa.generate_private_key(65_537, 2_048)

    def cose(self) -> dict[object, object]:
        numbers = self._private.public_key().public_numbers()
        return {1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")}

    def sign(self, data: bytes) -> bytes:
        return self._private.sign(data, padding.PKCS1v15(), SHA256())


@dataclass(slots=True)
class Authenticator:
    """One passkey for one host, in a browser that shows the page of `origin`.

    Every field may be changed before an answer is made, to make it wrong. `step` is added to the count before each
    signature.
    """

    origin: str = "https://watch.example.org"
    host: str = "watch.example.org"
    key: Key = field(default_factory=Es256)
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: bytes | None = None
    count: int = 0
    step: int = 0
    flags: Flag = USUAL
    client_data: dict[str, object] = field(default_factory=dict)

    def create(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """What the page sends after `navigator.credentials.create`."""
        self.handle = unpadded(options["user"]["id"])
        return self.created(unpadded(options["challenge"]))

    def get(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """What the page sends after `navigator.credentials.get`."""
        return self.signed(unpadded(options["challenge"]))

    def created(self, challenge: bytes, *, form: str = "none", statement: object = None) -> dict[str, Any]:
        """A new credential for the challenge."""
        attestation = cbor({"fmt": form, "attStmt": statement or {}, "authData": self.credential_data()})
        response = {
            "clientDataJSON": base64url(self.client_data_json(CREATE, challenge)),
            "attestationObject": base64url(attestation),
            "transports": ["internal", "hybrid"],
        }
        return self._credential(response)

    def self_attested(self, challenge: bytes) -> dict[str, Any]:
        """A new credential whose key vouches for itself."""
        client = hashlib.sha256(self.client_data_json(CREATE, challenge)).digest()
        signature = self.key.sign(self.credential_data() + client)
        return self.created(challenge, form="packed", statement={"alg": self.key.cose()[3], "sig": signature})

    def signed(self, challenge: bytes, *, extensions: bytes = b"") -> dict[str, Any]:
        """A signature for the challenge."""
        self.count += self.step
        client = self.client_data_json(GET, challenge)
        data = self.data(self.flags | (Flag.EXTENSIONS if extensions else Flag(0))) + extensions
        response = {
            "clientDataJSON": base64url(client),
            "authenticatorData": base64url(data),
            "signature": base64url(self.key.sign(data + hashlib.sha256(client).digest())),
            "userHandle": None if self.handle is None else base64url(self.handle),
        }
        return self._credential(response)

    def data(self, flags: Flag) -> bytes:
        """Authenticator data as far as it always goes."""
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def credential_data(self, key: bytes | None = None) -> bytes:
        """Authenticator data with the credential; `key` replaces its public key."""
        size = len(self.credential_id).to_bytes(2, "big")
        public = cbor(self.key.cose()) if key is None else key
        return self.data(self.flags | Flag.CREDENTIAL) + bytes(16) + size + self.credential_id + public

    def client_data_json(self, kind: str, challenge: bytes) -> bytes:
        """What the browser says of the page."""
        said = {"type": kind, "challenge": base64url(challenge), "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | self.client_data).encode()

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        id = base64url(self.credential_id)
        return {
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
        }


def base64url(content: bytes) -> str:
    """As the browser's JSON has bytes."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def unpadded(text: str) -> bytes:
    """The bytes of such a text."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def cbor(value: object) -> bytes:
    """CBOR (RFC 8949) of what authenticators send."""
    match value:
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case list():
            return _head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            return _head(5, len(value)) + b"".join(cbor(key) + cbor(entry) for key, entry in value.items())
    raise TypeError(value)


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    size = next(size for size in range(4) if number < 1 << 8 * 2**size)
    return bytes([major << 5 | 24 + size]) + number.to_bytes(2**size, "big")
