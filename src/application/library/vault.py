"""The vault: a login's secret as the bytes that are stored, readable for nobody but this server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from synctv.application.ports.providers import Login
from synctv.application.ports.sealing import CannotOpen, Sealer
from synctv.domain.errors import Invalid
from synctv.domain.ids import AccountId, CredentialId
from synctv.domain.library.credential import Credential

BLOCK_BYTES = 256
"""Packed secrets are filled up to whole blocks: else their length would tell how long a password is."""
MAX_BYTES = 64 << 10


def place_of(credential_id: CredentialId, owner: AccountId, provider: str) -> str:
    """The place that a login is sealed for, so that it opens as no other one's."""
    return f"credential:{owner}:{provider}:{credential_id}"


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens logins."""

    sealer: Sealer

    def seal(self, credential_id: CredentialId, owner: AccountId, provider: str, secret: Mapping[str, str]) -> bytes:
        """The secret, sealed. Raises `Invalid` for one that is far too long."""
        packed = json.dumps(dict(secret)).encode()
        if len(packed) > MAX_BYTES:
            raise Invalid.field("fields", f"A sign-in has at most {MAX_BYTES:,} bytes.", "length")
        filled = packed.ljust(-(-len(packed) // BLOCK_BYTES) * BLOCK_BYTES)
        return self.sealer.seal(filled, place_of(credential_id, owner, provider))

    def open(self, credential: Credential) -> Login:
        """The login. Raises `CannotOpen` when its key is gone, or when it is none that this version can read."""
        place = place_of(credential.id, credential.owner, credential.provider)
        packed = self.sealer.open(credential.sealed, place)
        try:
            secret = json.loads(packed)
        except (ValueError, RecursionError):
            # Not even as the cause: the errors of JSON carry what they could not read.
            raise CannotOpen from None
        if not isinstance(secret, dict) or not all(isinstance(value, str) for value in secret.values()):
            raise CannotOpen
        return Login(credential.server, secret)
