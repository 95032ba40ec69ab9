"""Signing up."""

from __future__ import annotations

from blacksheep import Response
from msgspec import Struct

from synctv.application.accounts.flows import text_of
from synctv.application.accounts.sessions import SignedIn
from synctv.application.accounts.sign_up import SignUpAnswer, SignUpStarted
from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.domain.accounts.account import Language
from synctv.domain.accounts.policy import SignUpWay
from synctv.domain.errors import Invalid
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.decoding import bytes_in, told_as
from synctv.entrypoints.http.endpoint import API, Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.proofs import Base64Url, Credential, Options
from synctv.entrypoints.http.signed_in import (
    ACCOUNT_BODY_BYTES,
    Seconds,
    SessionView,
    TokenDelivery,
    session_response,
)

_TAG = "Signing up"


class SignUpStartBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """How to sign in from then on. `request` is the first message of OPAQUE, for a password that is not to be sent."""

    way: SignUpWay
    username: str
    email: str | None = None
    request: Base64Url | None = None


class ConfirmationView(Struct, frozen=True, rename="camel"):
    """A letter is under way to the address; it holds the code, or says why there is none."""

    expires_in: Seconds
    resend_after: Seconds


class OpaqueAnswerView(Struct, frozen=True, rename="camel"):
    """The server's message of OPAQUE."""

    response: Base64Url


class CreationView(Struct, frozen=True, rename="camel"):
    """What to ask the authenticator."""

    options: Options


class SignUpStartedView(Struct, frozen=True, rename="camel"):
    """What has to be answered: of these, whatever is not null."""

    flow: str
    email: ConfirmationView | None
    opaque: OpaqueAnswerView | None
    passkey: CreationView | None

    @classmethod
    def of(cls, started: SignUpStarted) -> SignUpStartedView:
        """The view of what was begun."""
        code = started.code
        return cls(
            flow=started.flow,
            email=None if code is None else ConfirmationView(code.expires_in, code.resend_after),
            opaque=None if started.opaque is None else OpaqueAnswerView(text_of(started.opaque)),
            passkey=None if started.passkey is None else CreationView(dict(started.passkey)),
        )


class SignUpBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The answers: the `code` of the letter, and the `password`, the last message of OPAQUE as `upload`, or the new
    passkey as `credential`. Whoever comes from an identity provider may send another `username`."""

    flow: str
    username: str | None = None
    code: str | None = None
    password: str | None = None
    upload: Base64Url | None = None
    credential: Credential | None = None
    passkey_name: str | None = None
    language: Language | None = None
    delivery: TokenDelivery = TokenDelivery.BODY


class InReviewView(Struct, frozen=True, rename="camel"):
    """The account is made, and an operator has to approve it."""

    review: bool = True


class SignUpRoutes:
    """The endpoints of signing up."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """Both."""
        return [
            Endpoint(
                method="POST",
                path=f"{API}/auth/sign-up/start",
                handler=self.start,
                summary="Begin to sign up",
                tag=_TAG,
                body=SignUpStartBody,
                answers={200: Said("What has to be answered", SignUpStartedView)},
                caller=Caller.NOBODY,
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("permission_denied", "already_exists", "precondition_failed"),
                example={"way": "email", "username": "ada", "email": "ada@example.org"},
            ),
            Endpoint(
                method="POST",
                path=f"{API}/auth/sign-up",
                handler=self.finish,
                summary="Sign up",
                tag=_TAG,
                body=SignUpBody,
                answers={
                    201: Said("The account is made and signed in", SessionView),
                    202: Said("The account is made, and waits for an operator", InReviewView),
                },
                caller=Caller.NOBODY,
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("invalid_credentials", "permission_denied", "already_exists", "flow_over"),
                example={"flow": "rXk1…", "code": "482913", "password": "correct horse battery", "language": "en"},
            ),
        ]

    async def start(self, exchange: Exchange) -> Response:
        """Begins."""
        body = await exchange.body(SignUpStartBody)
        request = None if body.request is None else bytes_in(body.request, "request")
        with told_as(message="request"):
            started = await self._application.sign_up.start(
                body.way, body.username, body.email, request, exchange.site, exchange.client
            )
        return json_response(SignUpStartedView.of(started))

    async def finish(self, exchange: Exchange) -> Response:
        """Makes the account."""
        body = await exchange.body(SignUpBody)
        answer = _answer(body)
        with told_as(message="upload", name="passkeyName"):
            result = await self._application.sign_up.finish(body.flow, answer, exchange.site, exchange.client)
        if isinstance(result, SignedIn):
            return session_response(exchange, result, body.delivery, 201)
        return json_response(InReviewView(), 202)


def _answer(body: SignUpBody) -> SignUpAnswer:
    if body.password is not None and body.upload is not None:
        raise Invalid.field("upload", "Send the password or OPAQUE's message, not both.", "contradiction")
    return SignUpAnswer(
        code=body.code,
        password=body.password,
        upload=None if body.upload is None else bytes_in(body.upload, "upload"),
        credential=body.credential,
        passkey_name=body.passkey_name,
        username=body.username,
        language=body.language,
    )
