"""What a room plays: showing it, commanding it, and how to get at the bytes."""

from __future__ import annotations

from typing import Annotated, cast

from blacksheep import Response
from msgspec import Meta, Struct

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.application.playback import commands
from synctv.application.playback.commands import Command, Order
from synctv.domain.delivery.profile import profile_of
from synctv.entrypoints.http import ids
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.endpoint import API, UPSTREAM, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.views import HistoryEntryView, PlayableView, PlaybackView

_ROOM = f"{API}/rooms/{{roomId}}"

Seconds = Annotated[float, Meta(description="Seconds.")]


class _Body(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True, tag_field="command"):
    expected_version: int | None = None
    operation_id: Annotated[str, Meta(description="Your own id: repeated, it gets its first answer.")] = ""


class SelectBody(_Body, frozen=True, tag="select"):
    """Shows an item from its beginning on."""

    item_id: str


class PlayBody(_Body, frozen=True, tag="play"):
    """Goes on, from `at` when given."""

    at: Seconds | None = None


class PauseBody(_Body, frozen=True, tag="pause"):
    """Stands still, at `at` when given."""

    at: Seconds | None = None


class SeekBody(_Body, frozen=True, tag="seek"):
    """Goes to a position."""

    position: Seconds


class RateBody(_Body, frozen=True, tag="rate"):
    """Plays at another rate, 0.25 to 4."""

    rate: float


class NextBody(_Body, frozen=True, tag="next"):
    """Shows what comes next."""


class PreviousBody(_Body, frozen=True, tag="previous"):
    """Shows what was shown before."""


class StopBody(_Body, frozen=True, tag="stop"):
    """Shows nothing."""


class PlayFromHistoryBody(_Body, frozen=True, tag="playFromHistory"):
    """Shows again what an entry of the history showed."""

    entry_id: str


CommandBody = (
    SelectBody | PlayBody | PauseBody | SeekBody | RateBody | NextBody | PreviousBody | StopBody | PlayFromHistoryBody
)


class HistoryList(Struct, frozen=True, rename="camel"):
    """What was played, oldest first; all that is kept."""

    items: list[HistoryEntryView]
    next_cursor: None


class PlayableQuery(Struct, frozen=True, rename="camel"):
    """What the player can do: `containers;codecs;h;mode`, each of the parts may be empty or left out at the end.

    `hls,mp4;avc1,mp4a;;proxy_only`: it plays HLS and MP4 with these codecs, sends no headers of our choice, and wants
    everything through the proxy.
    """

    profile: str = ""


class PlaybackRoutes:
    """The endpoints of playback."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint(
                method="GET",
                path=f"{_ROOM}/playback",
                handler=self.show,
                summary="What a room plays now",
                tag="Playback",
                answers={200: Said("The playback", PlaybackView)},
                category=Category.READ,
                codes=("permission_denied",),
            ),
            Endpoint(
                method="POST",
                path=f"{_ROOM}/playback",
                handler=self.command,
                summary="Play, pause, seek, choose: for everybody in the room",
                tag="Playback",
                body=CommandBody,
                answers={200: Said("The playback that this led to", PlaybackView)},
                versioned=True,
                codes=("permission_denied", "conflict"),
                example={"command": "seek", "position": 81.5, "expectedVersion": 7, "operationId": "b0f1"},
            ),
            Endpoint(
                method="GET",
                path=f"{_ROOM}/playable",
                handler=self.playable,
                summary="What a player needs for the item that a room plays now",
                tag="Playback",
                query=PlayableQuery,
                answers={200: Said("The playable", PlayableView)},
                category=Category.MEDIA,
                codes=("permission_denied", "conflict", *UPSTREAM),
            ),
            Endpoint(
                method="GET",
                path=f"{_ROOM}/history",
                handler=self.history,
                summary="What a room played",
                tag="Playback",
                answers={200: Said("The history", HistoryList)},
                category=Category.READ,
                codes=("permission_denied",),
            ),
        ]

    async def show(self, exchange: Exchange) -> Response:
        """Shows the playback."""
        view = await self._application.playback.current(exchange.actor, exchange.room_id)
        return json_response(PlaybackView.of(view))

    async def command(self, exchange: Exchange) -> Response:
        """Carries out a command."""
        body = await exchange.body(cast(type[CommandBody], CommandBody))
        order = Order(_command(body), exchange.expected_version(body.expected_version), body.operation_id)
        view = await self._application.playback.command(exchange.actor, exchange.room_id, order)
        return json_response(PlaybackView.of(view))

    async def playable(self, exchange: Exchange) -> Response:
        """Shows how to get at the bytes."""
        profile = profile_of(exchange.query(PlayableQuery).profile)
        playable = await self._application.playables.of_current(exchange.actor, exchange.room_id, profile)
        return json_response(PlayableView.of(playable))

    async def history(self, exchange: Exchange) -> Response:
        """Lists what was played."""
        entries = await self._application.playback.history(exchange.actor, exchange.room_id)
        return json_response(HistoryList([HistoryEntryView.of(entry, item) for entry, item in entries], None))


def _command(body: CommandBody) -> Command:
    match body:
        case SelectBody():
            return commands.Select(ids.item_id(body.item_id))
        case PlayFromHistoryBody():
            return commands.PlayFromHistory(ids.history_id(body.entry_id))
        case NextBody():
            return commands.Next()
        case PreviousBody():
            return commands.Previous()
        case _:
            return _control(body)


def _control(body: PlayBody | PauseBody | SeekBody | RateBody | StopBody) -> Command:
    match body:
        case PlayBody():
            return commands.Play(body.at)
        case PauseBody():
            return commands.Pause(body.at)
        case SeekBody():
            return commands.Seek(body.position)
        case RateBody():
            return commands.SetRate(body.rate)
        case StopBody():
            return commands.Stop()
