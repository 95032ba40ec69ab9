"""Revocations as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.adapters.serialization.codec import decode, encode
from synctv.application.ports.revocations import Revoked


@dataclass(frozen=True, slots=True)
class SentRevocation:
    """A revocation and the process that tells of it."""

    origin: str
    revoked: Revoked


def encode_revocation(sent: SentRevocation) -> bytes:
    """The revocation as JSON."""
    return encode(sent)


def decode_revocation(data: bytes) -> SentRevocation:
    """The revocation. Raises `DecodeError` for anything else."""
    return decode(SentRevocation, data)
