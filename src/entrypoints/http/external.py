"""Signing in through identity providers (OAuth2, OpenID Connect): the way there, the way back, and what it was for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

import structlog
from blacksheep import Response
from msgspec import Struct

from synctv.application.accounts.external import Arrival, Newcomer, Purpose
from synctv.application.accounts.flows import FLOW_SECONDS
from synctv.application.accounts.grants import Grant
from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.application.operation.identity_providers import callback_path
from synctv.application.ports.oauth import AuthorizationAnswer
from synctv.domain.accounts.identities import LinkedIdentity
from synctv.domain.errors import DomainError, UpstreamFailed
from synctv.domain.rooms.actor import AccountActor
from synctv.entrypoints.errors import problem_of
from synctv.entrypoints.http import cookies
from synctv.entrypoints.http.answers import NO_STORE, json_response
from synctv.entrypoints.http.auth import GrantView
from synctv.entrypoints.http.endpoint import API, Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.security_views import IdentityView
from synctv.entrypoints.http.signed_in import (
    ACCOUNT_BODY_BYTES,
    MfaView,
    SessionView,
    TokenDelivery,
    sign_in_response,
)

log = structlog.stdlib.get_logger(__name__)

_TAG = "Signing in"
_OAUTH = f"{API}/auth/oauth"
_PAGE = "/signin/done"
_ERROR_CODE = re.compile(r"[a-z_]{1,64}")


class DepartureBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What for: `link` needs who is signed in and a grant, `grant` needs who is signed in."""

    purpose: Purpose


class DepartureView(Struct, frozen=True, rename="camel"):
    """Where to send the browser, which got a cookie to be known by when it is back."""

    url: str


class CallbackQuery(Struct, frozen=True):
    """What the provider says of it (RFC 6749, 4.1.2), and who it is itself (RFC 9207)."""

    state: str = ""
    code: str | None = None
    error: str | None = None
    iss: str | None = None


class FinishBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The `result` that the browser came back to the page with."""

    result: str
    delivery: TokenDelivery = TokenDelivery.BODY


class LinkedView(Struct, frozen=True, rename="camel"):
    """The identity is linked to the account."""

    linked: IdentityView


class NewcomerView(Struct, frozen=True, rename="camel"):
    """Somebody whom nobody here knows: `/auth/sign-up` takes the flow, and a username that may be another one."""

    flow: str
    username: str
    email: str | None
    review: bool


class SignUpOfferView(Struct, frozen=True, rename="camel"):
    """The provider's people may sign up."""

    sign_up: NewcomerView


class ExternalRoutes:
    """The endpoints of identity providers."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [self._of_departing(), self._of_coming_back(), self._of_arriving()]

    def _of_departing(self) -> Endpoint:
        return Endpoint(
            method="POST",
            path=f"{_OAUTH}/{{slug}}/start",
            handler=self.depart,
            summary="Begin to sign in through an identity provider, to link one, or to get a grant by one",
            tag=_TAG,
            body=DepartureBody,
            answers={200: Said("Where to send the browser", DepartureView)},
            caller=Caller.ANYBODY,
            category=Category.AUTH,
            granted=True,
            max_body_bytes=ACCOUNT_BODY_BYTES,
            codes=(
                "unauthenticated",
                "token_expired",
                "permission_denied",
                "upstream_failed",
                "upstream_refused",
                "upstream_timeout",
            ),
            example={"purpose": "signIn"},
        )

    def _of_coming_back(self) -> Endpoint:
        return Endpoint(
            method="GET",
            path=callback_path("{slug}"),
            handler=self.come_back,
            summary="Where this identity provider sends the browser to",
            tag=_TAG,
            query=CallbackQuery,
            answers={303: Said("To the page, with `result`, or `error` and `detail`, in the fragment")},
            caller=Caller.NOBODY,
            # Counted by the handler: whoever comes too often is a person before a page, too.
            category=None,
            cookie=cookies.AWAY.name,
        )

    def _of_arriving(self) -> Endpoint:
        return Endpoint(
            method="POST",
            path=f"{_OAUTH}/finish",
            handler=self.arrive,
            summary="Exchange the result that the browser came back with",
            tag=_TAG,
            body=FinishBody,
            answers={
                200: Said(
                    "What it was for: signed in, linked, a grant, or the offer to sign up",
                    SessionView | MfaView | LinkedView | GrantView | SignUpOfferView,
                )
            },
            caller=Caller.ANYBODY,
            category=Category.AUTH,
            cookie=cookies.AWAY.name,
            max_body_bytes=ACCOUNT_BODY_BYTES,
            codes=(
                "unauthenticated",
                "token_expired",
                "flow_over",
                "not_found",
                "permission_denied",
                "banned",
                "already_exists",
                "quota_exceeded",
            ),
            example={"result": "rXk1…", "delivery": "cookie"},
        )

    async def depart(self, exchange: Exchange) -> Response:
        """Begins the way to a provider."""
        body, slug = await exchange.body(DepartureBody), exchange.part("slug")
        departure = await self._application.external.depart(
            slug,
            body.purpose,
            None if body.purpose is Purpose.SIGN_IN else exchange.account,
            exchange.site.origin + callback_path(slug),
            exchange.client,
            grant=exchange.grant if body.purpose is Purpose.LINK else "",
        )
        response = json_response(DepartureView(departure.url))
        cookies.AWAY.keep(response, departure.browser, FLOW_SECONDS, secure=exchange.secure)
        return response

    async def come_back(self, exchange: Exchange) -> Response:
        """Takes the browser back from a provider, and sends it to the page whatever happened."""
        try:
            await self._application.limits.check_request(Category.AUTH, account=None, address=exchange.address)
            fragment = await self._fragment(exchange)
        except DomainError as error:
            problem = problem_of(error)
            if problem.status >= 500:
                log.warning("somebody could not be taken back from a provider", code=problem.code, detail=str(error))
            fragment = {"error": problem.code, "detail": problem.detail}
        where = f"{_PAGE}#{urlencode(fragment, quote_via=quote)}"
        return Response(303, [NO_STORE, (b"Location", where.encode())])

    async def arrive(self, exchange: Exchange) -> Response:
        """Does what the way was for."""
        body = await exchange.body(FinishBody)
        if exchange.refusal is not None:
            # Nobody to link to, but somebody who meant to be known: the result is kept until they are.
            raise exchange.refusal
        actor = exchange.caller if isinstance(exchange.caller, AccountActor) else None
        arrival = await self._application.external.arrive(body.result, _browser(exchange), actor, exchange.client)
        response = await self._arrived(exchange, arrival, body.delivery)
        cookies.AWAY.forget(response, secure=exchange.secure)
        return response

    async def _fragment(self, exchange: Exchange) -> Mapping[str, str]:
        query, external = exchange.query(CallbackQuery), self._application.external
        slug, browser = exchange.part("slug"), _browser(exchange)
        if query.code and query.error is None:
            answer = AuthorizationAnswer(query.code, query.iss)
            return {"result": await external.came_back(slug, query.state, answer, browser, exchange.client)}
        # First of all, so that an address that somebody made up ends nobody's way and gets into no log.
        await external.left_alone(slug, query.state, browser, exchange.client)
        if query.error == "access_denied":
            return {"error": query.error, "detail": "You did not agree there. Start again, or sign in another way."}
        error = query.error if query.error and _ERROR_CODE.fullmatch(query.error) else ""
        log.warning("a provider sent somebody back without a code", error=error)
        detail = "The provider did not sign you in. Start again, or sign in another way."
        return {"error": UpstreamFailed.code, "detail": detail}

    async def _arrived(self, exchange: Exchange, arrival: Arrival, delivery: TokenDelivery) -> Response:
        match arrival:
            case LinkedIdentity():
                providers = {one.slug: one.name for one in await self._application.external.offered()}
                return json_response(LinkedView(IdentityView.of(arrival, providers)))
            case Grant():
                return json_response(GrantView.of(arrival))
            case Newcomer():
                flow = await self._application.sign_up.welcome(arrival, exchange.client)
                newcomer = NewcomerView(flow, arrival.username, arrival.email, arrival.review)
                return json_response(SignUpOfferView(newcomer))
            case _:
                return sign_in_response(exchange, arrival, delivery)


def _browser(exchange: Exchange) -> str:
    return exchange.request.get_cookie(cookies.AWAY.name) or ""
