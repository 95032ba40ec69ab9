"""Audience: how many watch a room, and how far away the farthest of them is.

The hubs know it; they note it where every process finds it, so that HTTP and realtime may run apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.ports.short_lived import ShortLived
from synctv.domain.errors import Unavailable
from synctv.domain.ids import RoomId

TTL_SECONDS = 30.0
UNKNOWN_LEAD_SECONDS = 0.15


@dataclass(frozen=True, slots=True)
class Heard:
    """How many connections there are, and the lead in seconds with which the farthest of them can join a start."""

    online: int
    lead: float


@dataclass(frozen=True, slots=True)
class Audience:
    """Keeps the note of each room."""

    short_lived: ShortLived

    async def note(self, room_id: RoomId, heard: Heard) -> None:
        """Replaces the room's note; it fades by itself when no hub renews it."""
        value = f"{heard.online} {heard.lead:.4f}".encode()
        await self.short_lived.put(_key(room_id), value, TTL_SECONDS)

    async def of(self, room_id: RoomId) -> Heard:
        """What was noted last. Without an answer playback goes on all the same, with a lead that suits most."""
        try:
            value = await self.short_lived.get(_key(room_id))
        except Unavailable:
            value = None
        if value is None:
            return Heard(0, UNKNOWN_LEAD_SECONDS)
        online, lead = value.split()
        return Heard(int(online), float(lead))


def _key(room_id: RoomId) -> str:
    return f"audience:{room_id}"
