"""Serves management, and the standard gRPC health service beside it, on a Unix socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from grpclib.events import SendTrailingMetadata, listen
from grpclib.health.check import ServiceCheck
from grpclib.health.service import Health
from grpclib.server import Server

from synctv.entrypoints.management.failures import add_code
from synctv.entrypoints.management.service import ManagementService
from synctv.entrypoints.management.sockets import claimed, open_to_owner_alone

Ready = Callable[[], Awaitable[bool]]
"""Whether the server can serve now. Raising means that it can't."""

_HEALTH_SECONDS = 1.0
_HEALTH_TIMEOUT_SECONDS = 5.0


@asynccontextmanager
async def serving(service: ManagementService, ready: Ready, path: Path) -> AsyncIterator[None]:
    """Answers at the socket until the block is left; calls that still run then are cancelled.

    `path` lies in a folder that only our user may enter (`sockets.socket_path`). Raises `SocketRefused` while another
    server listens there.
    """
    check = ServiceCheck(ready, check_ttl=_HEALTH_SECONDS, check_timeout=_HEALTH_TIMEOUT_SECONDS)
    server = Server([service, Health({service: [check]})])
    listen(server, SendTrailingMetadata, add_code)
    with claimed(path):
        await server.start(path=str(path))
        open_to_owner_alone(path)
        try:
            yield
        finally:
            server.close()
            await server.wait_closed()
