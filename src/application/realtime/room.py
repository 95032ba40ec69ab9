"""One room at one node: its connections, and the order in which they learn what happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from synctv.application.playback.stage import PlaybackView
from synctv.application.realtime.connection import Connection, Observation
from synctv.application.realtime.messages import (
    Changed,
    ChatView,
    Mode,
    Observed,
    ObserveFailed,
    Outgoing,
    PlayableQuery,
    PlaybackQuery,
    PresenceQuery,
    Query,
    SelfQuery,
    SelfView,
    View,
)
from synctv.application.realtime.observers import Observers
from synctv.application.realtime.presence import Barrier, Presence
from synctv.application.realtime.reading import Loaded, Reader, concerns, told_by
from synctv.domain.errors import DomainError, NotFound
from synctv.domain.ids import ConnectionId, RoomId
from synctv.domain.rooms.events import LoggedEvent, PlaybackChanged
from synctv.domain.rooms.room import Room

_NOT_IN_THE_LOG = PresenceQuery | SelfQuery | PlayableQuery

EARLY_EVENTS = 1_000
"""So many events may wait for one that is missing; more are read from the log again."""


@dataclass(slots=True)
class RoomChannel:
    """Delivers the room's events in their order, each once, to whoever observes what they change.

    `seq` is the last event that was delivered. Events wait in `early` until all that are ahead of them are delivered.
    """

    room: Room
    seq: int
    playback: PlaybackView
    presence: Presence
    reader: Reader
    connections: dict[ConnectionId, Connection] = field(default_factory=dict)
    observers: Observers = field(default_factory=Observers)
    barrier: Barrier = field(default_factory=Barrier)
    early: dict[int, LoggedEvent] = field(default_factory=dict)
    _true_at: dict[Query, int] = field(default_factory=dict)

    @property
    def room_id(self) -> RoomId:
        """Whose channel it is."""
        return self.room.id

    # ------------------------------------------------------------ events

    def arrived(self, event: LoggedEvent) -> bool:
        """Takes an event in, from wherever it comes and however often; whether it is news."""
        if event.seq <= self.seq or event.seq in self.early:
            return False
        if len(self.early) < EARLY_EVENTS:
            self.early[event.seq] = event
        return True

    def due(self) -> LoggedEvent | None:
        """The event that comes next, or None when it has not arrived."""
        return self.early.get(self.seq + 1)

    def newest(self) -> int:
        """The number of the newest event that has arrived."""
        return max(self.early, default=self.seq)

    async def read_missing(self) -> bool:
        """Reads from the log what has been missed; False when the log no longer holds it, and a fresh start is due."""
        missed = await self.reader.missed(self.room_id, self.seq)
        if missed is None:
            return False
        for event in missed:
            self.early[event.seq] = event
        return True

    async def start_afresh(self) -> None:
        """Gives every observer the value as it is now, whatever lies between."""
        self.early.clear()
        current = await self.reader.load(self.room_id, PlaybackQuery())
        for query in self.observers.queries():
            if not isinstance(query, _NOT_IN_THE_LOG):
                await self._tell_anew(query)
        # What happened while this was read is told as usual, to those whose value is older.
        self.seq = max(self.seq, current.seq)
        if isinstance(current.view, PlaybackView):
            self.playback = current.view

    async def deliver(self, event: LoggedEvent) -> None:
        """Tells the observers what the event that is due changed. Its consequences for who may be here come before.

        When it raises, the event stays due, and delivering it again tells only who has not been told.
        """
        if isinstance(event.event, PlaybackChanged):
            self.playback = PlaybackView(event.event.playback, event.event.item)
        for query in self.observers.queries():
            if not concerns(event.event, query) or self._true_at.get(query, 0) >= event.seq:
                continue
            view = told_by(event.event, query)
            if view is None:
                await self._tell_anew(query)
            else:
                self._tell(query, Loaded(view, event.seq))
        self.early.pop(event.seq, None)
        self.seq = event.seq

    async def _tell_anew(self, query: Query) -> None:
        try:
            loaded = await self.reader.load(self.room_id, query)
        except NotFound as error:
            self._lose(query, error)
        else:
            self._tell(query, loaded)

    def _lose(self, query: Query, error: NotFound) -> None:
        # What is gone is no reason to deliver the event again: it would stay due for ever.
        self._true_at.pop(query, None)
        for observation in self.observers.of(query):
            if observation.loading:
                observation.lost = error
            else:
                self._drop(observation, error)

    def _tell(self, query: Query, loaded: Loaded) -> None:
        self._true_at[query] = loaded.seq
        self.observers.tell(query, loaded.seq, loaded.view)

    # ------------------------------------------------------------ observations

    async def begin(self, observation: Observation, request_seq: int, after_seq: int | None) -> None:
        """Answers a new observation and sends its first value, or what was missed since `after_seq`.

        Events that arrive meanwhile wait with the observation, so that none is lost and none is told twice. Raises
        `Denied` when the permission went meanwhile, and `NotFound` for what isn't there (any more).
        """
        self.observers.add(observation)
        if isinstance(observation.query, PlayableQuery):
            observation.connection.send(Outgoing(Observed(observation.id, self.seq, changed=True), request_seq))
            observation.loaded(self.seq)
            return
        missed = None
        if after_seq is not None and not isinstance(observation.query, _NOT_IN_THE_LOG):
            missed = await self.reader.missed(self.room_id, after_seq)
        if missed is None:
            loaded = await self._first_value(observation)
            views: Sequence[tuple[int, View]] = [(loaded.seq, loaded.view)]
            since = loaded.seq
        else:
            views = await self._since(observation.query, missed)
            since = max([after_seq or 0, *(event.seq for event in missed), *(seq for seq, _ in views)])
        connection = observation.connection
        connection.require(observation.query)
        if observation.lost is not None:
            raise observation.lost
        connection.send(Outgoing(Observed(observation.id, since, changed=bool(views)), request_seq))
        for seq, view in views:
            value = view if observation.mode is Mode.SNAPSHOT else None
            connection.send(Outgoing(Changed(observation.id, seq, value)))
        observation.loaded(since)

    async def _since(self, query: Query, missed: Sequence[LoggedEvent]) -> list[tuple[int, View]]:
        relevant = [event for event in missed if concerns(event.event, query)]
        told = [(event.seq, told_by(event.event, query)) for event in relevant]
        if all(view is not None for _, view in told):
            return _merged([(seq, view) for seq, view in told if view is not None])
        loaded = await self.reader.load(self.room_id, query)
        return [(loaded.seq, loaded.view)]

    async def _first_value(self, observation: Observation) -> Loaded:
        match observation.query:
            case PresenceQuery():
                return Loaded(self.presence.view(), self.seq)
            case SelfQuery():
                return Loaded(self.own_access(observation.connection), self.seq)
        return await self.reader.load(self.room_id, observation.query)

    def end(self, observation: Observation) -> None:
        """Ends an observation."""
        observation.on_end()
        self.observers.discard(observation)
        observation.connection.observations.pop(observation.id, None)
        observation.connection.outbox.forget(observation.id)

    def _drop(self, observation: Observation, error: DomainError) -> None:
        self.end(observation)
        observation.connection.session.dropped(observation.id)
        observation.connection.push(Outgoing(ObserveFailed(observation.id, error)), None)

    # ------------------------------------------------------------ people

    def own_access(self, connection: Connection) -> SelfView:
        """What a connection's observer of itself sees."""
        return SelfView(connection.standing.role, connection.standing.permissions)

    def access_changed(self, connection: Connection) -> None:
        """The connection's permissions are others now: ends what it may not observe, and tells it."""
        for observation, error in connection.forbidden():
            self._drop(observation, error)
        for observation in list(connection.observations.values()):
            if isinstance(observation.query, SelfQuery):
                observation.push(0, Outgoing(Changed(observation.id, 0, self.own_access(connection))))

    def leave(self, connection: Connection) -> None:
        """Forgets a connection."""
        self.connections.pop(connection.id, None)
        self.presence.local.pop(connection.id, None)
        for observation in list(connection.observations.values()):
            self.end(observation)

    def tell_presence(self) -> None:
        """Pushes who is here."""
        if PresenceQuery() in self.observers.queries():
            self.observers.tell(PresenceQuery(), 0, self.presence.view())


def _merged(views: list[tuple[int, View]]) -> list[tuple[int, View]]:
    # Missed chat goes out as one frame, in its order; playback as one frame a state.
    messages = [message for _, view in views if isinstance(view, ChatView) for message in view.messages]
    if not messages:
        return views
    return [(views[-1][0], ChatView(messages, snapshot=False, has_more=False))]
