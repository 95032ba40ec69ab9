"""Sealing with AES-256-GCM, each purpose under a key of its own."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from synctv.adapters.crypto.keys import SigningKey
from synctv.application.ports.sealing import CannotOpen, Sealer

_VERSION = b"\x01"
_KEY_BYTES = 32
_ID_BYTES = 8
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEADER_BYTES = len(_VERSION) + _ID_BYTES
OVERHEAD_BYTES = _HEADER_BYTES + _NONCE_BYTES + _TAG_BYTES
"""How much longer the sealed bytes are than their content."""


def mark_of(key: SigningKey) -> bytes:
    """What everything begins with that this key sealed."""
    return _VERSION + bytes.fromhex(key.id)


class KeySealer(Sealer):
    """The first key seals, every key opens.

    Sealed bytes are the version of this form (1 byte), the name of the key (8), the nonce (12), the ciphertext, and the
    tag (16). The version, the name, the purpose and the place are authenticated with the content. The cipher's key is
    made from ours with HKDF-SHA256 (RFC 5869) for this purpose alone. Nonces are random, which holds for 2^32 contents
    under one key (NIST SP 800-38D, 8.3).
    """

    def __init__(self, keys: Sequence[SigningKey], purpose: str) -> None:
        if not keys or "\0" in purpose:
            raise ValueError("A sealer needs a key, and a purpose without NUL.")
        self._purpose = purpose
        self._sealing = bytes.fromhex(keys[0].id)
        self._ciphers = {bytes.fromhex(key.id): AESGCM(_derived(key.secret, purpose)) for key in keys}

    def seal(self, content: bytes, place: str) -> bytes:
        """The content under the first key, with a fresh nonce."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        header = _VERSION + self._sealing
        return header + nonce + self._ciphers[self._sealing].encrypt(nonce, content, self._bound_to(header, place))

    def open(self, sealed: bytes, place: str) -> bytes:
        """The content. Raises `CannotOpen`, which does not tell why."""
        header, rest = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
        cipher = self._ciphers.get(header[len(_VERSION) :])
        if header[: len(_VERSION)] != _VERSION or cipher is None or len(sealed) < OVERHEAD_BYTES:
            raise CannotOpen
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], self._bound_to(header, place))
        except InvalidTag:
            raise CannotOpen from None

    def _bound_to(self, header: bytes, place: str) -> bytes:
        """The authenticated context. A purpose has no NUL, so no two pairs of purpose and place look the same."""
        return header + self._purpose.encode() + b"\0" + place.encode()


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"synctv seal\0" + purpose.encode()).derive(secret)
