"""Time-based one-time passwords (RFC 6238): SHA-1, 6 digits, steps of 30 s."""

from __future__ import annotations

from abc import ABC, abstractmethod

from synctv.domain.ids import Micros


class Totp(ABC):
    """What authenticator apps do."""

    @abstractmethod
    def new_secret(self) -> bytes:
        """160 unpredictable bits."""

    @abstractmethod
    def base32(self, secret: bytes) -> str:
        """The secret as a person types it into an app."""

    @abstractmethod
    def uri(self, secret: bytes, account: str, issuer: str) -> str:
        """The `otpauth://` address that an app reads from a QR code."""

    @abstractmethod
    def step_of(self, secret: bytes, code: str, now: Micros) -> int | None:
        """The time step that the code belongs to, of this one and its two neighbours; None for none of them."""
