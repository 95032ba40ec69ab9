"""The conductor of one room: does at its time what the playback does by itself.

Every node that serves the room has one, and all of them may act at the same moment; the database lets one win.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from synctv.application.realtime.connection import Connection
from synctv.application.realtime.messages import Report
from synctv.application.realtime.presence import agreed_end
from synctv.application.realtime.room import RoomChannel
from synctv.application.realtime.services import Services
from synctv.application.realtime.tasks import Tasks
from synctv.application.rooms.access import Standing
from synctv.domain.errors import Unavailable
from synctv.domain.ids import ConnectionId, ItemId, Micros, RoomId, seconds_after
from synctv.domain.playback.playback import Holding, Playing, Reason
from synctv.domain.rooms.permissions import Permission
from synctv.domain.rooms.viewers import Viewer

GRACE_SECONDS = 2.0
"""After a start nobody is held up for this long: players that begin say that they buffer."""


RETRY_SECONDS = 1.0

_Act = Callable[[RoomId, int], Coroutine[Any, Any, bool]]


class Conductor:
    """Ends items, holds for viewers and lets go again. Call it when the playback or a viewer changed."""

    def __init__(self, channel: RoomChannel, services: Services, tasks: Tasks) -> None:
        self._channel = channel
        self._services = services
        self._tasks = tasks
        self._timer: asyncio.Task[None] | None = None
        self._learning: set[ItemId] = set()
        self._asked: tuple[str, int] | None = None
        self._held: int | None = None

    def playback_changed(self) -> None:
        """Sets the timer anew, and lets a hold go at once when nobody has to be waited for."""
        self._note_patience()
        self.set_timer()
        self.viewers_changed()

    def set_timer(self) -> None:
        """Sets the timer anew. All that is done where the viewers of other nodes are not known yet."""
        self.stop()
        playback = self._channel.playback.playback
        self._held = playback.version if isinstance(playback.motion, Holding) else None
        due = self._due()
        if due is not None:
            self._timer = self._tasks.start(self._wait(due, self._version()), "waiting for the playback")

    def viewers_changed(self) -> None:
        """Looks whether a hold is over, or the item, as far as the viewers decide it.

        Every report of every player leads here, so that it looks at the viewers only when they decide something.
        """
        channel, version = self._channel, self._version()
        playback = channel.playback.playback
        holding = isinstance(playback.motion, Holding)
        endless = playback.moving and playback.item is not None and playback.item.duration is None
        if not (holding or endless or channel.barrier.dropped):
            return
        viewers = channel.presence.all()
        channel.barrier.returned({viewer.connection_id: viewer for viewer in viewers})
        if holding and not channel.barrier.missing(viewers, version):
            self._once("release", self._services.course.ready)
        elif endless and agreed_end(viewers, self._trusted(), version):
            self._once("advance", self._services.course.advance)

    def reported(self, connection: Connection, report: Report) -> None:
        """Takes a player's report into account, after the presence has."""
        playback = self._channel.playback.playback
        if playback.item is None or playback.item.id != report.item_id:
            return
        if report.duration is not None and playback.item.duration is None and not playback.item.live:
            self._learn(connection, report.item_id, report.duration)
        viewer = self._channel.presence.local.get(connection.id)
        if viewer is not None and self._must_hold(viewer):
            self._once("hold", self._services.course.hold)
        self.viewers_changed()

    def stop(self) -> None:
        """Cancels the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _version(self) -> int:
        return self._channel.playback.playback.version

    def _due(self) -> Micros | None:
        playback = self._channel.playback.playback
        if isinstance(playback.motion, Holding):
            return playback.motion.until
        ends = playback.ends_at()
        return None if ends is None else seconds_after(ends, self._channel.room.settings.auto_play.delay_seconds)

    async def _wait(self, due: Micros, version: int) -> None:
        clock, course = self._services.clock, self._services.course
        holding = isinstance(self._channel.playback.playback.motion, Holding)
        await clock.sleep_until(due)
        while True:
            try:
                await (course.give_up_waiting if holding else course.advance)(self._channel.room_id, version)
                return
            except Unavailable:
                # Nobody else would do it later.
                await clock.sleep_until(seconds_after(clock.now(), RETRY_SECONDS))

    def _note_patience(self) -> None:
        """Notes whom the room went on without, whichever node decided it."""
        channel, playback = self._channel, self._channel.playback.playback
        if playback.reason is Reason.TIMEOUT and self._held is not None:
            channel.barrier.went_on_without(channel.barrier.missing(channel.presence.all(), self._held), self._held)

    def _must_hold(self, viewer: Viewer) -> bool:
        playback = self._channel.playback.playback
        if not (isinstance(playback.motion, Playing) and self._channel.room.settings.wait_for_buffering.enabled):
            return False
        began = seconds_after(playback.motion.anchor, GRACE_SECONDS)
        return self._services.clock.now() > began and self._channel.barrier.stalled(viewer, playback.version)

    def _trusted(self) -> set[ConnectionId]:
        connections = self._channel.connections.values()
        return {one.id for one in connections if one.standing.may(Permission.NAVIGATE_PLAYBACK)}

    def _learn(self, connection: Connection, item_id: ItemId, duration: float) -> None:
        if item_id in self._learning or not connection.standing.may(Permission.CONTROL_PLAYBACK_STATE):
            return
        self._learning.add(item_id)
        self._tasks.start(self._learn_once(connection.standing, item_id, duration), "learning a duration")

    async def _learn_once(self, standing: Standing, item_id: ItemId, duration: float) -> None:
        try:
            await self._services.items.learn_duration(standing, item_id, duration)
        except Unavailable:
            self._learning.discard(item_id)
            raise

    def _once(self, what: str, act: _Act) -> None:
        # One attempt for each version. While the storage is away, the next report brings another.
        asked = what, self._version()
        if self._asked != asked:
            self._asked = asked
            self._tasks.start(self._attempt(asked, act), f"playback: {what}")

    async def _attempt(self, asked: tuple[str, int], act: _Act) -> None:
        try:
            await act(self._channel.room_id, asked[1])
        except Unavailable:
            if self._asked == asked:
                self._asked = None
            raise
