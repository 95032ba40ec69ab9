"""One open connection: who it is, what it observes, and how pushes reach it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from synctv.application.ports.transport import Transport
from synctv.application.realtime.messages import (
    ChatQuery,
    Goodbye,
    GoodbyeCode,
    HistoryQuery,
    LibraryQuery,
    MembersQuery,
    Mode,
    Observe,
    Outgoing,
    PlaybackQuery,
    PresenceQuery,
    Query,
)
from synctv.application.realtime.outbox import Outbox
from synctv.application.realtime.session import Begin, Carry, End, Session
from synctv.application.rooms.access import Standing
from synctv.domain.errors import Denied, NotFound
from synctv.domain.ids import MICROS, ConnectionId, Micros
from synctv.domain.rooms.permissions import Permission
from synctv.domain.rooms.viewers import Viewer

SLOW_SECONDS = 30.0
UNREAD_BYTES = 4 * 1024 * 1024
"""So much of what it asked for may wait for a client that reads slowly."""


def _nothing() -> None:
    """What most observations do when they end."""


@dataclass(slots=True, eq=False)
class Observation:
    """A subscription of a connection. Events up to `since` are part of what it has been given.

    While its first value is being loaded (`loading`), the pushes of later events wait in `pending`, and `lost` says
    that what it observes has gone. `on_end` is called when it ends.
    """

    connection: Connection
    id: str
    query: Query
    mode: Mode
    since: int = 0
    loading: bool = True
    lost: NotFound | None = None
    on_end: Callable[[], None] = _nothing
    pending: list[tuple[int, Outgoing]] = field(default_factory=list)

    @property
    def ordered(self) -> bool:
        """Whether every single push counts, rather than the newest value."""
        return isinstance(self.query, PlaybackQuery | ChatQuery)

    def push(self, seq: int, outgoing: Outgoing) -> None:
        """Pushes what event `seq` made (0: not from the log), unless it is in what the observer has already."""
        if self.loading:
            self.pending.append((seq, outgoing))
        elif seq == 0 or seq > self.since:
            self.connection.push(outgoing, None if self.ordered else self.id)

    def loaded(self, since: int) -> None:
        """The first value has been sent, true at `since`; what came later follows."""
        self.since = since
        self.loading = False
        pending, self.pending = self.pending, []
        for seq, outgoing in pending:
            self.push(seq, outgoing)


@dataclass(slots=True, eq=False)
class Connection:
    """An open connection to one room.

    `work` is what it asked for and has not been carried out; `congested` is the node's set of connections that have
    something waiting.
    """

    id: ConnectionId
    standing: Standing
    transport: Transport
    session: Session
    viewer: Viewer
    outbox: Outbox
    congested: set[Connection]
    observations: dict[str, Observation] = field(default_factory=dict)
    work: deque[Begin | End | Carry] = field(default_factory=deque)
    working: bool = False
    congested_since: Micros | None = None

    def send(self, outgoing: Outgoing) -> None:
        """Answers a request. Answers do not wait behind pushes; a client that leaves too many unread is let go."""
        if self.transport.backlog() < UNREAD_BYTES:
            self.transport.send(outgoing)
        else:
            self._too_slow()

    def push(self, outgoing: Outgoing, replaces: str | None) -> None:
        """Pushes a message, at once if the client keeps up. A client that falls too far behind is let go."""
        if not self.outbox and self.transport.backlog() < self.session.limits.backlog_bytes:
            self.transport.send(outgoing)
        elif self.outbox.put(outgoing, replaces):
            self.congested.add(self)
        else:
            self._too_slow()

    def flush(self, now: Micros) -> bool:
        """Sends what waits, as far as the client takes it; whether the connection is congested still."""
        while self.outbox and self.transport.backlog() < self.session.limits.backlog_bytes:
            outgoing = self.outbox.take()
            if outgoing is not None:
                self.transport.send(outgoing)
        if not self.outbox:
            self.congested_since = None
            return False
        if self.congested_since is None:
            self.congested_since = now
        elif now - self.congested_since > SLOW_SECONDS * MICROS:
            self._too_slow()
        return True

    def close(self, code: GoodbyeCode, message: str, reconnect_after: float | None = None) -> None:
        """Says goodbye and ends."""
        self.transport.close(Goodbye(code, message, reconnect_after))

    def _too_slow(self) -> None:
        self.close(GoodbyeCode.TOO_SLOW, "This connection can't keep up. Connect again to see the present.", 1.0)

    def observe(self, observe: Observe) -> Observation:
        """Registers an observation whose first value is still to be loaded. Raises `Denied`."""
        self.require(observe.query)
        observation = Observation(self, observe.id, observe.query, observe.mode)
        self.observations[observe.id] = observation
        return observation

    def require(self, query: Query) -> None:
        """Raises `Denied` unless the connection may observe this now."""
        permission = required_permission(query)
        if permission is not None:
            self.standing.require(permission)

    def forbidden(self) -> list[tuple[Observation, Denied]]:
        """The observations that the connection may not have any more, but for those that have not been answered."""
        found = []
        for observation in self.observations.values():
            try:
                self.require(observation.query)
            except Denied as error:
                if not observation.loading:
                    found.append((observation, error))
        return found


def required_permission(query: Query) -> Permission | None:
    """What it takes to observe a resource; None: being in the room."""
    return _REQUIRED.get(type(query))


_REQUIRED: Mapping[type, Permission] = {
    LibraryQuery: Permission.BROWSE_LIBRARY,
    HistoryQuery: Permission.BROWSE_LIBRARY,
    ChatQuery: Permission.VIEW_CHAT_HISTORY,
    MembersQuery: Permission.VIEW_MEMBERS,
    PresenceQuery: Permission.VIEW_MEMBERS,
}
