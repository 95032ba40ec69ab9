"""The WebSocket server: admits, and carries frames between sockets and the hub."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.application.ports.transport import Transport
from synctv.application.realtime.connection import Connection
from synctv.application.realtime.messages import ConnectionLimits, Goodbye, GoodbyeCode
from synctv.application.realtime.messages import Request as ClientRequest
from synctv.domain.errors import Invalid, NotFound, TooLarge, Unauthenticated
from synctv.domain.ids import RoomId, is_typeid
from synctv.domain.rooms.actor import Actor
from synctv.entrypoints.errors import problem_of
from synctv.entrypoints.realtime.codec import CODECS, Codec, Unreadable
from synctv.entrypoints.realtime.proxies import TrustedProxies

log = structlog.get_logger(__name__)

_ROOM_PATH = re.compile(r"^/ws/v1/rooms/(?P<room>[a-z0-9_]+)$")
UNREADABLE_FRAMES = 50
"""So many unreadable frames end a connection: its client speaks something else."""

HARD_LIMIT_FACTOR = 4
"""A frame past the limit is refused with a sentence; one past this multiple of it is not even read."""

TransportFactory = Callable[[ServerConnection, Codec], Transport]


@dataclass(frozen=True, slots=True)
class Admission:
    """Who connects to which room."""

    actor: Actor
    room_id: RoomId


class RoomConnection(ServerConnection):
    """A connection that remembers whom it admitted."""

    admission: Admission | None = None


class RealtimeServer:
    """Serves `GET /ws/v1/rooms/{roomId}` and `GET /health/live`."""

    def __init__(
        self,
        application: Application,
        transports: TransportFactory,
        limits: ConnectionLimits,
        trusted_proxies: Iterable[str] = (),
    ) -> None:
        """`trusted_proxies` are the addresses and networks of those whose `X-Forwarded-For` is believed."""
        self._proxies = TrustedProxies.of(trusted_proxies)
        self._application = application
        self._transports = transports
        self._limits = limits
        self._server: Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listens; the port that was bound (port 0 takes a free one). Raises `OSError` when it is taken."""
        self._server = await serve(
            self._serve,
            host,
            port,
            create_connection=RoomConnection,
            process_request=self._admit,  # type: ignore[arg-type] # typed for ServerConnection, called with ours
            subprotocols=list(CODECS),  # type: ignore[arg-type] # a NewType of str
            compression=None,
            max_size=self._limits.frame_bytes * HARD_LIMIT_FACTOR,
            max_queue=16,
            ping_interval=self._limits.heartbeat_seconds,
            ping_timeout=self._limits.heartbeat_seconds,
            close_timeout=5,
            server_header=None,
        )
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def stop(self) -> None:
        """Closes the listener and what is still connected."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    # ------------------------------------------------------------ before the upgrade

    async def _admit(self, connection: RoomConnection, request: Request) -> Response | None:
        url = urlsplit(request.path)
        if url.path == "/health/live":
            return _answer(HTTPStatus.OK, {"status": "live"})
        try:
            address = self._address(connection, request.headers)
            connection.admission = await self._admission(url.path, url.query, request.headers, address)
        except Exception as error:
            problem = problem_of(error)
            if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                log.warning("realtime_refused", error=repr(error))
            body = {"title": problem.title, "status": problem.status, "code": problem.code, "detail": problem.detail}
            return _answer(HTTPStatus(problem.status), body, problem.retry_after)
        return None

    def _address(self, connection: RoomConnection, headers: Headers) -> str:
        peer = connection.remote_address
        return self._proxies.client(str(peer[0]) if peer else "", headers.get_all("X-Forwarded-For"))

    async def _admission(self, path: str, query: str, headers: Headers, address: str) -> Admission:
        limits = self._application.limits
        await limits.check_request(Category.WEBSOCKET, account=None, address=address)
        found = _ROOM_PATH.match(path)
        if found is None or not is_typeid(found["room"], "room"):
            raise NotFound("address")
        offered = {part.strip() for value in headers.get_all("Sec-WebSocket-Protocol") for part in value.split(",")}
        if not offered & CODECS.keys():
            message = f"Offer one of the subprotocols {' and '.join(CODECS)}."
            raise Invalid.field("Sec-WebSocket-Protocol", message, "choice")
        room_id = RoomId(found["room"])
        token = await self._token(query, headers, room_id)
        actor = await self._application.identity.of(token)
        await limits.check_request(Category.WEBSOCKET, account=actor.id, address=None)
        await self._application.hub.admit(actor, room_id)
        return Admission(actor, room_id)

    async def _token(self, query: str, headers: Headers, room_id: RoomId) -> str:
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            return token.strip()
        ticket = parse_qs(query).get("ticket", [""])[0]
        if not ticket:
            raise Unauthenticated("Connect with a ticket, or with a token in the Authorization header.")
        return await self._application.tickets.spend(ticket, room_id)

    # ------------------------------------------------------------ after the upgrade

    async def _serve(self, socket: ServerConnection) -> None:
        admission = socket.admission if isinstance(socket, RoomConnection) else None
        codec = CODECS.get(socket.subprotocol or "")
        if admission is None or codec is None:
            return
        transport = self._transports(socket, codec)
        connection = await self._application.hub.connect(admission.actor, admission.room_id, transport)
        if connection is None:
            await socket.wait_closed()
            return
        try:
            await self._read(socket, codec, connection)
        except ConnectionClosed:
            pass
        finally:
            self._application.hub.disconnect(connection)

    async def _read(self, socket: ServerConnection, codec: Codec, connection: Connection) -> None:
        hub, clock = self._application.hub, self._application.clock
        unreadable = 0
        async for data in socket:
            received = clock.now()
            try:
                hub.receive(connection, self._request(codec, data), received)
                continue
            except Unreadable as error:
                hub.malformed(connection, error.seq, error.error, received)
            except TooLarge as error:
                hub.malformed(connection, 0, error, received)
            unreadable += 1
            if unreadable >= UNREADABLE_FRAMES:
                goodbye = Goodbye(GoodbyeCode.PROTOCOL_ERROR, "Too many frames could not be read.")
                connection.transport.close(goodbye)

    def _request(self, codec: Codec, data: str | bytes) -> ClientRequest:
        if isinstance(data, str) is codec.binary:
            message = f"{codec.name} has its frames {'binary' if codec.binary else 'text'}."
            raise Unreadable(0, Invalid.field("", message, "malformed"))
        payload = data.encode() if isinstance(data, str) else data
        if len(payload) > self._limits.frame_bytes:
            raise TooLarge("frame", self._limits.frame_bytes)
        return codec.decode(payload)


def _answer(status: HTTPStatus, body: object, retry_after: float | None = None) -> Response:
    payload = json.dumps(body).encode()
    kind = "application/json" if status is HTTPStatus.OK else "application/problem+json"
    headers = Headers([("Content-Type", kind), ("Content-Length", str(len(payload))), ("Connection", "close")])
    if retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(retry_after)))
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(status.value, status.phrase, headers, payload)
