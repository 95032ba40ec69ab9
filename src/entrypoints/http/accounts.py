"""Signing in and out, and who one is."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from blacksheep import Response
from msgspec import Meta, Struct

from synctv.application.accounts.sessions import SignedIn
from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.application.rooms.guests import Admitted
from synctv.domain.errors import Unauthenticated
from synctv.domain.ids import GuestId, RoomId
from synctv.entrypoints.http import cookies
from synctv.entrypoints.http.answers import json_response, no_content
from synctv.entrypoints.http.endpoint import API, Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.views import AccountView

Seconds = Annotated[float, Meta(description="Seconds.")]


class TokenDelivery(StrEnum):
    """How the refresh token is handed over: as a cookie that scripts can't read, or in the body."""

    COOKIE = "cookie"
    BODY = "body"


class LoginBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A username and a password."""

    username: str
    password: str
    delivery: TokenDelivery = TokenDelivery.BODY


class RefreshBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The refresh token; without one the cookie is used."""

    refresh_token: str | None = None


class GuestBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The room, by id or invite code, and the name to be shown there."""

    room: str
    display_name: str


class SessionView(Struct, frozen=True, rename="camel", kw_only=True):
    """The tokens of a sign-in. `refreshToken` is null when it went into the cookie."""

    access_token: str
    refresh_token: str | None
    token_type: str = "Bearer"  # noqa: S105 - the name of the scheme, no secret
    expires_in: Seconds
    account: AccountView


class GuestView(Struct, frozen=True, rename="camel"):
    """A guest."""

    id: GuestId
    display_name: str


class GuestSessionView(Struct, frozen=True, rename="camel"):
    """A guest's token, for the one room."""

    token: str
    expires_in: Seconds
    guest: GuestView
    room_id: RoomId

    @classmethod
    def of(cls, admitted: Admitted) -> GuestSessionView:
        """The view of an admission."""
        guest = admitted.guest
        return cls(admitted.token, admitted.expires_in, GuestView(guest.id, guest.name), guest.room_id)


_SIGNED_IN = Said("Signed in", SessionView)


def session_response(exchange: Exchange, signed_in: SignedIn, delivery: TokenDelivery, status: int = 200) -> Response:
    """What a sign-in answers, with the refresh token where the client wants it."""
    by_cookie = delivery is TokenDelivery.COOKIE
    view = SessionView(
        access_token=signed_in.access_token,
        refresh_token=None if by_cookie else signed_in.refresh_token,
        expires_in=signed_in.expires_in,
        account=AccountView.of(signed_in.account),
    )
    response = json_response(view, status)
    if by_cookie:
        cookies.keep(response, signed_in.refresh_token, signed_in.refresh_expires_in, secure=exchange.secure)
    return response


class AccountRoutes:
    """The endpoints of sign-in."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [*self._of_sessions(), *self._of_people()]

    def _of_sessions(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{API}/auth/password/login",
                handler=self.log_in,
                summary="Sign in with a password",
                tag="Accounts",
                body=LoginBody,
                answers={200: _SIGNED_IN},
                caller=Caller.NOBODY,
                category=Category.AUTH,
                codes=("invalid_credentials", "banned"),
                example={"username": "ada", "password": "correct horse battery"},
            ),
            Endpoint(
                method="POST",
                path=f"{API}/auth/refresh",
                handler=self.refresh,
                summary="Get new tokens for a refresh token, which is used up with this",
                tag="Accounts",
                body=RefreshBody,
                answers={200: _SIGNED_IN},
                caller=Caller.NOBODY,
                codes=("unauthenticated", "token_expired", "banned"),
            ),
            Endpoint(
                method="POST",
                path=f"{API}/auth/logout",
                handler=self.log_out,
                summary="End this session",
                tag="Accounts",
                answers={204: Said("Signed out")},
            ),
        ]

    def _of_people(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{API}/auth/guest",
                handler=self.enter_as_guest,
                summary="Enter a room as a guest",
                tag="Accounts",
                body=GuestBody,
                answers={200: Said("Admitted", GuestSessionView)},
                caller=Caller.NOBODY,
                category=Category.AUTH,
                codes=("permission_denied", "not_found"),
                example={"room": "7KQ2M9XA", "displayName": "Grace"},
            ),
            Endpoint(
                method="GET",
                path=f"{API}/me",
                handler=self.me,
                summary="Your own account",
                tag="Accounts",
                answers={200: Said("The account", AccountView)},
                category=Category.READ,
            ),
        ]

    async def log_in(self, exchange: Exchange) -> Response:
        """Signs in with a password."""
        body = await exchange.body(LoginBody)
        signed_in = await self._application.sign_in.with_password(body.username, body.password, exchange.client)
        return session_response(exchange, signed_in, body.delivery)

    async def refresh(self, exchange: Exchange) -> Response:
        """Rotates the refresh token of the body or the cookie; the new one goes where the old one came from."""
        body = await exchange.body(RefreshBody)
        in_cookie = exchange.request.get_cookie(cookies.NAME)
        token = body.refresh_token or in_cookie
        if not token:
            raise Unauthenticated
        signed_in = await self._application.sessions.refresh(token)
        delivery = TokenDelivery.BODY if body.refresh_token else TokenDelivery.COOKIE
        return session_response(exchange, signed_in, delivery)

    async def log_out(self, exchange: Exchange) -> Response:
        """Ends the session of the access token."""
        await self._application.sessions.end(exchange.account)
        response = no_content()
        cookies.forget(response, secure=exchange.secure)
        return response

    async def enter_as_guest(self, exchange: Exchange) -> Response:
        """Gives a guest its token."""
        body = await exchange.body(GuestBody)
        admitted = await self._application.guests.enter(body.room, body.display_name, exchange.address)
        return json_response(GuestSessionView.of(admitted))

    async def me(self, exchange: Exchange) -> Response:
        """Shows the caller's own account."""
        return json_response(AccountView.of(await self._application.identity.account(exchange.account)))
