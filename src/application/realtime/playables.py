"""Playables over a connection: what each observer's own player needs, told when the item changes and in time after."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

from synctv.application.delivery.playables import Playables
from synctv.application.ports.clock import Clock
from synctv.application.realtime.connection import Observation
from synctv.application.realtime.messages import Changed, Mode, Outgoing, PlayableQuery, PlayableView
from synctv.application.realtime.room import RoomChannel
from synctv.application.realtime.tasks import Tasks
from synctv.domain.errors import Conflict, DomainError
from synctv.domain.ids import Micros, seconds_after

log = logging.getLogger(__name__)

MARGIN_SECONDS = 90.0
"""A playable is made anew so long before its addresses run out: a player needs some of it for the change."""

RETRY_SECONDS = 30.0
NEVER_SECONDS = 86_400.0


@dataclass(slots=True)
class _Fed:
    """One observation that is fed. `woken` says that the room may show something else."""

    keeping: asyncio.Task[None]
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class PlayableFeeds:
    """Feeds the observations of playables, each by a task of its own: asking a provider may take long, and what one
    viewer waits for is nobody else's delay."""

    def __init__(self, playables: Playables, clock: Clock, tasks: Tasks) -> None:
        self._playables = playables
        self._clock = clock
        self._tasks = tasks
        self._fed: dict[Observation, _Fed] = {}

    def begin(self, channel: RoomChannel, observation: Observation, query: PlayableQuery) -> None:
        """Feeds an observation from now on, until it is ended."""
        woken = asyncio.Event()
        keeping = self._tasks.start(self._keep(channel, observation, query, woken), "feeding a player")
        self._fed[observation] = _Fed(keeping, woken)
        observation.on_end = lambda: self._end(observation)

    def playback_changed(self, channel: RoomChannel) -> None:
        """The room may show another item."""
        for observation, fed in self._fed.items():
            if observation.connection.standing.room.id == channel.room_id:
                fed.woken.set()

    def _end(self, observation: Observation) -> None:
        fed = self._fed.pop(observation, None)
        if fed is not None:
            fed.keeping.cancel()

    async def _keep(
        self, channel: RoomChannel, observation: Observation, query: PlayableQuery, woken: asyncio.Event
    ) -> None:
        told: PlayableView | None = None
        while True:
            woken.clear()
            item = channel.playback.item
            view = await self._view(observation, query)
            # Another item meanwhile: what was made is of the past.
            if channel.playback.item == item and view != told:
                told = view
                value = view if observation.mode is Mode.SNAPSHOT else None
                observation.push(0, Outgoing(Changed(observation.id, 0, value)))
            await self._rest(view, woken)

    async def _view(self, observation: Observation, query: PlayableQuery) -> PlayableView:
        standing = observation.connection.standing
        try:
            return PlayableView(await self._playables.of_current(standing.actor, standing.room.id, query.profile))
        except Conflict:
            return PlayableView()
        except DomainError as error:
            return PlayableView(error=error)
        except Exception as error:
            log.exception("A playable could not be made")
            return PlayableView(error=error)

    async def _rest(self, view: PlayableView, woken: asyncio.Event) -> None:
        """Waits until there may be something new to tell."""
        now = self._clock.now()
        until = seconds_after(now, RETRY_SECONDS if view.error is not None else NEVER_SECONDS)
        if view.playable is not None and view.playable.expires_at is not None:
            soonest = seconds_after(now, RETRY_SECONDS)
            until = max(soonest, seconds_after(view.playable.expires_at, -MARGIN_SECONDS))
        waiting = self._tasks.start(self._wake_at(until, woken), "waiting for a playable to run out")
        try:
            await woken.wait()
        finally:
            waiting.cancel()

    async def _wake_at(self, until: Micros, woken: asyncio.Event) -> None:
        await self._clock.sleep_until(until)
        woken.set()
