"""What rooms watch, told to the servers that their items come from: from time to time, and when they stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from synctv.application.delivery.progress import Progress, Watched
from synctv.application.ports.clock import Clock
from synctv.application.ports.short_lived import ShortLived
from synctv.application.realtime.room import RoomChannel
from synctv.application.realtime.tasks import Tasks
from synctv.domain.errors import Unavailable
from synctv.domain.ids import RoomId, seconds_after
from synctv.domain.playback.playback import Playing

LOOK_SECONDS = 10.0
_TURN_SECONDS = 8.0
"""Of several nodes with viewers of a room, one tells at a time."""


@dataclass(frozen=True, slots=True)
class ProgressTeller:
    """Looks at the rooms of this node in which who added the item is watching."""

    progress: Progress
    short_lived: ShortLived
    clock: Clock
    tasks: Tasks
    rooms: Callable[[], Iterable[RoomChannel]]

    async def run(self) -> None:
        """Tells until cancelled."""
        told: dict[RoomId, Watched] = {}
        while True:
            await self.clock.sleep_until(seconds_after(self.clock.now(), LOOK_SECONDS))
            told = self._looked(told)

    def _looked(self, before: dict[RoomId, Watched]) -> dict[RoomId, Watched]:
        now = {room.room_id: watched for room in self.rooms() if (watched := self._watched(room)) is not None}
        for room_id, watched in before.items():
            current = now.get(room_id)
            if current is None or current.item.id != watched.item.id:
                self._tell(room_id, watched, ended=True)
        for room_id, watched in now.items():
            if watched.playing or before.get(room_id) != watched:
                self._tell(room_id, watched, ended=False)
        return now

    def _watched(self, room: RoomChannel) -> Watched | None:
        item, playback = room.playback.item, room.playback.playback
        if item is None or not self.progress.wanted(item):
            return None
        # Who is not here has not watched it, whoever else does.
        if all(one.standing.actor.id != item.added_by.id for one in room.connections.values()):
            return None
        return Watched(item, playback.position_at(self.clock.now()), isinstance(playback.motion, Playing))

    def _tell(self, room_id: RoomId, watched: Watched, *, ended: bool) -> None:
        self.tasks.start(self._told(room_id, watched, ended=ended), "telling what is watched")

    async def _told(self, room_id: RoomId, watched: Watched, *, ended: bool) -> None:
        turn = f"progress:{room_id}:{watched.item.id}:{ended}"
        try:
            if not await self.short_lived.add(turn, b"", _TURN_SECONDS):
                return
        except Unavailable:
            pass  # told twice does no harm
        await self.progress.report(watched, ended=ended)
