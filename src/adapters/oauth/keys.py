"""The public keys of a provider (RFC 7517), and which of them a signature was made with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import base64_to_int

from synctv.adapters.oauth.algorithms import ALGORITHMS, Algorithm
from synctv.adapters.oauth.calls import Fields
from synctv.adapters.oauth.errors import NotBelieved

RSA_BITS = (2_048, 8_192)
"""Shorter ones can be broken; longer ones only keep the processor busy."""

_PUBLIC_PARTS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}

PublicKey = RSAKey | ECKey | OKPKey
_READ: Mapping[str, Callable[[dict[str, str | list[str]]], PublicKey]] = {
    "RSA": RSAKey.import_key,
    "EC": ECKey.import_key,
    "OKP": OKPKey.import_key,
}


@dataclass(frozen=True, slots=True)
class PublishedKeys:
    """The entries of a key set that may verify signatures, as they were published."""

    entries: tuple[Mapping[str, object], ...]

    def find(self, kid: str | None, algorithm: Algorithm) -> PublicKey | None:
        """The key with this id that fits the algorithm. Without an id there must be one alone that fits.

        Raises `NotBelieved` for a key that is broken or too weak.
        """
        fitting = [entry for entry in self.entries if _fits(entry, algorithm)]
        if kid is not None:
            fitting = [entry for entry in fitting if entry.get("kid") == kid][:1]
        return _imported(fitting[0]) if len(fitting) == 1 else None


def published_keys(document: Fields) -> PublishedKeys | None:
    """The key set, or None when this is none. Keys that are of no use here are left out (RFC 7517, 5)."""
    entries = document.get("keys")
    if not isinstance(entries, list):
        return None
    return PublishedKeys(tuple(entry for entry in entries if isinstance(entry, dict) and _verifies(entry)))


def _verifies(entry: Mapping[str, object]) -> bool:
    kind, operations = entry.get("kty"), entry.get("key_ops")
    return (
        isinstance(kind, str)
        and kind in _PUBLIC_PARTS
        and entry.get("use", "sig") == "sig"
        and (operations is None or (isinstance(operations, list) and "verify" in operations))
        and all(isinstance(entry.get(part), str) for part in _PUBLIC_PARTS[kind])
    )


def _fits(entry: Mapping[str, object], algorithm: Algorithm) -> bool:
    name = entry.get("alg")
    said = ALGORITHMS.get(name) if isinstance(name, str) else None
    return (
        entry["kty"] == algorithm.kty
        and (algorithm.crv is None or entry["crv"] == algorithm.crv)
        and (name is None or (said is not None and said.name == algorithm.name))
    )


def _imported(entry: Mapping[str, object]) -> PublicKey:
    kind = str(entry["kty"])
    # Nothing but the public parts: a private key, published by mistake, is of no use here either.
    public: dict[str, str | list[str]] = {"kty": kind, **{part: str(entry[part]) for part in _PUBLIC_PARTS[kind]}}
    try:
        if kind == "RSA" and not RSA_BITS[0] <= base64_to_int(str(entry["n"])).bit_length() <= RSA_BITS[1]:
            raise NotBelieved(f"an RSA key that does not have {RSA_BITS[0]:,} to {RSA_BITS[1]:,} bits")
        return _READ[kind](public)
    except (JoseError, ValueError) as error:
        raise NotBelieved("a public key that can't be read") from error
