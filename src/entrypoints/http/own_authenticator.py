"""Setting up and removing one's own authenticator app, and its recovery codes."""

from __future__ import annotations

from typing import Annotated

from blacksheep import Response
from msgspec import Meta, Struct

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.endpoint import API, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.security_views import OWN, SecurityView, security_response
from synctv.entrypoints.http.signed_in import ACCOUNT_BODY_BYTES

_TOTP = f"{API}/me/totp"


class AuthenticatorStartedView(Struct, frozen=True, rename="camel"):
    """A new secret, which counts when the app has given a code for it."""

    flow: str
    secret: Annotated[str, Meta(description="As it is typed into an app: base32.")]
    uri: Annotated[str, Meta(description="As an app reads it from a QR code.")]


class AuthenticatorCodeBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The app's code."""

    flow: str
    code: str


class RecoveryCodesView(Struct, frozen=True, rename="camel"):
    """All recovery codes that there are. They are shown this once, and each works once."""

    recovery_codes: list[str]


class OwnAuthenticatorRoutes:
    """The endpoints of one's own authenticator app."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [*self._of_adding(), *self._of_having()]

    def _of_adding(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{_TOTP}/start",
                handler=self.start,
                summary="Begin to set up an authenticator app",
                tag=OWN,
                answers={200: Said("The secret for the app", AuthenticatorStartedView)},
                category=Category.AUTH,
                granted=True,
                codes=("permission_denied",),
            ),
            Endpoint(
                method="POST",
                path=_TOTP,
                handler=self.confirm,
                summary="Set the app up, with its first code; one that was there before is replaced",
                tag=OWN,
                body=AuthenticatorCodeBody,
                answers={201: Said("Recovery codes for the day that the app is gone", RecoveryCodesView)},
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("permission_denied", "invalid_credentials", "flow_over"),
                example={"flow": "rXk1…", "code": "482913"},
            ),
        ]

    def _of_having(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="DELETE",
                path=_TOTP,
                handler=self.remove,
                summary="Remove the authenticator app and its recovery codes",
                tag=OWN,
                answers={200: Said("What protects the account now", SecurityView)},
                granted=True,
                codes=("permission_denied", "not_found", "precondition_failed"),
            ),
            Endpoint(
                method="POST",
                path=f"{API}/me/recovery-codes",
                handler=self.replace_codes,
                summary="Get new recovery codes; the old ones work no more",
                tag=OWN,
                answers={201: Said("The codes", RecoveryCodesView)},
                category=Category.AUTH,
                granted=True,
                codes=("permission_denied", "not_found"),
            ),
        ]

    async def start(self, exchange: Exchange) -> Response:
        """Makes a secret."""
        started = await self._application.authenticator.start(exchange.account, exchange.grant, exchange.client)
        return json_response(AuthenticatorStartedView(started.flow, started.secret, started.uri))

    async def confirm(self, exchange: Exchange) -> Response:
        """Takes the first code."""
        actor, body = exchange.account, await exchange.body(AuthenticatorCodeBody)
        codes = await self._application.authenticator.confirm(actor, body.flow, body.code, exchange.client)
        return json_response(RecoveryCodesView(list(codes)), 201)

    async def remove(self, exchange: Exchange) -> Response:
        """Removes the app."""
        await self._application.authenticator.remove(exchange.account, exchange.grant, exchange.client)
        return await security_response(exchange)

    async def replace_codes(self, exchange: Exchange) -> Response:
        """Makes new recovery codes."""
        codes = await self._application.authenticator.new_codes(exchange.account, exchange.grant, exchange.client)
        return json_response(RecoveryCodesView(list(codes)), 201)
