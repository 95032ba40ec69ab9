"""How one's own account is protected, and two-step sign-in and linked identities."""

from __future__ import annotations

from blacksheep import Response
from msgspec import Struct

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.entrypoints.http.endpoint import API, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.security_views import OWN, SecurityView, security_response
from synctv.entrypoints.http.signed_in import ACCOUNT_BODY_BYTES

_SECURITY = Said("What protects the account now", SecurityView)


class TwoFactorBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Whether one local proof is to be not enough."""

    enabled: bool


class OwnSecurityRoutes:
    """The endpoints of what protects an account as a whole."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint(
                method="GET",
                path=f"{API}/me/security",
                handler=self.show,
                summary="What protects your account",
                tag=OWN,
                answers={200: _SECURITY},
                category=Category.READ,
                codes=("permission_denied",),
            ),
            Endpoint(
                method="PUT",
                path=f"{API}/me/two-factor",
                handler=self.ask_for_two,
                summary="Turn two-step sign-in on or off",
                tag=OWN,
                body=TwoFactorBody,
                answers={200: _SECURITY},
                granted=True,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("permission_denied", "precondition_failed"),
                example={"enabled": True},
            ),
            Endpoint(
                method="DELETE",
                path=f"{API}/me/identities/{{identityId}}",
                handler=self.unlink,
                summary="Unlink an identity of a provider",
                tag=OWN,
                answers={200: _SECURITY},
                granted=True,
                codes=("permission_denied", "precondition_failed"),
            ),
        ]

    async def show(self, exchange: Exchange) -> Response:
        """Shows it all."""
        return await security_response(exchange)

    async def ask_for_two(self, exchange: Exchange) -> Response:
        """Turns two-step sign-in on or off."""
        actor, body = exchange.account, await exchange.body(TwoFactorBody)
        await self._application.security.ask_for_two(actor, exchange.grant, exchange.client, enabled=body.enabled)
        return await security_response(exchange)

    async def unlink(self, exchange: Exchange) -> Response:
        """Unlinks an identity."""
        actor, identity_id = exchange.account, exchange.identity_id
        await self._application.security.unlink(actor, identity_id, exchange.grant, exchange.client)
        return await security_response(exchange)
