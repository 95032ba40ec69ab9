"""What the server says of itself: its features, its time, and where its realtime side is."""

from __future__ import annotations

from blacksheep import Response
from msgspec import Struct

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.domain.ids import Micros
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.endpoint import API, Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.options import HttpOptions
from synctv.entrypoints.http.realtime_url import realtime_url
from synctv.entrypoints.views import Instant, instant


class FeaturesView(Struct, frozen=True, rename="camel"):
    """What can be done here."""

    setup_required: bool
    guests: bool
    password_sign_in: bool
    sign_up: bool


class ServerView(Struct, frozen=True, rename="camel"):
    """The server. `realtimeUrl` is what WebSocket addresses begin with."""

    name: str
    version: str
    api_version: str
    features: FeaturesView
    realtime_url: str
    time: Instant


class TimeView(Struct, frozen=True, rename="camel"):
    """The server's clock, in microseconds since the Unix epoch."""

    unix_micros: Micros


class InformationRoutes:
    """The endpoints that need no sign-in."""

    def __init__(self, application: Application, options: HttpOptions) -> None:
        self._application = application
        self._options = options

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint(
                method="GET",
                path=f"{API}/server",
                handler=self.server,
                summary="What this server is and can do",
                tag="Server",
                answers={200: Said("The server", ServerView)},
                caller=Caller.NOBODY,
                category=Category.READ,
            ),
            Endpoint(
                method="GET",
                path=f"{API}/time",
                handler=self.time,
                summary="The server's clock",
                tag="Server",
                answers={200: Said("The time", TimeView)},
                caller=Caller.NOBODY,
                category=Category.READ,
            ),
        ]

    async def server(self, exchange: Exchange) -> Response:
        """Describes the server."""
        application = self._application
        features = FeaturesView(
            setup_required=await application.setup.required(),
            guests=application.guests.access.guests_allowed,
            password_sign_in=True,
            sign_up=False,
        )
        view = ServerView(
            name=self._options.server_name,
            version=self._options.version,
            api_version="v1",
            features=features,
            realtime_url=realtime_url(exchange),
            time=instant(application.clock.now()),
        )
        return json_response(view)

    async def time(self, exchange: Exchange) -> Response:
        """Tells the time."""
        return json_response(TimeView(self._application.clock.now()))
