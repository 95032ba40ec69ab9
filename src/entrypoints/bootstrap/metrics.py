"""Numbers for Prometheus, on a listener and a thread of their own, so that a busy server can still be looked at."""

from __future__ import annotations

import hmac
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from selectors import EVENT_READ, DefaultSelector
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from synctv.application.mail.postman import Tally
from synctv.application.operation.operators import LiveCounts
from synctv.entrypoints.bootstrap.settings import MetricsSettings

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/metrics"
_CALLER_SECONDS = 10


@contextmanager
def metrics_served(
    settings: MetricsSettings,
    live: Callable[[], LiveCounts],
    mail: Tally,
    version: str,
    more: Iterable[Collector] = (),
) -> Iterator[str]:
    """Answers `GET /metrics` until the block is left; gives `host:port` as it was bound.

    `live` and what `more` collects are called from other threads. Raises `OSError` when the port can't be listened on.
    """
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    for collector in (_LiveCollector(live, mail, version), *more):
        registry.register(collector)
    token = settings.token.get_secret_value() if settings.token else None
    with _listener(settings.host, settings.port) as server:
        server.set_app(_guarded(make_wsgi_app(registry), token))
        with _serving(server):
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            yield f"{host}:{server.server_port}"


@contextmanager
def _serving(server: _Listener) -> Iterator[None]:
    """A thread that answers callers, and ends with the block."""
    end, ended = socket.socketpair()
    thread = Thread(target=server.serve_until, args=(ended,), name="metrics", daemon=True)
    with end, ended:
        thread.start()
        try:
            yield
        finally:
            end.close()
            thread.join()


class _LiveCollector(Collector):
    """What the server serves now, read whenever somebody looks."""

    def __init__(self, live: Callable[[], LiveCounts], mail: Tally, version: str) -> None:
        self._live = live
        self._mail = mail
        self._version = version

    def collect(self) -> Iterable[Metric]:
        live = self._live()
        yield InfoMetricFamily("synctv_build", "The version that runs.", value={"version": self._version})
        yield GaugeMetricFamily("synctv_connections", "Open realtime connections.", value=live.connections)
        yield GaugeMetricFamily("synctv_viewed_rooms", "Rooms with an open connection.", value=live.viewed_rooms)
        letters = CounterMetricFamily("synctv_letters", "Attempts to send a letter.", labels=["outcome"])
        for outcome in ("sent", "postponed", "given_up"):
            letters.add_metric([outcome], getattr(self._mail, outcome))
        yield letters


class _Listener(ThreadingMixIn, WSGIServer):
    """One short-lived thread for each caller."""

    daemon_threads = True
    timeout = 0.0

    def serve_until(self, ended: socket.socket) -> None:
        """Answers callers until the other end of `ended` is closed; `serve_forever` looks only now and then."""
        with DefaultSelector() as selector:
            for watched in (self.socket, ended):
                selector.register(watched, EVENT_READ)
            while ended not in (ready := [key.fileobj for key, _ in selector.select()]):
                if ready:
                    self.handle_request()

    def server_bind(self) -> None:
        """Binds without asking for the machine's name, which may take long."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _ListenerOverIPv6(_Listener):
    """The same for an address with colons."""

    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    """Writes no log of its own, and waits for no caller for ever."""

    timeout = _CALLER_SECONDS

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Says nothing."""


def _listener(host: str, port: int) -> _Listener:
    listener = _ListenerOverIPv6 if ":" in host else _Listener
    return listener((host, port), _Handler)


def _guarded(app: WSGIApplication, token: str | None) -> WSGIApplication:
    """The application at its one path, for who shows the token."""
    expected = f"Bearer {token}".encode() if token else None

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        shown = str(environ.get("HTTP_AUTHORIZATION", "")).encode("latin-1", "replace")
        if expected is not None and not hmac.compare_digest(shown, expected):
            return _plain(start_response, "401 Unauthorized", "Show the token as `Authorization: Bearer …`.")
        if environ.get("PATH_INFO") != PATH:
            return _plain(start_response, "404 Not Found", f"Only {PATH} is here.")
        return app(environ, start_response)

    return guarded


def _plain(start_response: StartResponse, status: str, sentence: str) -> Iterable[bytes]:
    body = f"{sentence}\n".encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]
