"""The rooms that this node serves: opened with their first connection, closed with their last."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from synctv.application.ports.bus import BusMessage, NodePresence, SignalSent, Told
from synctv.application.realtime.conductor import Conductor
from synctv.application.realtime.connection import Connection
from synctv.application.realtime.messages import GoodbyeCode, Outgoing, PlayableQuery, Report, Signal
from synctv.application.realtime.playables import PlayableFeeds
from synctv.application.realtime.presence import HEARTBEAT_SECONDS, Presence
from synctv.application.realtime.room import RoomChannel
from synctv.application.realtime.services import Services
from synctv.application.realtime.session import Begin
from synctv.application.realtime.standings import look_again
from synctv.application.realtime.subscription import Subscription
from synctv.application.realtime.tasks import Tasks
from synctv.domain.errors import NotFound, Unavailable
from synctv.domain.ids import Micros, RoomId, seconds_after
from synctv.domain.rooms.events import (
    LoggedEvent,
    MemberChange,
    MemberChanged,
    PlaybackChanged,
    RoomChanged,
    RoomDeleted,
)

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0


@dataclass(slots=True, eq=False)
class Served:
    """A room that is served: its channel, and what runs for it.

    `behind`: the log may hold what has not arrived. `entering`: so many are about to connect. `untold`: something
    changed here that the other nodes have not been told.
    """

    channel: RoomChannel
    conductor: Conductor
    listening: asyncio.Task[None]
    entering: int = 0
    pumping: bool = False
    behind: bool = False
    telling: bool = False
    untold: bool = False
    told_at: Micros = field(default=Micros(0))
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Channels:
    """Opens rooms, and brings to each what happens in it."""

    def __init__(self, services: Services, tasks: Tasks) -> None:
        self._services = services
        self._tasks = tasks
        self._served: dict[RoomId, Served] = {}
        self._feeds = PlayableFeeds(services.playables, services.clock, tasks)
        self._opening: WeakValueDictionary[RoomId, asyncio.Lock] = WeakValueDictionary()

    async def closed(self) -> None:
        """Never returns; leaving by cancellation closes every room."""
        try:
            await asyncio.Event().wait()
        finally:
            for room_id in list(self._served):
                self._close(room_id)

    def count(self) -> int:
        """How many rooms are served."""
        return len(self._served)

    def open(self) -> Collection[RoomChannel]:
        """The channels of the rooms that are served."""
        return [served.channel for served in self._served.values()]

    # ------------------------------------------------------------ opening and closing

    @asynccontextmanager
    async def entering(self, room_id: RoomId) -> AsyncIterator[RoomChannel]:
        """The room's channel, subscribed to what happens in it. It stays open while the block lasts.

        Raises `NotFound` and `Unavailable`.
        """
        lock = self._opening.setdefault(room_id, asyncio.Lock())
        async with lock:
            served = self._served.get(room_id)
            if served is None:
                served = self._served[room_id] = await self._open(room_id)
            served.entering += 1
        try:
            yield served.channel
        finally:
            served.entering -= 1

    async def _open(self, room_id: RoomId) -> Served:
        services = self._services
        subscription = Subscription(services.bus, room_id)
        listening = self._tasks.start(subscription.listen(), "listening to a room")
        try:
            await subscription.begun()
            channel = await self._channel(room_id)
        except BaseException:
            listening.cancel()
            raise
        served = Served(channel, Conductor(channel, services, self._tasks), listening)
        subscription.attach(lambda message: self._arrived(served, message), lambda: self._missed(served))
        served.conductor.set_timer()
        return served

    async def _channel(self, room_id: RoomId) -> RoomChannel:
        services = self._services
        async with services.transactions.read() as tx:
            room = await tx.rooms.get(room_id)
            if room is None:
                raise NotFound("room")
            seq = await tx.events.last_seq(room_id)
            playback = await services.reader.stage.load(tx, room_id)
            view = await services.reader.stage.view(tx, room_id, playback)
        return RoomChannel(room, seq, view, Presence(room_id, services.node_id), services.reader)

    def _close(self, room_id: RoomId) -> None:
        served = self._served.pop(room_id, None)
        if served is not None:
            served.conductor.stop()
            served.listening.cancel()

    # ------------------------------------------------------------ connections

    def join(self, room_id: RoomId, connection: Connection, seen: int) -> None:
        """Adds a connection that is `entering` and whose standing was read at event `seen`."""
        served = self._served[room_id]
        channel = served.channel
        channel.connections[connection.id] = connection
        channel.presence.local[connection.id] = connection.viewer
        self._presence_changed(served)
        if channel.newest() > seen:
            self._tasks.start(self._look_again(served, connection), "looking at access again")

    def leave(self, connection: Connection) -> None:
        """Removes a connection; the room is closed with its last one."""
        served = self._served.get(connection.standing.room.id)
        if served is None:
            return
        served.channel.leave(connection)
        self._presence_changed(served)
        served.conductor.viewers_changed()

    async def begin(self, connection: Connection, effect: Begin) -> None:
        """Starts an observation and answers it; not for a connection that has left meanwhile."""
        served = self._served.get(connection.standing.room.id)
        if served is not None and connection.id in served.channel.connections:
            observation = connection.observe(effect.observe)
            await served.channel.begin(observation, effect.seq, effect.observe.after_seq)
            if isinstance(observation.query, PlayableQuery):
                self._feeds.begin(served.channel, observation, observation.query)

    def end(self, connection: Connection, observation_id: str) -> None:
        """Ends an observation, if it is there."""
        served = self._served.get(connection.standing.room.id)
        observation = connection.observations.get(observation_id)
        if served is not None and observation is not None:
            served.channel.end(observation)

    def reported(self, connection: Connection, report: Report) -> None:
        """Takes a player's report in."""
        served = self._served.get(connection.standing.room.id)
        if served is None:
            return
        served.channel.presence.reported(connection.id, report)
        self._presence_changed(served)
        served.conductor.reported(connection, report)

    # ------------------------------------------------------------ what happens

    def told(self, event: LoggedEvent) -> None:
        """Takes in an event that this process committed."""
        served = self._served.get(event.room_id)
        if served is not None:
            self._arrived(served, Told(event))

    def _arrived(self, served: Served, message: BusMessage) -> None:
        match message:
            case Told(event):
                if served.channel.arrived(event):
                    self._pump(served)
            case NodePresence():
                stranger = not served.channel.presence.knows(message.node_id)
                if served.channel.presence.heard_of(message, self._services.clock.now()):
                    # A node that has just come to the room does not know who is here.
                    self._presence_changed(served, local=stranger)
                    served.conductor.viewers_changed()
            case SignalSent():
                connection = served.channel.connections.get(message.to)
                if connection is not None:
                    signal = Signal(message.to, message.sender, message.kind, message.payload)
                    connection.push(Outgoing(signal), None)

    def _missed(self, served: Served) -> None:
        served.behind = True
        self._pump(served)

    def _pump(self, served: Served) -> None:
        if not served.pumping:
            served.pumping = True
            self._tasks.start(self._deliver_all(served), "delivering events")

    async def _deliver_all(self, served: Served) -> None:
        """Delivers what is due, in order. While the storage is away it waits: nothing new can have been committed.

        After a fault of ours it tries again, too: the event stays due, and those behind it wait.
        """
        try:
            while served.behind or served.channel.early:
                try:
                    await self._deliver_due(served)
                except Exception as error:
                    if not isinstance(error, Unavailable):
                        log.exception("What happened in a room could not be told")
                    await self._pause(RETRY_SECONDS)
        finally:
            served.pumping = False

    async def _deliver_due(self, served: Served) -> None:
        channel = served.channel
        if served.behind:
            served.behind = False
            try:
                await self._catch_up(served)
            except Exception:
                served.behind = True
                raise
        while (event := channel.due()) is not None:
            await self._consequences(served, event)
            await channel.deliver(event)
            if isinstance(event.event, PlaybackChanged):
                self._playback_changed(served)
        served.behind = served.behind or bool(channel.early)

    async def _catch_up(self, served: Served) -> None:
        channel = served.channel
        found = await channel.read_missing()
        if not found or (channel.early and channel.due() is None):
            await channel.start_afresh()
            await self._reassess(served, list(channel.connections.values()), None)
            self._playback_changed(served)

    def _playback_changed(self, served: Served) -> None:
        served.conductor.playback_changed()
        self._feeds.playback_changed(served.channel)

    async def _consequences(self, served: Served, event: LoggedEvent) -> None:
        connections = served.channel.connections.values()
        match event.event:
            case RoomDeleted():
                for connection in list(connections):
                    connection.close(GoodbyeCode.ROOM_DELETED, "This room has been deleted.")
            case RoomChanged():
                await self._reassess(served, list(connections), None)
                served.conductor.playback_changed()
            case MemberChanged(account_id, change):
                theirs = [one for one in connections if one.standing.actor.id == account_id]
                await self._reassess(served, theirs, change)

    async def _look_again(self, served: Served, connection: Connection) -> None:
        while connection.id in served.channel.connections:
            try:
                await self._reassess(served, [connection], None)
                return
            except Unavailable:
                await self._pause(RETRY_SECONDS)

    async def _reassess(self, served: Served, connections: Collection[Connection], change: MemberChange | None) -> None:
        """Looks again at who may be here and do what, and lets those go who may not."""
        # One after the other: what an earlier look saw must not replace what a later one did.
        async with served.looking:
            await look_again(self._services, served.channel, connections, change)

    # ------------------------------------------------------------ presence

    def heartbeat(self, now: Micros) -> None:
        """Keeps the other nodes and the HTTP side informed, forgets silent nodes, and closes empty rooms."""
        for room_id, served in list(self._served.items()):
            if not (served.channel.connections or served.entering):
                self._close(room_id)
                continue
            if served.channel.presence.forget_silent(now):
                self._presence_changed(served, local=False)
            if now >= seconds_after(served.told_at, HEARTBEAT_SECONDS):
                self._tasks.start(self._tell_others(served), "telling who is here")

    def _presence_changed(self, served: Served, *, local: bool = True) -> None:
        served.untold = served.untold or local
        if not served.telling:
            served.telling = True
            self._tasks.start(self._tell_presence(served), "telling who is here")

    async def _tell_presence(self, served: Served) -> None:
        # Many come and go at once, so what they change is told together.
        try:
            await self._pause(served.channel.presence.interval())
        finally:
            served.telling = False
        served.channel.tell_presence()
        if served.untold:
            await self._tell_others(served)

    async def _tell_others(self, served: Served) -> None:
        services, channel = self._services, served.channel
        served.told_at, served.untold = services.clock.now(), False
        await services.bus.publish(channel.room_id, channel.presence.mine(services.clock.now()))
        await services.audience.note(channel.room_id, channel.presence.heard())

    async def _pause(self, seconds: float) -> None:
        clock = self._services.clock
        await clock.sleep_until(seconds_after(clock.now(), seconds))
