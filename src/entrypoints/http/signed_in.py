"""What a sign-in answers: tokens, or the question for a second proof."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from blacksheep import Response
from msgspec import Meta, Struct

from synctv.application.accounts.sessions import SignedIn
from synctv.application.accounts.sign_in import MfaChallenge
from synctv.domain.accounts.factors import Factor
from synctv.entrypoints.http import cookies
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.views import AccountView

Seconds = Annotated[float, Meta(description="Seconds.")]

ACCOUNT_BODY_BYTES = 1 << 16
"""Nothing that proves somebody is longer. What is, is refused before it is read."""


class TokenDelivery(StrEnum):
    """How the refresh token is handed over: as a cookie that scripts can't read, or in the body."""

    COOKIE = "cookie"
    BODY = "body"


class SessionView(Struct, frozen=True, rename="camel", kw_only=True):
    """The tokens of a sign-in. `refreshToken` is null when it went into the cookie."""

    access_token: str
    refresh_token: str | None
    token_type: str = "Bearer"  # noqa: S105 - the name of the scheme, no secret
    expires_in: Seconds
    account: AccountView


class MfaChallengeView(Struct, frozen=True, rename="camel"):
    """The first step is done. A proof of one of `methods` has to follow, with this `id`."""

    id: str
    methods: list[Factor]
    expires_in: Seconds


class MfaView(Struct, frozen=True, rename="camel"):
    """The account asks for a second step."""

    mfa: MfaChallengeView


SignInView = SessionView | MfaView


def session_response(exchange: Exchange, signed_in: SignedIn, delivery: TokenDelivery, status: int = 200) -> Response:
    """The tokens, with the one for refreshing where the client wants it."""
    by_cookie = delivery is TokenDelivery.COOKIE
    view = SessionView(
        access_token=signed_in.access_token,
        refresh_token=None if by_cookie else signed_in.refresh_token,
        expires_in=signed_in.expires_in,
        account=AccountView.of(signed_in.account),
    )
    response = json_response(view, status)
    if by_cookie:
        seconds = signed_in.refresh_expires_in
        cookies.REFRESH.keep(response, signed_in.refresh_token, seconds, secure=exchange.secure)
    return response


def sign_in_response(exchange: Exchange, result: SignedIn | MfaChallenge, delivery: TokenDelivery) -> Response:
    """The tokens, or what has to follow."""
    if isinstance(result, SignedIn):
        return session_response(exchange, result, delivery)
    return json_response(MfaView(MfaChallengeView(result.id, list(result.methods), result.expires_in)))
