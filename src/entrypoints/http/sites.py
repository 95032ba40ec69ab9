"""Where the page is, as browsers see it."""

from __future__ import annotations

from urllib.parse import urlsplit

from synctv.application.ports.webauthn import Site

_USUAL_PORTS = {"http": 80, "https": 443}


def site_at(url: str) -> Site:
    """The site of an address. Raises `ValueError` for one without a host, or with a port beyond 65,535.

    The origin is written as browsers write it (RFC 6454, 6.2): lower case, without the port that the scheme implies.
    """
    parts = urlsplit(url)
    host, scheme = parts.hostname, parts.scheme.lower()
    if not host:
        raise ValueError("This address has no host.")
    shown = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _USUAL_PORTS.get(scheme)) else f":{parts.port}"
    return Site(f"{scheme}://{shown}{port}", host)
