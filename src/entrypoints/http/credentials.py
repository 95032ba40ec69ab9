"""One's own logins at the servers of providers. What is secret in them goes in, and never comes out."""

from __future__ import annotations

from typing import Annotated

from blacksheep import Response
from msgspec import Meta, Struct

from synctv.application.application import Application
from synctv.application.library.code_sign_ins import CodeShown
from synctv.application.limits.limits import Category
from synctv.domain.ids import CredentialId
from synctv.domain.library.credential import Credential, CredentialState
from synctv.entrypoints.http.answers import json_response, no_content
from synctv.entrypoints.http.endpoint import API, UPSTREAM, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.signed_in import ACCOUNT_BODY_BYTES
from synctv.entrypoints.views import Instant, instant

_CREDENTIALS = f"{API}/me/credentials"
_CREDENTIAL = f"{_CREDENTIALS}/{{credentialId}}"
_TAG = "Providers"


class CredentialView(Struct, frozen=True, rename="camel"):
    """A login, as whom (`label`) and where. `server` is empty at a provider that has only one."""

    id: CredentialId
    provider: str
    server: str
    label: str
    state: CredentialState
    created_at: Instant
    checked_at: Instant

    @classmethod
    def of(cls, credential: Credential) -> CredentialView:
        """The view of a credential."""
        return cls(
            id=credential.id,
            provider=credential.provider,
            server=credential.server,
            label=credential.label,
            state=credential.state,
            created_at=instant(credential.created_at),
            checked_at=instant(credential.checked_at),
        )


class CredentialList(Struct, frozen=True, rename="camel"):
    """All of them, oldest first."""

    items: list[CredentialView]
    next_cursor: None = None


class SignInElsewhereBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """One of the forms that `/providers` tells of, filled in."""

    provider: str
    form: str
    fields: Annotated[dict[str, str], Meta(description="By the names of the form's fields.")]


class CodeView(Struct, frozen=True, rename="camel"):
    """A code to confirm at the provider's server, and the `flow` to ask with, every so many seconds, whether it is."""

    flow: str
    code: str
    expires_at: Instant
    poll_seconds: float

    @classmethod
    def of(cls, shown: CodeShown) -> CodeView:
        """The view of a code."""
        return cls(shown.flow, shown.code, instant(shown.expires_at), shown.every)


class CodeBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The flow of a code."""

    flow: str


class CodeCheckedView(Struct, frozen=True, rename="camel"):
    """The sign-in that confirming the code led to; null until it is confirmed."""

    credential: CredentialView | None


class CredentialRoutes:
    """The endpoints of one's own logins."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [*self._of_all(), *self._of_codes(), *self._of_one()]

    def _of_all(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path=_CREDENTIALS,
                handler=self.list,
                summary="Where you are signed in elsewhere",
                tag=_TAG,
                answers={200: Said("The sign-ins", CredentialList)},
                category=Category.READ,
                codes=("permission_denied",),
            ),
            Endpoint(
                method="POST",
                path=_CREDENTIALS,
                handler=self.sign_in,
                summary="Sign in to a provider's server, anew where you are already",
                tag=_TAG,
                body=SignInElsewhereBody,
                answers={201: Said("The sign-in", CredentialView)},
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("permission_denied", "quota_exceeded", *UPSTREAM),
                example={
                    "provider": "jellyfin",
                    "form": "password",
                    "fields": {"server": "https://media.example.org", "username": "ada", "password": "…"},
                },
            ),
        ]

    def _of_codes(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{_CREDENTIALS}/codes",
                handler=self.begin_code,
                summary="Get a code to sign in to a provider's server with, without a password",
                tag=_TAG,
                body=SignInElsewhereBody,
                answers={201: Said("The code", CodeView)},
                category=Category.AUTH,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("permission_denied", *UPSTREAM),
                example={
                    "provider": "jellyfin",
                    "form": "quick_connect",
                    "fields": {"server": "https://media.example.org"},
                },
            ),
            Endpoint(
                method="POST",
                path=f"{_CREDENTIALS}/codes/check",
                handler=self.check_code,
                summary="Ask whether a code is confirmed, which completes the sign-in",
                tag=_TAG,
                body=CodeBody,
                answers={200: Said("The sign-in, if there is one now", CodeCheckedView)},
                category=Category.MEDIA,
                max_body_bytes=ACCOUNT_BODY_BYTES,
                codes=("permission_denied", "flow_over", "quota_exceeded", *UPSTREAM),
            ),
        ]

    def _of_one(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{_CREDENTIAL}/check",
                handler=self.check,
                summary="Ask the server whether a sign-in is still good",
                tag=_TAG,
                answers={200: Said("The sign-in as it is now", CredentialView)},
                category=Category.MEDIA,
                codes=("permission_denied", *UPSTREAM),
            ),
            Endpoint(
                method="DELETE",
                path=_CREDENTIAL,
                handler=self.remove,
                summary="Forget a sign-in",
                tag=_TAG,
                answers={204: Said("Forgotten")},
                codes=("permission_denied",),
            ),
        ]

    async def list(self, exchange: Exchange) -> Response:
        """Lists them."""
        found = await self._application.credentials.list(exchange.account)
        return json_response(CredentialList([CredentialView.of(credential) for credential in found]))

    async def sign_in(self, exchange: Exchange) -> Response:
        """Signs in."""
        actor, body = exchange.account, await exchange.body(SignInElsewhereBody)
        credentials = self._application.credentials
        credential = await credentials.sign_in(actor, body.provider, body.form, body.fields, exchange.client)
        return json_response(CredentialView.of(credential), 201)

    async def begin_code(self, exchange: Exchange) -> Response:
        """Gets a code."""
        actor, body = exchange.account, await exchange.body(SignInElsewhereBody)
        codes = self._application.code_sign_ins
        shown = await codes.begin(actor, body.provider, body.form, body.fields, exchange.client)
        return json_response(CodeView.of(shown), 201)

    async def check_code(self, exchange: Exchange) -> Response:
        """Completes a sign-in, if it can be."""
        actor, body = exchange.account, await exchange.body(CodeBody)
        found = await self._application.code_sign_ins.check(actor, body.flow, exchange.client)
        return json_response(CodeCheckedView(None if found is None else CredentialView.of(found)))

    async def check(self, exchange: Exchange) -> Response:
        """Asks the server."""
        credential = await self._application.credentials.check(exchange.account, exchange.credential_id)
        return json_response(CredentialView.of(credential))

    async def remove(self, exchange: Exchange) -> Response:
        """Forgets one."""
        await self._application.credentials.remove(exchange.account, exchange.credential_id, exchange.client)
        return no_content()
