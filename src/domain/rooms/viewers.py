"""Viewers: who is connected to a room now, and how their players do. Never stored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from synctv.domain.ids import ConnectionId, Micros
from synctv.domain.rooms.actor import ActorRef
from synctv.domain.rooms.permissions import RoomRole


class Readiness(StrEnum):
    """What a player last said of itself. `waiting`: the browser wants its person to press a button first."""

    UNKNOWN = "unknown"
    READY = "ready"
    BUFFERING = "buffering"
    ENDED = "ended"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Viewer:
    """One connection. Drift is in seconds ahead (+) or behind (-) of the shared playback, the round trip in seconds.

    `version` is the playback version that the readiness is about.
    """

    connection_id: ConnectionId
    actor: ActorRef
    role: RoomRole
    since: Micros
    readiness: Readiness = Readiness.UNKNOWN
    version: int = 0
    position: float | None = None
    drift: float | None = None
    round_trip: float | None = None
