"""Serves providers at a host and a port."""

from __future__ import annotations

import asyncio
import hmac
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from grpclib import GRPCError, Status
from grpclib.events import RecvRequest, listen

from synctv.adapters.providers.remote.bounds import BoundedServer
from synctv.adapters.providers.remote.failures import FailureDetails
from synctv.entrypoints.provider.service import ProviderService


@asynccontextmanager
async def serving(
    service: ProviderService, host: str, port: int, *, token: str = "", tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Answers those who know the token until the block is left; calls that still run then are cancelled.

    The port that it got, which is another one for port 0. Raises `OSError` when it can't listen there.
    """
    server = BoundedServer([service], status_details_codec=FailureDetails())
    if token:
        listen(server, RecvRequest, _Guard(token))
    listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    with listener:
        # Connections inherit it; Python's own loop sees to it only where a socket names its protocol.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await server.start(sock=listener, ssl=tls)
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.close()
            server.hang_up()
            await server.wait_closed()
            await asyncio.sleep(0)  # the loop lets go of connections in its next round


class _Guard:
    """Refuses calls without the token before anything of their message is read."""

    def __init__(self, token: str) -> None:
        self._wanted = f"Bearer {token}".encode()

    async def __call__(self, event: RecvRequest) -> None:
        shown = str(event.metadata.get("authorization", "")).encode()
        if not hmac.compare_digest(shown, self._wanted):
            raise GRPCError(Status.UNAUTHENTICATED, "Show the token of this server.")
