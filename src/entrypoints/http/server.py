"""Serving the HTTP entrypoint on a socket, inside the loop of the caller."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from ipaddress import IPv4Network, ip_network

import blacksheep
import structlog
import uvicorn

from synctv.entrypoints.http.zero_copy import ZeroCopyProtocol

log = structlog.stdlib.get_logger(__name__)

BACKLOG = 2_048
DRAIN_SECONDS = 10.0

_DATE_SECONDS = 1.0
_DRAINING_SECONDS = 0.01


class HttpServer:
    """Serves an application. `start` and `stop` are called from the same task; should serving fail, it is cancelled.

    `trusted_proxies` are the addresses and networks whose `X-Forwarded-For` and `X-Forwarded-Proto` count. Requests
    that still run `drain_seconds` after the stop are cut off.
    """

    def __init__(
        self,
        app: blacksheep.Application,
        *,
        trusted_proxies: Sequence[str] = (),
        drain_seconds: float = DRAIN_SECONDS,
    ) -> None:
        self._app = app
        self._trusted_proxies = [*trusted_proxies, *_as_seen_by_both(trusted_proxies)]
        self._drain_seconds = drain_seconds
        self._running = AsyncExitStack()

    async def start(self, host: str, port: int) -> int:
        """Listens; the port that was bound (port 0 takes a free one). Raises `OSError` when it is taken."""
        bound = _listener(host, port)
        async with AsyncExitStack() as stack:
            stack.enter_context(bound)
            bound.settimeout(0)
            await self._app.start()  # type: ignore[no-untyped-call]
            stack.push_async_callback(self._app.stop)
            group = await stack.enter_async_context(asyncio.TaskGroup())
            server = _Server(self._config(), self._drain_seconds)
            stack.callback(server.ask_to_stop)
            group.create_task(server.serve([bound]), name="serving HTTP")
            await server.accepting.wait()
            self._running = stack.pop_all()
        return int(bound.getsockname()[1])

    async def stop(self) -> None:
        """Takes no more connections, and lets the requests that run come to their end."""
        await self._running.aclose()

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._app,
            loop="none",
            http=ZeroCopyProtocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            backlog=BACKLOG,
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=bool(self._trusted_proxies),
            forwarded_allow_ips=self._trusted_proxies,
            reset_contextvars=True,
        )


def _listener(host: str, port: int) -> socket.socket:
    listener = _bound(host, port)
    # Connections inherit it. Python's own loop does not see to it, since this socket names no protocol, and an answer
    # whose body is written after its head would wait for the client's late acknowledgement: 40 ms each.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _bound(host: str, port: int) -> socket.socket:
    if ":" not in host:
        return socket.create_server((host, port), backlog=BACKLOG)
    both = host == "::" and socket.has_dualstack_ipv6()
    return socket.create_server((host, port), family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=both)


def _as_seen_by_both(networks: Sequence[str]) -> Iterator[str]:
    """How a socket for both families shows the callers in these networks of IPv4 (RFC 4291, 2.5.5.2)."""
    for network in map(ip_network, networks):
        if isinstance(network, IPv4Network):
            yield f"::ffff:{network.network_address}/{96 + network.prefixlen}"


def _not_about_cut_bodies(record: logging.LogRecord) -> bool:
    """Whether a line is about something else than a body that was ended early; who ended it has told why."""
    return record.msg != "ASGI callable returned without completing response."


logging.getLogger("uvicorn.error").addFilter(_not_about_cut_bodies)


class _Server(uvicorn.Server):
    """Leaves signals to the process that it runs in, says when it accepts connections, and ends without delay."""

    def __init__(self, config: uvicorn.Config, drain_seconds: float) -> None:
        super().__init__(config)
        self._drain_seconds = drain_seconds
        self.accepting = asyncio.Event()
        self._asked_to_stop = asyncio.Event()

    def ask_to_stop(self) -> None:
        """Makes `serve` come to its end."""
        self.should_exit = True
        self._asked_to_stop.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Says when the sockets are served."""
        await super().startup(sockets)
        self.accepting.set()

    async def main_loop(self) -> None:
        """Keeps the date of answers right until the stop is asked for."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked_to_stop.wait(), _DATE_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes no more connections, lets go of the idle ones, and ends with the last request that runs.

        The library's own pauses for a tenth of a second at each of these steps.
        """
        for listener in (*self.servers, *(sockets or ())):
            listener.close()
        try:
            async with asyncio.timeout(self._drain_seconds):
                await self._drained()
        except TimeoutError:
            running = tuple(self.server_state.tasks)
            log.warning("requests_cut_off", count=len(running))
            for task in running:
                task.cancel()

    async def _drained(self) -> None:
        state = self.server_state
        while True:
            for connection in tuple(state.connections):  # also those that were accepted while the listener closed
                connection.shutdown()
            await asyncio.sleep(_DRAINING_SECONDS)
            if not state.connections and not state.tasks:
                return

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield
