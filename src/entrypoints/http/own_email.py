"""Setting, changing and removing one's own email address."""

from __future__ import annotations

from blacksheep import Response
from msgspec import Struct

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.endpoint import API, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.proofs import CodeSentView
from synctv.entrypoints.http.security_views import OWN, SecurityView, security_response
from synctv.entrypoints.http.signed_in import ACCOUNT_BODY_BYTES

_EMAIL = f"{API}/me/email"


class NewEmailBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The address."""

    email: str


class EmailCodeBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The code of the letter."""

    flow: str
    code: str


class OwnEmailRoutes:
    """The endpoints of one's own address."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint(
                method="POST",
                path=f"{_EMAIL}/start",
                handler=self.start,
                summary="Send a code to a new address",
                tag=OWN,
                body=NewEmailBody,
                answers={200: Said("A code is under way, unless the address is somebody else's", CodeSentView)},
                category=Category.AUTH,
                granted=True,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("permission_denied", "precondition_failed"),
                example={"email": "ada@example.org"},
            ),
            Endpoint(
                method="POST",
                path=_EMAIL,
                handler=self.confirm,
                summary="Make an address yours, with the code that was sent there",
                tag=OWN,
                body=EmailCodeBody,
                answers={200: Said("What protects the account now", SecurityView)},
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("permission_denied", "invalid_credentials", "already_exists", "flow_over"),
                example={"flow": "rXk1…", "code": "482913"},
            ),
            Endpoint(
                method="DELETE",
                path=_EMAIL,
                handler=self.remove,
                summary="Remove the address",
                tag=OWN,
                answers={200: Said("What protects the account now", SecurityView)},
                granted=True,
                codes=("permission_denied", "not_found", "precondition_failed"),
            ),
        ]

    async def start(self, exchange: Exchange) -> Response:
        """Sends a code."""
        actor, body = exchange.account, await exchange.body(NewEmailBody)
        sent = await self._application.email.start(actor, body.email, exchange.grant, exchange.client)
        return json_response(CodeSentView.of(sent))

    async def confirm(self, exchange: Exchange) -> Response:
        """Takes the code."""
        actor, body = exchange.account, await exchange.body(EmailCodeBody)
        await self._application.email.confirm(actor, body.flow, body.code, exchange.client)
        return await security_response(exchange)

    async def remove(self, exchange: Exchange) -> Response:
        """Removes the address."""
        await self._application.email.remove(exchange.account, exchange.grant, exchange.client)
        return await security_response(exchange)
