"""The first account of a new server."""

from __future__ import annotations

from typing import Annotated

from blacksheep import Response
from msgspec import Meta, Struct

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.entrypoints.http.endpoint import API, Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.signed_in import ACCOUNT_BODY_BYTES, SessionView, TokenDelivery, session_response


class SetupBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The token of the link that the server printed, and the account that becomes root."""

    token: str
    username: str
    password: str
    delivery: TokenDelivery = TokenDelivery.BODY
    allow_home_network: Annotated[
        bool, Meta(description="Whether this server may call media servers in private networks.")
    ] = False


class SetupRoutes:
    """The endpoint of the first start."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """The only one."""
        return [
            Endpoint(
                method="POST",
                path=f"{API}/setup",
                handler=self.complete,
                summary="Create the first account, with the link that the server printed",
                tag="Accounts",
                body=SetupBody,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                answers={201: Said("The account is made and signed in", SessionView)},
                caller=Caller.NOBODY,
                category=Category.AUTH,
                codes=("permission_denied", "conflict"),
                example={"token": "rXk1…", "username": "root", "password": "correct horse battery"},
            )
        ]

    async def complete(self, exchange: Exchange) -> Response:
        """Creates root and signs it in."""
        body = await exchange.body(SetupBody)
        setup = self._application.setup
        signed_in = await setup.complete(
            body.token, body.username, body.password, exchange.client, allow_home_network=body.allow_home_network
        )
        return session_response(exchange, signed_in, body.delivery, 201)
