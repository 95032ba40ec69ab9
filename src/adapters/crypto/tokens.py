"""Access tokens as JSON Web Tokens (RFC 7519), signed with HS256.

PyJWT writes them. They are checked here, in the one form that it writes: see docs/decisions/0016-one-form-of-token.md.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from collections.abc import Sequence
from typing import Any, Literal

import jwt
import msgspec

from synctv.adapters.crypto.keys import SigningKey
from synctv.application.ports.ids import Ids
from synctv.application.ports.tokens import AccessClaims, AccessTokens, GuestClaims
from synctv.domain.accounts.factors import Factor, Factors
from synctv.domain.errors import TokenExpired, Unauthenticated
from synctv.domain.ids import MICROS, AccountId, GuestId, Micros, RoomId, SessionId
from synctv.domain.rooms.actor import GuestActor

ACCOUNT_AUDIENCE = "synctv"
GUEST_AUDIENCE = "synctv:guest"
LEEWAY_SECONDS = 60
MAX_LENGTH = 4_096
SEVERAL_FACTORS = "mfa"
"""What stands in `amr` beside two or more factors (RFC 8176)."""

_FACTORS = {factor.value: factor for factor in Factor}


class _AccountPayload(msgspec.Struct, tag_field="aud", tag=ACCOUNT_AUDIENCE):
    """The claims of an account's token. Times are seconds since the Unix epoch."""

    iss: Literal["synctv"]
    sub: str
    sid: str
    gen: int
    jti: str
    iat: int
    exp: int
    amr: tuple[str, ...] = ()


class _GuestPayload(msgspec.Struct, tag_field="aud", tag=GUEST_AUDIENCE):
    """The claims of a guest's token."""

    iss: Literal["synctv"]
    sub: str
    name: str
    room: str
    gen: int
    jti: str
    iat: int
    exp: int


_decoder: msgspec.json.Decoder[_AccountPayload | _GuestPayload] = msgspec.json.Decoder(_AccountPayload | _GuestPayload)


class JwtAccessTokens(AccessTokens):
    """The first key signs, every key verifies. Times are kept as whole seconds, rounded down.

    The header of a token is one of as many constant texts as there are keys, so nothing in it is negotiated: no other
    algorithm, no key by address or path, no extension (RFC 8725, 3.1).
    """

    def __init__(self, keys: Sequence[SigningKey], ids: Ids) -> None:
        self._secrets = {_header(key): key.secret for key in keys}
        self._signer = keys[0]
        self._ids = ids

    def issue(self, claims: AccessClaims | GuestClaims) -> str:
        """The signed token, with a `jti` of its own."""
        jti = self._ids.new("tok")
        payload = _account_payload(claims, jti) if isinstance(claims, AccessClaims) else _guest_payload(claims, jti)
        return _written(msgspec.to_builtins(payload), self._signer)

    def verify(self, token: str, now: Micros) -> AccessClaims | GuestClaims:
        """What the token says, when one of the keys signed it and `now` is within its time, give or take the leeway."""
        payload = self._payload(token)
        claims = _account_claims(payload) if isinstance(payload, _AccountPayload) else _guest_claims(payload)
        leeway = LEEWAY_SECONDS * MICROS
        if claims.issued_at > now + leeway:
            raise _not_ours()
        if claims.expires_at <= now - leeway:
            raise TokenExpired
        return claims

    def _payload(self, token: str) -> _AccountPayload | _GuestPayload:
        """What was signed; nothing of it is decoded before the signature is known to be right."""
        signed, _, signature = token.rpartition(".")
        header, _, body = signed.partition(".")
        secret = self._secrets.get(header)
        if secret is None or len(token) > MAX_LENGTH or not token.isascii():
            raise _not_ours()
        # As text, so that only one spelling of a signature is right.
        if not hmac.compare_digest(_signature(secret, signed), signature):
            raise _not_ours()
        try:
            return _decoder.decode(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except (msgspec.MsgspecError, NoBase64, UnicodeDecodeError) as error:
            raise _not_ours() from error


def _written(payload: dict[str, Any], key: SigningKey) -> str:
    return jwt.encode(payload, key.secret, "HS256", headers={"kid": key.id})


def _header(key: SigningKey) -> str:
    """The first part of every token that is signed with this key."""
    return _written({}, key).partition(".")[0]


def _signature(secret: bytes, signed: str) -> str:
    return _base64url(hmac.digest(secret, signed.encode(), "sha256"))


def _base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _account_payload(claims: AccessClaims, jti: str) -> _AccountPayload:
    return _AccountPayload(
        iss="synctv",
        sub=claims.account_id,
        sid=claims.session_id,
        gen=claims.generation,
        jti=jti,
        iat=claims.issued_at // MICROS,
        exp=claims.expires_at // MICROS,
        amr=_methods(claims.methods),
    )


def _methods(factors: Factors) -> tuple[str, ...]:
    names = sorted(factor.value for factor in factors)
    return (*names, SEVERAL_FACTORS) if len(names) > 1 else tuple(names)


def _guest_payload(claims: GuestClaims, jti: str) -> _GuestPayload:
    guest = claims.guest
    return _GuestPayload(
        iss="synctv",
        sub=guest.id,
        name=guest.name,
        room=guest.room_id,
        gen=guest.guest_version,
        jti=jti,
        iat=claims.issued_at // MICROS,
        exp=claims.expires_at // MICROS,
    )


def _account_claims(payload: _AccountPayload) -> AccessClaims:
    return AccessClaims(
        account_id=AccountId(payload.sub),
        session_id=SessionId(payload.sid),
        generation=payload.gen,
        issued_at=Micros(payload.iat * MICROS),
        expires_at=Micros(payload.exp * MICROS),
        methods=frozenset(_FACTORS[name] for name in payload.amr if name in _FACTORS),
    )


def _guest_claims(payload: _GuestPayload) -> GuestClaims:
    guest = GuestActor(
        id=GuestId(payload.sub),
        name=payload.name,
        room_id=RoomId(payload.room),
        guest_version=payload.gen,
    )
    return GuestClaims(guest, Micros(payload.iat * MICROS), Micros(payload.exp * MICROS))


def _not_ours() -> Unauthenticated:
    return Unauthenticated("This sign-in is not valid here. Sign in again.")
