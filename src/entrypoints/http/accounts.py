"""Sessions, guests, and who one is."""

from __future__ import annotations

from blacksheep import Response
from msgspec import Struct

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.application.rooms.guests import Admitted
from synctv.domain.accounts.account import Language
from synctv.domain.errors import Unauthenticated
from synctv.domain.ids import GuestId, RoomId
from synctv.entrypoints.http import cookies
from synctv.entrypoints.http.answers import json_response, no_content
from synctv.entrypoints.http.endpoint import API, Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.signed_in import ACCOUNT_BODY_BYTES, Seconds, SessionView, TokenDelivery, session_response
from synctv.entrypoints.views import AccountView


class RefreshBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The refresh token; without one the cookie is used."""

    refresh_token: str | None = None


class GuestBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The room, by id or invite code, and the name to be shown there."""

    room: str
    display_name: str


class AccountChangeBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What is to be different. `language` is the one of letters; null leaves it to the program that asks for one."""

    language: Language | None


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


class AccountRoutes:
    """The endpoints of sessions, guests and accounts."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [*self._of_sessions(), *self._of_people()]

    def _of_sessions(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{API}/auth/refresh",
                handler=self.refresh,
                summary="Get new tokens for a refresh token, which is used up with this",
                tag="Accounts",
                body=RefreshBody,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                answers={200: Said("Signed in", SessionView)},
                caller=Caller.NOBODY,
                cookie=cookies.REFRESH.name,
                codes=("unauthenticated", "token_expired", "permission_denied", "banned", "mfa_required"),
            ),
            Endpoint(
                method="POST",
                path=f"{API}/auth/logout",
                handler=self.log_out,
                summary="End this session",
                tag="Accounts",
                answers={204: Said("Signed out")},
                codes=("permission_denied",),
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
                max_body_bytes=ACCOUNT_BODY_BYTES,
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
                codes=("permission_denied",),
            ),
            Endpoint(
                method="PATCH",
                path=f"{API}/me",
                handler=self.change,
                summary="Change your own account",
                tag="Accounts",
                body=AccountChangeBody,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                answers={200: Said("The account", AccountView)},
                codes=("permission_denied",),
                example={"language": "en"},
            ),
        ]

    async def refresh(self, exchange: Exchange) -> Response:
        """Rotates the refresh token of the body or the cookie; the new one goes where the old one came from."""
        body = await exchange.body(RefreshBody)
        in_cookie = exchange.request.get_cookie(cookies.REFRESH.name)
        token = body.refresh_token or in_cookie
        if not token:
            raise Unauthenticated
        signed_in = await self._application.sessions.refresh(token, exchange.client)
        delivery = TokenDelivery.BODY if body.refresh_token else TokenDelivery.COOKIE
        return session_response(exchange, signed_in, delivery)

    async def log_out(self, exchange: Exchange) -> Response:
        """Ends the session of the access token."""
        await self._application.sessions.sign_out(exchange.account, exchange.client)
        response = no_content()
        cookies.REFRESH.forget(response, secure=exchange.secure)
        return response

    async def enter_as_guest(self, exchange: Exchange) -> Response:
        """Gives a guest its token."""
        body = await exchange.body(GuestBody)
        admitted = await self._application.guests.enter(body.room, body.display_name, exchange.address)
        return json_response(GuestSessionView.of(admitted))

    async def me(self, exchange: Exchange) -> Response:
        """Shows the caller's own account."""
        return json_response(AccountView.of(await self._application.identity.account(exchange.account)))

    async def change(self, exchange: Exchange) -> Response:
        """Changes the caller's own account."""
        body = await exchange.body(AccountChangeBody)
        return json_response(AccountView.of(await self._application.security.speak(exchange.account, body.language)))
