"""The rooms that this node serves: opened with their first connection, closed with their last."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

from synctv.application.ports.bus import BusMessage, NodePresence, SignalSent, Told
from synctv.application.realtime.conductor import Conductor
from synctv.application.realtime.connection import Connection
from synctv.application.realtime.messages import GoodbyeCode, Outgoing, Report, Signal
from synctv.application.realtime.presence import HEARTBEAT_SECONDS, Presence
from synctv.application.realtime.room import RoomChannel
from synctv.application.realtime.services import Services
from synctv.application.realtime.session import Begin
from synctv.application.realtime.tasks import Tasks
from synctv.domain.errors import DomainError, NotFound, Unavailable
from synctv.domain.ids import Micros, RoomId, seconds_after
from synctv.domain.rooms.actor import AccountActor, GuestActor
from synctv.domain.rooms.events import (
    LoggedEvent,
    MemberChange,
    MemberChanged,
    PlaybackChanged,
    RoomChanged,
    RoomDeleted,
)
from synctv.domain.rooms.membership import Membership
from synctv.domain.rooms.room import Room

RETRY_SECONDS = 1.0


@dataclass(slots=True, eq=False)
class Served:
    """A room that is served: its channel, and what runs for it. `behind`: the log may hold what has not arrived."""

    channel: RoomChannel
    conductor: Conductor
    subscription: asyncio.Task[None] | None = None
    pumping: bool = False
    behind: bool = False
    telling: bool = False
    told_at: Micros = field(default=Micros(0))


class Channels:
    """Opens rooms, and brings to each what happens in it."""

    def __init__(self, services: Services, tasks: Tasks) -> None:
        self._services = services
        self._tasks = tasks
        self._served: dict[RoomId, Served] = {}
        self._opening: dict[RoomId, asyncio.Lock] = {}

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

    # ------------------------------------------------------------ opening and closing

    async def open(self, room_id: RoomId) -> RoomChannel:
        """The room's channel, subscribed to what happens in it. Raises `NotFound` and `Unavailable`."""
        lock = self._opening.setdefault(room_id, asyncio.Lock())
        async with lock:
            served = self._served.get(room_id)
            if served is None:
                served = await self._open(room_id)
                self._served[room_id] = served
            return served.channel

    async def _open(self, room_id: RoomId) -> Served:
        services = self._services
        subscribed = asyncio.Event()
        early: list[BusMessage] = []
        inbox: list[Served] = []

        def arrived(message: BusMessage) -> None:
            if inbox:
                self._arrived(inbox[0], message)
            else:
                early.append(message)

        def gap() -> None:
            if inbox:
                inbox[0].behind = True
                self._pump(inbox[0])

        async def subscribe() -> None:
            async with services.bus.subscribe(room_id, arrived, gap):
                subscribed.set()
                await asyncio.Event().wait()

        subscription = self._tasks.start(subscribe(), "listening to a room")
        try:
            await subscribed.wait()
            channel = await self._channel(room_id)
        except BaseException:
            subscription.cancel()
            raise
        served = Served(channel, Conductor(channel, services, self._tasks), subscription)
        inbox.append(served)
        for message in early:
            self._arrived(served, message)
        served.conductor.playback_changed()
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
        self._opening.pop(room_id, None)
        if served is not None:
            served.conductor.stop()
            if served.subscription is not None:
                served.subscription.cancel()

    # ------------------------------------------------------------ connections

    def join(self, room_id: RoomId, connection: Connection, seen: int) -> None:
        """Adds a connection whose standing was read at event `seen`."""
        served = self._served[room_id]
        channel = served.channel
        channel.connections[connection.id] = connection
        channel.presence.local[connection.id] = connection.viewer
        self._presence_changed(served)
        if channel.newest() > seen:
            self._tasks.start(self._reassess(served, [connection], None), "looking at access again")

    def leave(self, connection: Connection) -> None:
        """Removes a connection; the room is closed with its last one."""
        served = self._served.get(connection.standing.room.id)
        if served is None:
            return
        served.channel.leave(connection)
        self._presence_changed(served)
        served.conductor.viewers_changed()

    async def begin(self, connection: Connection, effect: Begin) -> None:
        """Starts an observation and answers it."""
        served = self._served.get(connection.standing.room.id)
        if served is not None:
            observation = connection.observe(effect.observe)
            await served.channel.begin(observation, effect.seq, effect.observe.after_seq)

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
                if served.channel.presence.heard_of(message):
                    self._presence_changed(served, local=False)
                    served.conductor.viewers_changed()
            case SignalSent():
                connection = served.channel.connections.get(message.to)
                if connection is not None:
                    signal = Signal(message.to, message.sender, message.kind, message.payload)
                    connection.push(Outgoing(signal), None)

    def _pump(self, served: Served) -> None:
        if not served.pumping:
            served.pumping = True
            self._tasks.start(self._deliver_all(served), "delivering events")

    async def _deliver_all(self, served: Served) -> None:
        """Delivers what is due, in order. While the storage is away it waits: nothing new can have been committed."""
        try:
            while served.behind or served.channel.early:
                try:
                    await self._deliver_due(served)
                except Unavailable:
                    await self._pause(RETRY_SECONDS)
        finally:
            served.pumping = False

    async def _deliver_due(self, served: Served) -> None:
        channel = served.channel
        if served.behind:
            served.behind = False
            found = await channel.read_missing()
            if not found or (channel.early and channel.due() is None):
                await channel.start_afresh()
                await self._reassess(served, list(channel.connections.values()), None)
                served.conductor.playback_changed()
        while (event := channel.due()) is not None:
            await self._consequences(served, event)
            await channel.deliver(event)
            if isinstance(event.event, PlaybackChanged):
                served.conductor.playback_changed()
        served.behind = served.behind or bool(channel.early)

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

    async def _reassess(self, served: Served, connections: Collection[Connection], change: MemberChange | None) -> None:
        """Looks again at who may be here and do what, and lets those go who may not."""
        services, channel = self._services, served.channel
        actors = [one.standing.actor for one in connections]
        async with services.transactions.read() as tx:
            room = await tx.rooms.get(channel.room_id)
            accounts = {actor.id for actor in actors if isinstance(actor, AccountActor)}
            memberships = await tx.memberships.among(channel.room_id, accounts)
        if room is None:
            return
        channel.room = room
        for connection in connections:
            actor = connection.standing.actor
            membership = memberships.get(actor.id) if isinstance(actor, AccountActor) else None
            self._apply(served, connection, room, membership, change)

    def _apply(
        self,
        served: Served,
        connection: Connection,
        room: Room,
        membership: Membership | None,
        change: MemberChange | None,
    ) -> None:
        actor, access = connection.standing.actor, self._services.access
        try:
            room.must_be_open()
            if isinstance(actor, GuestActor):
                standing = access.of_guest(room, actor)
            elif membership is not None and membership.active:
                standing = access.of_member(room, actor, membership)
            else:
                raise NotFound("room")
        except DomainError as error:
            connection.close(*_farewell(actor, change, error))
            return
        before, connection.standing = connection.standing, standing
        if (before.role, before.permissions) != (standing.role, standing.permissions):
            served.channel.access_changed(connection)

    # ------------------------------------------------------------ presence

    def heartbeat(self, now: Micros) -> None:
        """Keeps the other nodes and the HTTP side informed, forgets silent nodes, and closes empty rooms."""
        for room_id, served in list(self._served.items()):
            if not served.channel.connections:
                self._close(room_id)
                continue
            if served.channel.presence.forget_silent(now):
                self._presence_changed(served, local=False)
            if now >= seconds_after(served.told_at, HEARTBEAT_SECONDS):
                self._tasks.start(self._tell_others(served), "telling who is here")

    def _presence_changed(self, served: Served, *, local: bool = True) -> None:
        if not served.telling:
            served.telling = True
            self._tasks.start(self._tell_presence(served, local=local), "telling who is here")

    async def _tell_presence(self, served: Served, *, local: bool) -> None:
        # Many come and go at once, so what they change is told together.
        try:
            await self._pause(served.channel.presence.interval())
        finally:
            served.telling = False
        served.channel.tell_presence()
        if local:
            await self._tell_others(served)

    async def _tell_others(self, served: Served) -> None:
        services, channel = self._services, served.channel
        served.told_at = services.clock.now()
        await services.audience.note(channel.room_id, channel.presence.heard())
        await services.bus.publish(channel.room_id, channel.presence.mine(services.clock.now()))

    async def _pause(self, seconds: float) -> None:
        clock = self._services.clock
        await clock.sleep_until(seconds_after(clock.now(), seconds))


def _farewell(
    actor: AccountActor | GuestActor, change: MemberChange | None, error: DomainError
) -> tuple[GoodbyeCode, str]:
    if isinstance(actor, GuestActor):
        return GoodbyeCode.GUEST_ACCESS_REVOKED, str(error)
    if change is MemberChange.KICKED:
        return GoodbyeCode.KICKED, "Somebody who runs this room has removed you from it."
    return GoodbyeCode.ACCESS_REVOKED, "You are not in this room any more."
