"""Which signatures are taken: asymmetric ones alone.

With `none` nobody signs, and with HS256 and its like whoever may verify may sign, too: a provider's public key, taken
for such a secret, would let everybody sign in as anybody (RFC 8725, 2.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Algorithm:
    """The kind of key that it needs (RFC 7517), and the hash that belongs to it (OpenID Connect Core 1.0, 3.1.3.6).

    `name` is joserfc's, which tells the curves of EdDSA apart (RFC 9864).
    """

    name: str
    kty: str
    crv: str | None
    hash: str


ALGORITHMS: Mapping[str, Algorithm] = {
    **{
        f"{kind}{bits}": Algorithm(f"{kind}{bits}", "RSA", None, f"sha{bits}")
        for kind in ("RS", "PS")
        for bits in (256, 384, 512)
    },
    "ES256": Algorithm("ES256", "EC", "P-256", "sha256"),
    "ES384": Algorithm("ES384", "EC", "P-384", "sha384"),
    "ES512": Algorithm("ES512", "EC", "P-521", "sha512"),
    "EdDSA": Algorithm("Ed25519", "OKP", "Ed25519", "sha512"),
    "Ed25519": Algorithm("Ed25519", "OKP", "Ed25519", "sha512"),
}
