"""Serves management, and the standard gRPC health service beside it, on a Unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

from grpclib.events import SendTrailingMetadata, listen
from grpclib.health.check import ServiceCheck
from grpclib.health.service import Health
from grpclib.protocol import H2Protocol
from grpclib.server import Server

from synctv.entrypoints.management.failures import add_code
from synctv.entrypoints.management.service import ManagementService
from synctv.entrypoints.management.sockets import claimed, open_to_owner_alone

if TYPE_CHECKING:
    from grpclib._typing import IServable

Ready = Callable[[], Awaitable[bool]]
"""Whether the server can serve now. Raising means that it can't."""

_HEALTH_SECONDS = 1.0
_HEALTH_TIMEOUT_SECONDS = 5.0
_FAREWELL_LOOKS = 50
_LOOK_SECONDS = 0.01


class _ClosingServer(Server):
    """Can end its connections: from Python 3.12 on, waiting for its end would wait for all clients."""

    def __init__(self, services: Collection[IServable]) -> None:
        super().__init__(services)
        self._connections: WeakSet[H2Protocol] = WeakSet()

    def _protocol_factory(self) -> H2Protocol:
        protocol = super()._protocol_factory()
        self._connections.add(protocol)
        return protocol

    async def hang_up(self) -> None:
        """Ends all connections. Who was just answered may read that first, and hangs up by itself: a client that finds
        answer and end together can take the one for the other."""
        try:
            for _ in range(_FAREWELL_LOOKS):
                if not self._open():
                    return
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            for protocol in self._open():
                protocol.connection.close()

    def _open(self) -> list[H2Protocol]:
        # One that has not been connected yet has no connection.
        return [one for one in self._connections if hasattr(one, "connection") and not one.connection.is_closing()]


@asynccontextmanager
async def serving(service: ManagementService, ready: Ready, path: Path) -> AsyncIterator[None]:
    """Answers at the socket until the block is left; calls that still run then are cancelled.

    `path` lies in a folder that only our user may enter (`sockets.socket_path`). Raises `SocketRefused` while another
    server listens there.
    """
    check = ServiceCheck(ready, check_ttl=_HEALTH_SECONDS, check_timeout=_HEALTH_TIMEOUT_SECONDS)
    server = _ClosingServer([service, Health({service: [check]})])
    listen(server, SendTrailingMetadata, add_code)
    with claimed(path):
        await server.start(path=str(path))
        open_to_owner_alone(path)
        try:
            yield
        finally:
            server.close()
            await server.hang_up()
            await server.wait_closed()
            await asyncio.sleep(0)  # the loop lets go of connections in its next round
