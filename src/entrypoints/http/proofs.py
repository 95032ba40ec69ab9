"""Proofs as clients send them, one shape for every occasion, and how those begin that need the server twice."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from synctv.application.accounts import proofs
from synctv.application.accounts.email_codes import CodeSent
from synctv.application.accounts.flows import text_of
from synctv.application.accounts.passkey_proofs import PasskeyStarted
from synctv.application.accounts.password_proofs import OpaqueStarted
from synctv.application.accounts.proofs import Anybody, Named, Proof, Subject
from synctv.domain.errors import Invalid
from synctv.entrypoints.http.decoding import bytes_in
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.signed_in import Seconds

Base64Url = Annotated[str, Meta(description="Bytes as base64url without padding.")]
Credential = Annotated[dict[str, Any], Meta(description="What the browser's authenticator gave, in its JSON form.")]
Options = Annotated[dict[str, Any], Meta(description="What goes to the browser's authenticator, in its JSON form.")]


class _ProofBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    pass


class PasswordProofBody(_ProofBody, frozen=True, kw_only=True, tag="password"):
    """A password. The first step needs to know whose: a username, no email address."""

    username: str | None = None
    password: str


class OpaqueProofBody(_ProofBody, frozen=True, tag="opaque"):
    """The last message of OPAQUE, in the flow that `/auth/opaque/start` began."""

    flow: str
    finalization: Base64Url


class PasskeyProofBody(_ProofBody, frozen=True, tag="passkey"):
    """What an authenticator signed, in the flow that `/auth/passkey/start` began."""

    flow: str
    credential: Credential


class EmailProofBody(_ProofBody, frozen=True, tag="email"):
    """The code of a letter, in the flow that `/auth/email/start` began."""

    flow: str
    code: str


class TotpProofBody(_ProofBody, frozen=True, tag="totp"):
    """A code of an authenticator app. Not for the first step."""

    code: str


class RecoveryProofBody(_ProofBody, frozen=True, tag="recovery"):
    """A recovery code in place of the app's. Not for the first step."""

    code: str


ProofBody = PasswordProofBody | OpaqueProofBody | PasskeyProofBody | EmailProofBody | TotpProofBody | RecoveryProofBody

SecondProofBody = PasskeyProofBody | TotpProofBody | RecoveryProofBody
"""Those that may go beside a code by email."""


class OpaqueStartedView(Struct, frozen=True, rename="camel"):
    """The server's message of OPAQUE, and the flow that it belongs to."""

    flow: str
    response: Base64Url

    @classmethod
    def of(cls, started: OpaqueStarted) -> OpaqueStartedView:
        """The view of the server's message."""
        return cls(started.flow, text_of(started.response))


class PasskeyStartedView(Struct, frozen=True, rename="camel"):
    """What an authenticator is asked, and the flow that it belongs to."""

    flow: str
    options: Options

    @classmethod
    def of(cls, started: PasskeyStarted) -> PasskeyStartedView:
        """The view of what is asked."""
        return cls(started.flow, dict(started.options))


class CodeSentView(Struct, frozen=True, rename="camel"):
    """A code is under way, if there is somebody to get it. It is asked for again after `resendAfter` at the soonest."""

    flow: str
    expires_in: Seconds
    resend_after: Seconds

    @classmethod
    def of(cls, sent: CodeSent) -> CodeSentView:
        """The view of a code."""
        return cls(sent.flow, sent.expires_in, sent.resend_after)


def proof_of(body: ProofBody, exchange: Exchange) -> Proof:
    """The proof in the field `proof`. Raises `Invalid`."""
    match body:
        case PasswordProofBody():
            return proofs.PasswordProof(body.password)
        case OpaqueProofBody():
            return proofs.OpaqueProof(body.flow, bytes_in(body.finalization, "proof.finalization"))
        case PasskeyProofBody():
            return proofs.PasskeyProof(body.flow, body.credential, exchange.site)
        case EmailProofBody():
            return proofs.EmailProof(body.flow, body.code)
        case TotpProofBody():
            return proofs.TotpProof(body.code)
        case RecoveryProofBody():
            return proofs.RecoveryProof(body.code)


def first_subject(body: ProofBody) -> Subject:
    """Whom a first step is about: only a password says it, the other proofs know it themselves. Raises `Invalid`."""
    if not isinstance(body, PasswordProofBody):
        return Anybody()
    if body.username is None:
        message = "proof.username is missing. Say whose password it is."
        raise Invalid.field("proof.username", message, "missing")
    return Named(body.username)
