"""Setting, changing and removing one's own password."""

from __future__ import annotations

from typing import cast

from blacksheep import Response
from msgspec import Struct

from synctv.application.accounts.own_password import PasswordUpload
from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.entrypoints.http.answers import json_response, no_content
from synctv.entrypoints.http.decoding import bytes_in, told_as
from synctv.entrypoints.http.endpoint import API, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.proofs import Base64Url, OpaqueStartedView
from synctv.entrypoints.http.security_views import OWN
from synctv.entrypoints.http.signed_in import ACCOUNT_BODY_BYTES, SessionView, TokenDelivery, session_response

_PASSWORD = f"{API}/me/password"


class PasswordRequestBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The first message of OPAQUE for a new password."""

    request: Base64Url


class PlainPasswordBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The new password."""

    password: str
    delivery: TokenDelivery = TokenDelivery.BODY


class UploadedPasswordBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The last message of OPAQUE for a new password, in the flow that `/me/password/opaque` began."""

    flow: str
    upload: Base64Url
    delivery: TokenDelivery = TokenDelivery.BODY


PasswordBody = PlainPasswordBody | UploadedPasswordBody


class OwnPasswordRoutes:
    """The endpoints of one's own password."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint(
                method="POST",
                path=f"{_PASSWORD}/opaque",
                handler=self.answer_opaque,
                summary="Begin to set a new password that is not sent (OPAQUE, RFC 9807)",
                tag=OWN,
                body=PasswordRequestBody,
                answers={200: Said("The server's message", OpaqueStartedView)},
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("permission_denied",),
            ),
            Endpoint(
                method="PUT",
                path=_PASSWORD,
                handler=self.change,
                summary="Set the password; every other session of the account ends",
                tag=OWN,
                body=PasswordBody,
                answers={200: Said("New tokens for this session", SessionView)},
                category=Category.AUTH,
                granted=True,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("permission_denied", "flow_over"),
                example={"password": "correct horse battery", "delivery": "cookie"},
            ),
            Endpoint(
                method="DELETE",
                path=_PASSWORD,
                handler=self.remove,
                summary="Remove the password",
                tag=OWN,
                answers={204: Said("Removed")},
                granted=True,
                codes=("permission_denied", "not_found", "precondition_failed"),
            ),
        ]

    async def answer_opaque(self, exchange: Exchange) -> Response:
        """Answers the first message of OPAQUE."""
        actor, body = exchange.account, await exchange.body(PasswordRequestBody)
        request = bytes_in(body.request, "request")
        with told_as(message="request"):
            started = await self._application.password.answer_registration(actor, request, exchange.client)
        return json_response(OpaqueStartedView.of(started))

    async def change(self, exchange: Exchange) -> Response:
        """Sets the password."""
        actor, body = exchange.account, await exchange.body(cast(type[PasswordBody], PasswordBody))
        new = body.password if isinstance(body, PlainPasswordBody) else _upload(body)
        with told_as(message="upload"):
            signed_in = await self._application.password.change(actor, new, exchange.grant, exchange.client)
        return session_response(exchange, signed_in, body.delivery)

    async def remove(self, exchange: Exchange) -> Response:
        """Removes the password."""
        await self._application.password.remove(exchange.account, exchange.grant, exchange.client)
        return no_content()


def _upload(body: UploadedPasswordBody) -> PasswordUpload:
    return PasswordUpload(body.flow, bytes_in(body.upload, "upload"))
