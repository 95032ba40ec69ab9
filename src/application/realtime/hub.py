"""The hub: every open connection of this process, by room."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from synctv.application.chat.conversation import NewMessage
from synctv.application.playback.commands import Order
from synctv.application.ports.bus import SignalSent
from synctv.application.ports.transport import Transport
from synctv.application.realtime.channels import Channels
from synctv.application.realtime.connection import Connection
from synctv.application.realtime.messages import (
    ChatSend,
    ConnectionLimits,
    Failure,
    Goodbye,
    GoodbyeCode,
    Outgoing,
    Reply,
    Request,
    SendSignal,
    Welcome,
)
from synctv.application.realtime.outbox import Outbox
from synctv.application.realtime.progress import ProgressTeller
from synctv.application.realtime.room import RoomChannel
from synctv.application.realtime.services import Services
from synctv.application.realtime.session import Answer, Begin, Carry, Close, Effect, End, Note, Session
from synctv.application.realtime.sessions import ConnectedSessions
from synctv.application.realtime.tasks import Tasks
from synctv.application.rooms.access import Standing
from synctv.domain.errors import (
    Denied,
    DomainError,
    NotFound,
    QuotaExceeded,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from synctv.domain.ids import ConnectionId, Micros, RoomId, seconds_after
from synctv.domain.rooms.actor import Actor, GuestActor
from synctv.domain.rooms.permissions import Permission
from synctv.domain.rooms.viewers import Viewer

log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.05
SWEEP_SECONDS = 5.0
WAITING_REQUESTS = 64
SIGNAL_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class HubLimits:
    """How many connections there may be."""

    per_account: int = 20
    per_room: int = 2_000
    per_node: int = 100_000


class Hub:
    """Connects, listens and tells. All methods but `connect`, `run` and `drain` return at once."""

    def __init__(self, services: Services, limits: HubLimits, connection_limits: ConnectionLimits) -> None:
        self._services = services
        self._limits = limits
        self._connection_limits = connection_limits
        self._tasks = Tasks()
        self._channels = Channels(services, self._tasks)
        self._sessions = ConnectedSessions(services, self._tasks)
        self._progress = ProgressTeller(
            services.progress, services.short_lived, services.clock, self._tasks, self._channels.open
        )
        self._connections: dict[ConnectionId, Connection] = {}
        self._by_actor: Counter[str] = Counter()
        self._congested: set[Connection] = set()
        self._draining = False

    # ------------------------------------------------------------ life

    async def run(self) -> None:
        """Keeps the hub alive until cancelled; the other methods need it to run."""
        self._services.publisher.listen(self._channels.told)
        async with self._tasks:
            self._tasks.keep(self._flush_congested, "flushing slow connections", self._services.clock)
            self._tasks.keep(self._sweep, "sweeping connections", self._services.clock)
            self._tasks.keep(self._sessions.listen, "listening to revocations", self._services.clock)
            self._tasks.keep(self._progress.run, "telling what is watched", self._services.clock)
            self._tasks.keep(self._sessions.look_regularly, "looking at sessions", self._services.clock)
            await self._channels.closed()

    async def drain(self, seconds: float) -> None:
        """Says goodbye to everybody, spread over this time, so that not all come back to the other nodes at once."""
        self._draining = True
        connections = list(self._connections.values())
        clock, ids = self._services.clock, self._services.ids
        began = clock.now()
        for index, connection in enumerate(connections):
            await clock.sleep_until(seconds_after(began, seconds * index / len(connections)))
            jitter = 0.5 + ids.random(16) / 65_536 * 2.0
            connection.close(GoodbyeCode.DRAINING, "This server is restarting. You will be back in a moment.", jitter)

    # ------------------------------------------------------------ figures

    def connection_count(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def room_count(self) -> int:
        """How many rooms have an open connection here."""
        return self._channels.count()

    # ------------------------------------------------------------ connections

    async def admit(self, actor: Actor, room_id: RoomId) -> Standing:
        """Whether the actor may connect, before a connection is made for it. Raises what `Access.standing` does."""
        async with self._services.transactions.read() as tx:
            return await self._services.access.standing(tx, actor, room_id)

    async def connect(self, actor: Actor, room_id: RoomId, transport: Transport) -> Connection | None:
        """Takes over an open transport and says welcome; None when it said goodbye instead."""
        refusal = self._refusal(actor)
        try:
            if refusal is None:
                async with self._channels.entering(room_id) as channel:
                    news = self._sessions.news
                    standing, seen = await self._standing(actor, room_id)
                    # Others came in meanwhile, and the server may be about to end.
                    refusal = self._refusal(actor)
                    if refusal is None:
                        connection = self._enter(channel, standing, seen, transport)
                        self._sessions.joined(connection, news)
                        return connection
        except Unavailable as error:
            refusal = Goodbye(GoodbyeCode.UNAVAILABLE, str(error), error.retry_after)
        except QuotaExceeded as error:
            refusal = Goodbye(GoodbyeCode.LIMIT, str(error), 30.0)
        except (Unauthenticated, Denied, NotFound) as error:
            guest = isinstance(actor, GuestActor)
            code = GoodbyeCode.GUEST_ACCESS_REVOKED if guest else GoodbyeCode.ACCESS_REVOKED
            refusal = Goodbye(code, str(error))
        transport.close(refusal)
        return None

    def disconnect(self, connection: Connection) -> None:
        """Forgets a connection that is closed."""
        if self._connections.pop(connection.id, None) is None:
            return
        actor_id = connection.standing.actor.id
        self._by_actor[actor_id] -= 1
        if not self._by_actor[actor_id]:
            del self._by_actor[actor_id]
        self._congested.discard(connection)
        self._sessions.left(connection)
        self._channels.leave(connection)

    def receive(self, connection: Connection, request: Request, received: Micros) -> None:
        """Takes a frame in. What has to wait for something is done in the order in which it came.

        What still comes after the goodbye is left alone.
        """
        if connection.transport.closed:
            return
        for effect in connection.session.receive(request, received, self._services.clock.now()):
            self._perform(connection, effect)

    def malformed(self, connection: Connection, seq: int, error: Exception, received: Micros) -> None:
        """Answers a frame that could not be read."""
        if not connection.transport.closed:
            self._perform(connection, connection.session.unreadable(seq, error, received))

    # ------------------------------------------------------------ inside

    def _refusal(self, actor: Actor) -> Goodbye | None:
        if self._draining:
            return Goodbye(GoodbyeCode.DRAINING, "This server is restarting. Try again in a moment.", 1.0)
        if len(self._connections) >= self._limits.per_node:
            return Goodbye(GoodbyeCode.LIMIT, "This server has no room for another connection.", 30.0)
        if self._by_actor[actor.id] >= self._limits.per_account:
            message = f"You have {self._limits.per_account} connections open already. Close one first."
            return Goodbye(GoodbyeCode.LIMIT, message, 30.0)
        return None

    async def _standing(self, actor: Actor, room_id: RoomId) -> tuple[Standing, int]:
        """The actor's standing, and the number of the event at which it is true."""
        async with self._services.transactions.read() as tx:
            await self._sessions.require(tx, actor)
            standing = await self._services.access.standing(tx, actor, room_id)
            return standing, await tx.events.last_seq(room_id)

    def _enter(self, channel: RoomChannel, standing: Standing, seen: int, transport: Transport) -> Connection:
        services, actor = self._services, standing.actor
        if len(channel.connections) >= self._limits.per_room:
            raise QuotaExceeded("connections to this room", self._limits.per_room)
        now = services.clock.now()
        connection_id = ConnectionId(services.ids.new("conn"))
        connection = Connection(
            id=connection_id,
            standing=standing,
            transport=transport,
            session=Session(self._connection_limits, now),
            viewer=Viewer(connection_id, actor.ref, standing.role, now),
            outbox=Outbox(self._connection_limits.queued_pushes),
            congested=self._congested,
        )
        welcome = Welcome(connection.id, actor.ref, standing.role, standing.permissions, now, self._connection_limits)
        connection.send(Outgoing(welcome))
        self._connections[connection.id] = connection
        self._by_actor[actor.id] += 1
        self._channels.join(channel.room_id, connection, seen)
        return connection

    def _perform(self, connection: Connection, effect: Effect) -> None:
        match effect:
            case Answer(seq, message):
                connection.send(Outgoing(message, seq))
            case Note(report):
                self._channels.reported(connection, report)
            case Close(goodbye):
                connection.transport.close(goodbye)
            case _:
                self._enqueue(connection, effect)

    def _enqueue(self, connection: Connection, effect: Begin | End | Carry) -> None:
        if len(connection.work) >= WAITING_REQUESTS and not isinstance(effect, End):
            if isinstance(effect, Begin):
                connection.session.dropped(effect.observe.id)
            connection.send(Outgoing(Failure(RateLimited(1.0)), effect.seq))
            return
        connection.work.append(effect)
        if not connection.working:
            connection.working = True
            self._tasks.start(self._work(connection), "carrying out requests")

    async def _work(self, connection: Connection) -> None:
        try:
            while connection.work:
                effect = connection.work.popleft()
                if isinstance(effect, End):
                    self._channels.end(connection, effect.id)
                else:
                    await self._answer(connection, effect)
        finally:
            connection.working = False

    async def _answer(self, connection: Connection, effect: Begin | Carry) -> None:
        try:
            if isinstance(effect, Begin):
                await self._channels.begin(connection, effect)
            else:
                reply = await self._carry_out(connection, effect.body)
                connection.send(Outgoing(reply, effect.seq))
        except Exception as error:
            if isinstance(effect, Begin):
                connection.session.dropped(effect.observe.id)
                self._channels.end(connection, effect.observe.id)
            connection.send(Outgoing(Failure(error), effect.seq))
            if not isinstance(error, DomainError):
                log.exception("A request over a realtime connection failed")

    async def _carry_out(self, connection: Connection, body: Order | ChatSend | SendSignal) -> Reply:
        standing, services = connection.standing, self._services
        room_id = standing.room.id
        match body:
            case Order():
                return Reply(await services.control.command(standing.actor, room_id, body))
            case ChatSend(client_id, text, reply_to):
                new = NewMessage(client_id, text, reply_to)
                return Reply(await services.chat.send(standing.actor, room_id, new))
            case SendSignal(to, kind, payload):
                _require_signalling(standing)
                if len(payload.encode()) > SIGNAL_BYTES:
                    raise TooLarge("signal", SIGNAL_BYTES)
                signal = SignalSent(room_id, to, connection.id, standing.actor.ref, kind, payload)
                await services.bus.publish(room_id, signal)
                return Reply()

    async def _flush_congested(self) -> None:
        while True:
            await self._pause(FLUSH_SECONDS)
            now = self._services.clock.now()
            self._congested -= {one for one in self._congested if one.transport.closed or not one.flush(now)}

    async def _sweep(self) -> None:
        while True:
            await self._pause(SWEEP_SECONDS)
            now = self._services.clock.now()
            self._channels.heartbeat(now)
            for connection, goodbye in self._overdue(now):
                connection.transport.close(goodbye)

    def _overdue(self, now: Micros) -> Sequence[tuple[Connection, Goodbye]]:
        found = [(connection, connection.session.overdue(now)) for connection in self._connections.values()]
        return [(connection, goodbye) for connection, goodbye in found if goodbye is not None]

    async def _pause(self, seconds: float) -> None:
        clock = self._services.clock
        await clock.sleep_until(seconds_after(clock.now(), seconds))


def _require_signalling(standing: Standing) -> None:
    if not standing.may(Permission.USE_P2P_MEDIA):
        standing.require(Permission.USE_VOICE_CHAT)
