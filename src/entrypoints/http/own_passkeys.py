"""Adding, naming and removing one's own passkeys."""

from __future__ import annotations

from blacksheep import Response
from msgspec import Struct

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.endpoint import API, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.proofs import Credential, PasskeyStartedView
from synctv.entrypoints.http.security_views import OWN, PasskeyView, SecurityView, security_response
from synctv.entrypoints.http.signed_in import ACCOUNT_BODY_BYTES

_PASSKEYS = f"{API}/me/passkeys"
_PASSKEY = f"{_PASSKEYS}/{{passkeyId}}"


class NewPasskeyBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What the authenticator made, and what its holder calls it."""

    flow: str
    credential: Credential
    name: str


class PasskeyNameBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Another name."""

    name: str


class OwnPasskeyRoutes:
    """The endpoints of one's own passkeys."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [*self._of_adding(), *self._of_having()]

    def _of_adding(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{_PASSKEYS}/start",
                handler=self.start,
                summary="Begin to make a passkey",
                tag=OWN,
                answers={200: Said("What to ask the authenticator", PasskeyStartedView)},
                category=Category.AUTH,
                granted=True,
                codes=("invalid_argument", "permission_denied", "quota_exceeded"),
            ),
            Endpoint(
                method="POST",
                path=_PASSKEYS,
                handler=self.add,
                summary="Add a passkey",
                tag=OWN,
                body=NewPasskeyBody,
                answers={201: Said("The passkey", PasskeyView)},
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("permission_denied", "already_exists", "flow_over", "quota_exceeded"),
            ),
        ]

    def _of_having(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="PATCH",
                path=_PASSKEY,
                handler=self.rename,
                summary="Name a passkey",
                tag=OWN,
                body=PasskeyNameBody,
                answers={200: Said("The passkey", PasskeyView)},
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("permission_denied",),
                example={"name": "Phone"},
            ),
            Endpoint(
                method="DELETE",
                path=_PASSKEY,
                handler=self.remove,
                summary="Remove a passkey",
                tag=OWN,
                answers={200: Said("What protects the account now", SecurityView)},
                granted=True,
                codes=("permission_denied", "precondition_failed"),
            ),
        ]

    async def start(self, exchange: Exchange) -> Response:
        """Begins to make one."""
        started = await self._application.passkeys.start(
            exchange.account, exchange.grant, exchange.site, exchange.client
        )
        return json_response(PasskeyStartedView.of(started))

    async def add(self, exchange: Exchange) -> Response:
        """Takes what the authenticator made."""
        actor, body = exchange.account, await exchange.body(NewPasskeyBody)
        passkey = await self._application.passkeys.add(
            actor, body.flow, body.credential, body.name, exchange.site, exchange.client
        )
        return json_response(PasskeyView.of(passkey), 201)

    async def rename(self, exchange: Exchange) -> Response:
        """Gives one another name."""
        actor, body = exchange.account, await exchange.body(PasskeyNameBody)
        passkey = await self._application.passkeys.rename(actor, exchange.passkey_id, body.name, exchange.client)
        return json_response(PasskeyView.of(passkey))

    async def remove(self, exchange: Exchange) -> Response:
        """Removes one."""
        actor, passkey_id = exchange.account, exchange.passkey_id
        await self._application.passkeys.remove(actor, passkey_id, exchange.grant, exchange.client)
        return await security_response(exchange)
