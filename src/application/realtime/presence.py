"""Presence: who is connected to a room at this node and at the others, and what follows from how their players do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from synctv.application.ports.bus import NodePresence
from synctv.application.realtime.audience import Heard
from synctv.application.realtime.messages import PresenceView, Report
from synctv.domain.ids import ConnectionId, Micros, NodeId, RoomId, seconds_after
from synctv.domain.playback.playback import MAX_LEAD_SECONDS
from synctv.domain.rooms.viewers import Readiness, Viewer

HEARTBEAT_SECONDS = 5.0
SILENCE_SECONDS = 15.0
SHOWN_VIEWERS = 200
START_SECONDS = 0.12
"""What a player needs to start once it knows when: reading the frame, and waking its decoder."""


@dataclass(slots=True)
class Presence:
    """The viewers of one room. Those of a node that has been silent for 15 s are forgotten."""

    room_id: RoomId
    node_id: NodeId
    local: dict[ConnectionId, Viewer] = field(default_factory=dict)
    _others: dict[NodeId, NodePresence] = field(default_factory=dict)

    def reported(self, connection_id: ConnectionId, report: Report) -> Viewer | None:
        """Takes over what a player says; the viewer before it, or None for an unknown connection."""
        before = self.local.get(connection_id)
        if before is not None:
            self.local[connection_id] = replace(
                before,
                readiness=report.readiness,
                version=report.version,
                position=report.position,
                drift=report.drift,
                round_trip=report.round_trip,
            )
        return before

    def knows(self, node_id: NodeId) -> bool:
        """Whether the node has viewers here, or is this one."""
        return node_id == self.node_id or node_id in self._others

    def heard_of(self, other: NodePresence, now: Micros) -> bool:
        """Takes over what another node says; whether it is news. Its own clock may be wrong, so `now` is ours."""
        if other.node_id == self.node_id:
            return False
        known = self._others.get(other.node_id)
        if other.viewers:
            self._others[other.node_id] = replace(other, at=now)
        else:
            self._others.pop(other.node_id, None)
        return (known.viewers if known else ()) != other.viewers

    def forget_silent(self, now: Micros) -> bool:
        """Drops the nodes that fell silent; whether there were any."""
        limit = seconds_after(now, -SILENCE_SECONDS)
        silent = [node for node, presence in self._others.items() if presence.at < limit]
        for node in silent:
            del self._others[node]
        return bool(silent)

    def mine(self, now: Micros) -> NodePresence:
        """What this node tells the others."""
        return NodePresence(self.room_id, self.node_id, now, tuple(self.local.values()))

    def all(self) -> list[Viewer]:
        """Every viewer, in no particular order."""
        viewers = list(self.local.values())
        for presence in self._others.values():
            viewers.extend(presence.viewers)
        return viewers

    def view(self) -> PresenceView:
        """What observers of the presence see: the longest connected first."""
        viewers = sorted(self.all(), key=lambda viewer: (viewer.since, viewer.connection_id))
        return PresenceView(viewers[:SHOWN_VIEWERS], len(viewers))

    def heard(self) -> Heard:
        """How many there are, and the lead that lets the farthest of them join a start.

        A command reaches a viewer after half a round trip, and later when the network is uneven: so 1.5 times that,
        and what a player needs to start, but never more than the lead that people would notice.
        """
        viewers = self.all()
        slowest = max((viewer.round_trip or 0.0 for viewer in viewers), default=0.0)
        return Heard(len(viewers), min(START_SECONDS + 1.5 * slowest / 2, MAX_LEAD_SECONDS))

    def interval(self) -> float:
        """Seconds between two pushes of the presence: longer for larger rooms, where each costs more."""
        return 0.25 + len(self.local) / 200


@dataclass(slots=True)
class Barrier:
    """Who is being waited for. A viewer whom the room went on without does not count until it is ready again.

    `dropped` has the playback version at which the room lost patience with each.
    """

    dropped: dict[ConnectionId, int] = field(default_factory=dict)

    def missing(self, viewers: list[Viewer], version: int) -> list[Viewer]:
        """The viewers that can play but have not said that they are ready for this version of the playback."""
        return [viewer for viewer in viewers if self._counts(viewer) and not _ready(viewer, version)]

    def stalled(self, viewer: Viewer, version: int) -> bool:
        """Whether a viewer ran out of buffer while this version was playing, so that the others should wait."""
        buffering = viewer.readiness is Readiness.BUFFERING and viewer.version == version
        return buffering and self._counts(viewer)

    def went_on_without(self, missing: list[Viewer], version: int) -> None:
        """The wait is over: these drop out of it."""
        self.dropped.update({viewer.connection_id: version for viewer in missing})

    def returned(self, viewers: Mapping[ConnectionId, Viewer]) -> None:
        """Counts those again who have become ready since, and forgets those who left."""
        self.dropped = {
            connection: version
            for connection, version in self.dropped.items()
            if connection in viewers and not _ready(viewers[connection], version)
        }

    def _counts(self, viewer: Viewer) -> bool:
        able = viewer.readiness not in (Readiness.UNKNOWN, Readiness.WAITING)
        return able and viewer.connection_id not in self.dropped


def _ready(viewer: Viewer, version: int) -> bool:
    return viewer.readiness in (Readiness.READY, Readiness.ENDED) and viewer.version >= version


def agreed_end(viewers: list[Viewer], trusted: set[ConnectionId], version: int) -> bool:
    """Whether an item of unknown duration has ended: somebody who may choose what plays says so, or most viewers do."""
    ended = [viewer for viewer in viewers if viewer.readiness is Readiness.ENDED and viewer.version == version]
    watching = [viewer for viewer in viewers if viewer.readiness not in (Readiness.UNKNOWN, Readiness.WAITING)]
    return any(viewer.connection_id in trusted for viewer in ended) or len(ended) * 2 > len(watching)
