"""The HTTP entrypoint as an ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import blacksheep
from blacksheep import Request, Response
from blacksheep.server.routing import Router, RoutesRegistry

from synctv.application.application import Application
from synctv.entrypoints.http.accounts import AccountRoutes
from synctv.entrypoints.http.auth import AuthRoutes
from synctv.entrypoints.http.chat import ChatRoutes
from synctv.entrypoints.http.credentials import CredentialRoutes
from synctv.entrypoints.http.docs import DocsRoutes
from synctv.entrypoints.http.endpoint import Endpoint, admit
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.external import ExternalRoutes
from synctv.entrypoints.http.findings import FindingRoutes
from synctv.entrypoints.http.folders import FolderRoutes
from synctv.entrypoints.http.health import HealthRoutes
from synctv.entrypoints.http.idempotency import once
from synctv.entrypoints.http.information import InformationRoutes
from synctv.entrypoints.http.library import LibraryRoutes
from synctv.entrypoints.http.media import MediaRoutes
from synctv.entrypoints.http.media_response import PiecewiseApplication
from synctv.entrypoints.http.members import MemberRoutes
from synctv.entrypoints.http.openapi import DescriptionRoutes
from synctv.entrypoints.http.options import HttpOptions
from synctv.entrypoints.http.own_authenticator import OwnAuthenticatorRoutes
from synctv.entrypoints.http.own_data import OwnDataRoutes
from synctv.entrypoints.http.own_email import OwnEmailRoutes
from synctv.entrypoints.http.own_passkeys import OwnPasskeyRoutes
from synctv.entrypoints.http.own_password import OwnPasswordRoutes
from synctv.entrypoints.http.own_security import OwnSecurityRoutes
from synctv.entrypoints.http.own_sessions import OwnSessionRoutes
from synctv.entrypoints.http.pipeline import pipeline
from synctv.entrypoints.http.playback import PlaybackRoutes
from synctv.entrypoints.http.providers import ProviderRoutes
from synctv.entrypoints.http.refusals import no_route, wrong_method
from synctv.entrypoints.http.reset import ResetRoutes
from synctv.entrypoints.http.rooms import RoomRoutes
from synctv.entrypoints.http.setup import SetupRoutes
from synctv.entrypoints.http.sign_up import SignUpRoutes
from synctv.entrypoints.http.tickets import TicketRoutes
from synctv.entrypoints.http.web_page import page_response

_NOT_THE_PAGE = ("api", "docs", "health", "media")
"""First parts of addresses that are never the page's."""

_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
_READING = ("GET", "HEAD")


class _Application(PiecewiseApplication):
    """Takes handlers as they are. All have the shape for which the library would look at each of them, which takes
    longer than everything else about starting."""

    def normalize_handlers(self) -> None:
        """Brings the routes into the order in which they are tried."""
        self.router.sort_routes()  # type: ignore[no-untyped-call]


def create_app(application: Application, options: HttpOptions) -> blacksheep.Application:
    """The ASGI application. `await app.start()` comes before its first request, `await app.stop()` after its last."""
    router = Router()
    for endpoint in endpoints(application, options):
        handler = _handler(endpoint, application, options)
        router.add(endpoint.method, endpoint.route, handler)
        if endpoint.method == "GET":
            router.add("HEAD", endpoint.route, handler)
    router.fallback = _fallback(router, options)
    app = _Application(router=router)
    # Both would otherwise be shared by all applications of the process.
    app.controllers_router = RoutesRegistry()
    app.middlewares.append(pipeline(options))
    return app


def endpoints(application: Application, options: HttpOptions) -> list[Endpoint]:
    """Everything that has an address, but for the page."""
    found = [
        *InformationRoutes(application, options).endpoints(),
        *SetupRoutes(application).endpoints(),
        *AuthRoutes(application).endpoints(),
        *ExternalRoutes(application).endpoints(),
        *SignUpRoutes(application).endpoints(),
        *ResetRoutes(application).endpoints(),
        *AccountRoutes(application).endpoints(),
        *OwnSecurityRoutes(application).endpoints(),
        *OwnPasswordRoutes(application).endpoints(),
        *OwnEmailRoutes(application).endpoints(),
        *OwnPasskeyRoutes(application).endpoints(),
        *OwnAuthenticatorRoutes(application).endpoints(),
        *OwnSessionRoutes(application).endpoints(),
        *OwnDataRoutes(application).endpoints(),
        *ProviderRoutes(application).endpoints(),
        *CredentialRoutes(application).endpoints(),
        *RoomRoutes(application).endpoints(),
        *MemberRoutes(application).endpoints(),
        *LibraryRoutes(application).endpoints(),
        *FindingRoutes(application).endpoints(),
        *FolderRoutes(application).endpoints(),
        *PlaybackRoutes(application).endpoints(),
        *MediaRoutes(application).endpoints(),
        *ChatRoutes(application).endpoints(),
        *TicketRoutes(application).endpoints(),
        *HealthRoutes(application).endpoints(),
    ]
    if options.openapi:
        description = DescriptionRoutes(options)
        found += description.endpoints()
        if options.docs:
            found += DocsRoutes().endpoints()
        description.describe(found)
    return found


def _handler(
    endpoint: Endpoint, application: Application, options: HttpOptions
) -> Callable[[Request], Awaitable[Response]]:
    body_limit = min(options.max_body_bytes, endpoint.max_body_bytes or options.max_body_bytes)

    async def handle(request: Request) -> Response:
        exchange = Exchange(request, application, options, body_limit)
        await admit(endpoint, exchange)
        if endpoint.repeatable:
            return await once(exchange, endpoint.handler)
        return await endpoint.handler(exchange)

    return handle


def _fallback(router: Router, options: HttpOptions) -> Callable[[Request], Awaitable[Response]]:
    async def unmatched(request: Request) -> Response:
        path = request.path
        if allowed := [method for method in _METHODS if router.get_matching_route(method, path) is not None]:
            raise wrong_method(request.method, allowed)
        if options.page is None or path.strip("/").partition("/")[0].lower() in _NOT_THE_PAGE:
            raise no_route(path)
        if request.method not in _READING:
            raise wrong_method(request.method, _READING)
        response = await page_response(options.page, request)
        if response is None:
            raise no_route(path)
        return response

    return unmatched
