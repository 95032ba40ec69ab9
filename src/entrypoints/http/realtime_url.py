"""Where clients find the realtime server."""

from __future__ import annotations

from urllib.parse import urlsplit

from synctv.entrypoints.http.exchange import Exchange


def realtime_url(exchange: Exchange) -> str:
    """The configured address; else the host that the client reached this server by, at the realtime port."""
    options = exchange.options
    if options.realtime_public_url:
        return options.realtime_public_url.rstrip("/")
    host = _host_of(options.public_url) if options.public_url else exchange.host_name
    return f"{'wss' if exchange.secure else 'ws'}://{host}:{options.realtime_port}"


def _host_of(url: str) -> str:
    host = urlsplit(url).hostname or "localhost"
    return f"[{host}]" if ":" in host else host
