"""Whether this process lives, and whether it can serve: for whoever starts it and sends it requests."""

from __future__ import annotations

import asyncio

from blacksheep import Response
from msgspec import Struct

from synctv.application.application import Application
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.endpoint import Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange

PROBE_SECONDS = 5.0


class LiveView(Struct, frozen=True):
    """The process answers."""

    status: str


class ReadyView(Struct, frozen=True):
    """`ready`, `draining` or `unavailable`, and which dependencies answer."""

    status: str
    dependencies: dict[str, bool]


class HealthRoutes:
    """The endpoints of health. They are not counted: who watches over a server asks often."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """Both of them."""
        return [
            Endpoint(
                method="GET",
                path="/health/live",
                handler=self.live,
                summary="Whether this process lives",
                tag="Health",
                answers={200: Said("It does", LiveView)},
                caller=Caller.NOBODY,
                category=None,
            ),
            Endpoint(
                method="GET",
                path="/health/ready",
                handler=self.ready,
                summary="Whether this process can serve",
                tag="Health",
                answers={200: Said("It can", ReadyView), 503: Said("It can't now", ReadyView)},
                caller=Caller.NOBODY,
                category=None,
            ),
        ]

    async def live(self, exchange: Exchange) -> Response:
        """Answers."""
        return json_response(LiveView("live"))

    async def ready(self, exchange: Exchange) -> Response:
        """Asks every dependency."""
        health = self._application.health
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                answers = dict(await health.check())
        except TimeoutError:
            # One that is asked and says nothing is as bad as one that refuses; which it was, the log knows.
            return json_response(ReadyView("unavailable", {}), 503)
        if health.draining:
            return json_response(ReadyView("draining", answers), 503)
        ready = all(answers.values())
        return json_response(ReadyView("ready" if ready else "unavailable", answers), 200 if ready else 503)
