"""A new password for somebody who lost the old one."""

from __future__ import annotations

from typing import cast

from blacksheep import Response
from msgspec import Struct

from synctv.application.accounts.flows import text_of
from synctv.application.accounts.reset import ResetOpened
from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.domain.accounts.factors import Factor
from synctv.entrypoints.http.answers import json_response, no_content
from synctv.entrypoints.http.decoding import bytes_in, told_as
from synctv.entrypoints.http.endpoint import API, Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.proofs import (
    Base64Url,
    CodeSentView,
    PasskeyStartedView,
    SecondProofBody,
    proof_of,
)
from synctv.entrypoints.http.sign_up import OpaqueAnswerView
from synctv.entrypoints.http.signed_in import ACCOUNT_BODY_BYTES

_TAG = "Resetting a password"
_RESET = f"{API}/auth/reset"


class ResetStartBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Whose password it is: a username or an email address."""

    username: str


class ResetCodeBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The code of the letter."""

    flow: str
    code: str


class ResetLinkBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The token of the operator's link."""

    token: str


ResetVerifyBody = ResetCodeBody | ResetLinkBody


class ResetOpenedView(Struct, frozen=True, rename="camel"):
    """Who may choose a new password. Where there are `methods`, a proof of one of them has to come with it."""

    flow: str
    username: str
    methods: list[Factor]

    @classmethod
    def of(cls, opened: ResetOpened) -> ResetOpenedView:
        """The view of an opened reset."""
        return cls(opened.flow, opened.username, list(opened.methods))


class ResetOpaqueBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The first message of OPAQUE for the new password."""

    flow: str
    request: Base64Url


class ResetPasskeyBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The reset that a passkey is to be proven for."""

    flow: str


class PlainResetBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The new password, and the second proof where one is needed."""

    flow: str
    password: str
    proof: SecondProofBody | None = None


class UploadedResetBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The last message of OPAQUE for the new password, and the second proof where one is needed."""

    flow: str
    upload: Base64Url
    proof: SecondProofBody | None = None


ResetBody = PlainResetBody | UploadedResetBody


class ResetRoutes:
    """The endpoints of resetting."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [*self._of_opening(), *self._of_proving(), self._of_completing()]

    def _of_opening(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{_RESET}/start",
                handler=self.start,
                summary="Send a code for a new password",
                tag=_TAG,
                body=ResetStartBody,
                answers={
                    200: Said("A code is under way; whether there is such an account it does not tell", CodeSentView)
                },
                caller=Caller.NOBODY,
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("precondition_failed",),
                example={"username": "ada@example.org"},
            ),
            Endpoint(
                method="POST",
                path=f"{_RESET}/verify",
                handler=self.verify,
                summary="Begin to choose a new password, with the code of the letter or the operator's link",
                tag=_TAG,
                body=ResetVerifyBody,
                answers={200: Said("The password may be chosen", ResetOpenedView)},
                caller=Caller.NOBODY,
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("invalid_credentials", "permission_denied", "flow_over"),
                example={"flow": "rXk1…", "code": "482913"},
            ),
        ]

    def _of_proving(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{_RESET}/opaque",
                handler=self.answer_opaque,
                summary="Begin to set a new password that is not sent (OPAQUE, RFC 9807)",
                tag=_TAG,
                body=ResetOpaqueBody,
                answers={200: Said("The server's message", OpaqueAnswerView)},
                caller=Caller.NOBODY,
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("flow_over",),
            ),
            Endpoint(
                method="POST",
                path=f"{_RESET}/passkey",
                handler=self.start_passkey,
                summary="Begin to prove a passkey as the second proof",
                tag=_TAG,
                body=ResetPasskeyBody,
                answers={200: Said("What to ask the authenticator", PasskeyStartedView)},
                caller=Caller.NOBODY,
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("flow_over",),
                example={"flow": "rXk1…"},
            ),
        ]

    def _of_completing(self) -> Endpoint:
        return Endpoint(
            method="POST",
            path=_RESET,
            handler=self.complete,
            summary="Set the new password; every session of the account ends",
            tag=_TAG,
            body=ResetBody,
            answers={204: Said("The password is set. Sign in with it")},
            caller=Caller.NOBODY,
            category=Category.AUTH,
            max_body_bytes=ACCOUNT_BODY_BYTES,
            codes=("invalid_credentials", "mfa_required", "flow_over"),
            example={"flow": "rXk1…", "password": "correct horse battery"},
        )

    async def start(self, exchange: Exchange) -> Response:
        """Sends a code."""
        body = await exchange.body(ResetStartBody)
        return json_response(CodeSentView.of(await self._application.reset.start(body.username, exchange.client)))

    async def verify(self, exchange: Exchange) -> Response:
        """Takes the code or the link."""
        body = await exchange.body(cast(type[ResetVerifyBody], ResetVerifyBody))
        reset = self._application.reset
        if isinstance(body, ResetLinkBody):
            opened = await reset.open_link(body.token, exchange.client)
        else:
            opened = await reset.open(body.flow, body.code, exchange.client)
        return json_response(ResetOpenedView.of(opened))

    async def answer_opaque(self, exchange: Exchange) -> Response:
        """Answers the first message of OPAQUE."""
        body = await exchange.body(ResetOpaqueBody)
        request = bytes_in(body.request, "request")
        with told_as(message="request"):
            response = await self._application.reset.answer_registration(body.flow, request, exchange.client)
        return json_response(OpaqueAnswerView(text_of(response)))

    async def start_passkey(self, exchange: Exchange) -> Response:
        """Gives an authenticator something to sign."""
        body = await exchange.body(ResetPasskeyBody)
        await self._application.reset.whose(body.flow, exchange.client)
        started = await self._application.prover.passkeys.start(exchange.site, exchange.client)
        return json_response(PasskeyStartedView.of(started))

    async def complete(self, exchange: Exchange) -> Response:
        """Sets the new password."""
        body = await exchange.body(cast(type[ResetBody], ResetBody))
        new = body.password if isinstance(body, PlainResetBody) else bytes_in(body.upload, "upload")
        proof = None if body.proof is None else proof_of(body.proof, exchange)
        with told_as(message="upload"):
            await self._application.reset.complete(body.flow, new, proof, exchange.client)
        return no_content()
