"""Proving who one is: signing in in one step or two, and grants for what is sensitive."""

from __future__ import annotations

from blacksheep import Response
from msgspec import Struct

from synctv.application.accounts.grants import Grant
from synctv.application.accounts.proofs import Known, Named, Subject
from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.domain.errors import Invalid
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.decoding import bytes_in, told_as
from synctv.entrypoints.http.endpoint import API, Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.proofs import (
    Base64Url,
    CodeSentView,
    OpaqueStartedView,
    PasskeyStartedView,
    ProofBody,
    first_subject,
    proof_of,
)
from synctv.entrypoints.http.signed_in import (
    ACCOUNT_BODY_BYTES,
    Seconds,
    SessionView,
    SignInView,
    TokenDelivery,
    session_response,
    sign_in_response,
)

_TAG = "Signing in"
_PROVING = ("invalid_credentials", "flow_over")
_PROVEN = ("permission_denied", "banned")


class StartBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Whose proof it will be: of somebody who gives a username or an email address, of whoever a second step asks, or
    with neither of the bearer token's account."""

    username: str | None = None
    mfa: str | None = None


class OpaqueStartBody(StartBody, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The first message of OPAQUE, and whose password it is about: as for a code by email, but for addresses, which are
    nobody's here."""

    request: Base64Url


class PasskeyStartBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The second step that it is for, if it is for one. The question is the same for everybody."""

    mfa: str | None = None


class LoginBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The first proof."""

    proof: ProofBody
    delivery: TokenDelivery = TokenDelivery.BODY


class PasswordLoginBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A username (an email address is nobody's here), and a password."""

    username: str
    password: str
    delivery: TokenDelivery = TokenDelivery.BODY


class MfaBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The second proof, and the `id` of the question that the first one led to."""

    mfa: str
    proof: ProofBody
    delivery: TokenDelivery = TokenDelivery.BODY


class GrantBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A proof by whoever is signed in."""

    proof: ProofBody


class GrantView(Struct, frozen=True, rename="camel"):
    """The right to one sensitive operation in this session: it goes into the header `X-Grant`."""

    grant: str
    expires_in: Seconds

    @classmethod
    def of(cls, grant: Grant) -> GrantView:
        """The view of a grant."""
        return cls(grant.text, grant.expires_in)


class AuthRoutes:
    """The endpoints of proofs."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [*self._of_signing_in(), *self._of_starting(), self._of_grants()]

    def _of_signing_in(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{API}/auth/login",
                handler=self.log_in,
                summary="Sign in: the first step, and often the only one",
                tag=_TAG,
                body=LoginBody,
                answers={200: Said("Signed in, or a second step is asked for", SignInView)},
                caller=Caller.NOBODY,
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=(*_PROVING, *_PROVEN),
                example={"proof": {"kind": "email", "flow": "rXk1…", "code": "482913"}, "delivery": "cookie"},
            ),
            Endpoint(
                method="POST",
                path=f"{API}/auth/password/login",
                handler=self.log_in_with_password,
                summary="Sign in with a password, for scripts: the same as a `password` proof",
                tag=_TAG,
                body=PasswordLoginBody,
                answers={200: Said("Signed in, or a second step is asked for", SignInView)},
                caller=Caller.NOBODY,
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("invalid_credentials", *_PROVEN),
                example={"username": "ada", "password": "correct horse battery"},
            ),
            Endpoint(
                method="POST",
                path=f"{API}/auth/mfa",
                handler=self.take_second_step,
                summary="Sign in: the second step, with a proof of another kind than the first",
                tag=_TAG,
                body=MfaBody,
                answers={200: Said("Signed in", SessionView)},
                caller=Caller.NOBODY,
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=(*_PROVING, *_PROVEN),
                example={"mfa": "rXk1…", "proof": {"kind": "totp", "code": "482913"}},
            ),
        ]

    def _of_starting(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{API}/auth/opaque/start",
                handler=self.start_opaque,
                summary="Begin to prove a password that is not sent (OPAQUE, RFC 9807)",
                tag=_TAG,
                body=OpaqueStartBody,
                answers={
                    200: Said(
                        "The server's message; whether there is such an account it does not tell", OpaqueStartedView
                    )
                },
                caller=Caller.ANYBODY,
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("unauthenticated", "token_expired", "permission_denied", "flow_over"),
            ),
            Endpoint(
                method="POST",
                path=f"{API}/auth/passkey/start",
                handler=self.start_passkey,
                summary="Begin to prove a passkey",
                tag=_TAG,
                body=PasskeyStartBody,
                answers={200: Said("What to ask the authenticator", PasskeyStartedView)},
                caller=Caller.ANYBODY,
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("flow_over",),
            ),
            Endpoint(
                method="POST",
                path=f"{API}/auth/email/start",
                handler=self.start_email,
                summary="Send a code by email",
                tag=_TAG,
                body=StartBody,
                answers={
                    200: Said("A code is under way; whether there is such an account it does not tell", CodeSentView)
                },
                caller=Caller.ANYBODY,
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("unauthenticated", "token_expired", "permission_denied", "precondition_failed", "flow_over"),
                example={"username": "ada@example.org"},
            ),
        ]

    def _of_grants(self) -> Endpoint:
        return Endpoint(
            method="POST",
            path=f"{API}/auth/grants",
            handler=self.give_grant,
            summary="Prove again that it is you, for one sensitive operation",
            tag=_TAG,
            body=GrantBody,
            answers={201: Said("The grant", GrantView)},
            category=Category.AUTH,
            max_body_bytes=ACCOUNT_BODY_BYTES,
            codes=(*_PROVING, "permission_denied"),
            example={"proof": {"kind": "password", "password": "correct horse battery"}},
        )

    async def log_in(self, exchange: Exchange) -> Response:
        """Takes the first proof."""
        body = await exchange.body(LoginBody)
        subject, proof = first_subject(body.proof), proof_of(body.proof, exchange)
        with told_as(message="proof.finalization"):
            result = await self._application.sign_in.first_step(subject, proof, exchange.client)
        return sign_in_response(exchange, result, body.delivery)

    async def log_in_with_password(self, exchange: Exchange) -> Response:
        """Takes a password as the first proof."""
        body = await exchange.body(PasswordLoginBody)
        result = await self._application.sign_in.with_password(body.username, body.password, exchange.client)
        return sign_in_response(exchange, result, body.delivery)

    async def take_second_step(self, exchange: Exchange) -> Response:
        """Takes the second proof."""
        body = await exchange.body(MfaBody)
        proof = proof_of(body.proof, exchange)
        with told_as(message="proof.finalization"):
            signed_in = await self._application.sign_in.second_step(body.mfa, proof, exchange.client)
        return session_response(exchange, signed_in, body.delivery)

    async def start_opaque(self, exchange: Exchange) -> Response:
        """Answers the first message of OPAQUE."""
        body = await exchange.body(OpaqueStartBody)
        request = bytes_in(body.request, "request")
        subject = await self._subject(exchange, body)
        with told_as(message="request"):
            started = await self._application.prover.passwords.start_opaque(subject, request, exchange.client)
        return json_response(OpaqueStartedView.of(started))

    async def start_passkey(self, exchange: Exchange) -> Response:
        """Gives an authenticator something to sign."""
        body = await exchange.body(PasskeyStartBody, optional=True)
        if body.mfa is not None:
            await self._application.sign_in.asked(body.mfa, exchange.client)
        started = await self._application.prover.passkeys.start(exchange.site, exchange.client)
        return json_response(PasskeyStartedView.of(started))

    async def start_email(self, exchange: Exchange) -> Response:
        """Sends a code."""
        body = await exchange.body(StartBody, optional=True)
        subject = await self._subject(exchange, body)
        sent = await self._application.prover.email.start(subject, exchange.client)
        return json_response(CodeSentView.of(sent))

    async def give_grant(self, exchange: Exchange) -> Response:
        """Gives a grant for a proof."""
        body = await exchange.body(GrantBody)
        actor, proof = exchange.account, proof_of(body.proof, exchange)
        with told_as(message="proof.finalization"):
            grant = await self._application.grants.give(actor, proof, exchange.client)
        return json_response(GrantView.of(grant), 201)

    async def _subject(self, exchange: Exchange, body: StartBody) -> Subject:
        """Whose proof it will be. Raises `Invalid` when nothing says it, and `FlowOver` for a second step that is."""
        if body.username is not None and body.mfa is not None:
            message = "Say who it is by username or by mfa, not by both."
            raise Invalid.field("mfa", message, "contradiction")
        if body.mfa is not None:
            return Known(await self._application.sign_in.asked(body.mfa, exchange.client))
        if body.username is not None:
            return Named(body.username)
        if exchange.token is not None:
            return Known(exchange.account.id)
        message = "username is missing. Say who you are: a username or an email address."
        raise Invalid.field("username", message, "missing")
