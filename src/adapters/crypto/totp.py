"""Authenticator apps' codes, by pyotp."""

from __future__ import annotations

import hmac
import secrets
from base64 import b32encode

import pyotp

from synctv.application.ports.totp import Totp
from synctv.domain.ids import MICROS, Micros

SECRET_BYTES = 20
STEP_SECONDS = 30
DIGITS = 6


class PyotpTotp(Totp):
    """SHA-1, 6 digits, 30 s: what every app takes, whatever else an address in a QR code says."""

    def new_secret(self) -> bytes:
        """160 bits, the length of the hash, as RFC 4226 (4, R6) recommends."""
        return secrets.token_bytes(SECRET_BYTES)

    def base32(self, secret: bytes) -> str:
        """RFC 4648's base32 without padding, which apps don't take."""
        return b32encode(secret).decode().rstrip("=")

    def uri(self, secret: bytes, account: str, issuer: str) -> str:
        """`otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=ISSUER`; what is usual (SHA-1, 6, 30) is left out of it."""
        return self._generator(secret).provisioning_uri(name=account, issuer_name=issuer)

    def step_of(self, secret: bytes, code: str, now: Micros) -> int | None:
        """The newest matching step. Takes as long for every code of six digits."""
        if len(code) != DIGITS or not (code.isascii() and code.isdecimal()):
            return None
        generator = self._generator(secret)
        current = now // (STEP_SECONDS * MICROS)
        matching = [
            step
            for step in range(max(0, current - 1), current + 2)
            if hmac.compare_digest(generator.generate_otp(step), code)
        ]
        return max(matching, default=None)

    def _generator(self, secret: bytes) -> pyotp.TOTP:
        return pyotp.TOTP(self.base32(secret), digits=DIGITS, interval=STEP_SECONDS)
