"""Access tokens as JSON Web Tokens, signed with HS256."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jwt

from synctv.adapters.crypto.keys import SigningKey
from synctv.application.ports.ids import Ids
from synctv.application.ports.tokens import AccessClaims, AccessTokens, GuestClaims
from synctv.domain.errors import TokenExpired, Unauthenticated
from synctv.domain.ids import MICROS, AccountId, GuestId, Micros, RoomId, SessionId
from synctv.domain.rooms.actor import GuestActor

ISSUER = "synctv"
ACCOUNT_AUDIENCE = "synctv"
GUEST_AUDIENCE = "synctv:guest"
LEEWAY_SECONDS = 60
MAX_LENGTH = 4_096
_ALGORITHM = "HS256"
_REQUIRED = ["iss", "aud", "sub", "jti", "iat", "exp"]


class JwtAccessTokens(AccessTokens):
    """The first key signs, every key verifies. Times are kept as whole seconds, rounded down."""

    def __init__(self, keys: Sequence[SigningKey], ids: Ids) -> None:
        self._signer = keys[0]
        self._secrets = {key.id: key.secret for key in keys}
        self._ids = ids

    def issue(self, claims: AccessClaims | GuestClaims) -> str:
        """The signed token, with a `jti` of its own."""
        said = _account_payload(claims) if isinstance(claims, AccessClaims) else _guest_payload(claims)
        payload = {
            "iss": ISSUER,
            "jti": self._ids.new("tok"),
            "iat": claims.issued_at // MICROS,
            "exp": claims.expires_at // MICROS,
            **said,
        }
        return jwt.encode(payload, self._signer.secret, _ALGORITHM, headers={"kid": self._signer.id})

    def verify(self, token: str, now: Micros) -> AccessClaims | GuestClaims:
        """What the token says, when one of the keys signed it and `now` is within its time, give or take the leeway."""
        payload = self._payload(token)
        try:
            claims = _account_claims(payload) if payload["aud"] == ACCOUNT_AUDIENCE else _guest_claims(payload)
        except (KeyError, TypeError, ValueError) as error:
            raise _not_ours() from error
        leeway = LEEWAY_SECONDS * MICROS
        if claims.issued_at > now + leeway:
            raise _not_ours()
        if claims.expires_at <= now - leeway:
            raise TokenExpired
        return claims

    def _payload(self, token: str) -> Mapping[str, Any]:
        """What was signed. Times are left to the caller, whose clock it is."""
        if len(token) > MAX_LENGTH:
            raise _not_ours()
        try:
            return jwt.decode(
                token,
                self._secrets[jwt.get_unverified_header(token)["kid"]],
                algorithms=[_ALGORITHM],
                audience=[ACCOUNT_AUDIENCE, GUEST_AUDIENCE],
                issuer=ISSUER,
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise _not_ours() from error


def _account_payload(claims: AccessClaims) -> dict[str, object]:
    return {
        "aud": ACCOUNT_AUDIENCE,
        "sub": claims.account_id,
        "sid": claims.session_id,
        "gen": claims.generation,
    }


def _guest_payload(claims: GuestClaims) -> dict[str, object]:
    guest = claims.guest
    return {
        "aud": GUEST_AUDIENCE,
        "sub": guest.id,
        "name": guest.name,
        "room": guest.room_id,
        "gen": guest.guest_version,
    }


def _account_claims(payload: Mapping[str, Any]) -> AccessClaims:
    return AccessClaims(
        account_id=AccountId(_text(payload, "sub")),
        session_id=SessionId(_text(payload, "sid")),
        generation=_number(payload, "gen"),
        issued_at=Micros(_number(payload, "iat") * MICROS),
        expires_at=Micros(_number(payload, "exp") * MICROS),
    )


def _guest_claims(payload: Mapping[str, Any]) -> GuestClaims:
    guest = GuestActor(
        id=GuestId(_text(payload, "sub")),
        name=_text(payload, "name"),
        room_id=RoomId(_text(payload, "room")),
        guest_version=_number(payload, "gen"),
    )
    issued, expires = (Micros(_number(payload, name) * MICROS) for name in ("iat", "exp"))
    return GuestClaims(guest, issued, expires)


def _text(payload: Mapping[str, Any], name: str) -> str:
    value = payload[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _number(payload: Mapping[str, Any], name: str) -> int:
    value = payload[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(name)
    return value


def _not_ours() -> Unauthenticated:
    return Unauthenticated("This sign-in is not valid here. Sign in again.")
