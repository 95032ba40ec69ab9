"""Cookies work for the server's own page alone, whatever pages of other sites make a browser send.

The browser's word counts: `Sec-Fetch-Site` where it sends that, else `Origin`, which it sends with everything that may
change something. Who sends neither is no browser, and has no cookies that somebody else could use. That the cookies
are SameSite and that bodies have to be JSON keeps most of it away before.
"""

from __future__ import annotations

from synctv.domain.errors import Denied
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.sites import site_at

_READING = ("GET", "HEAD")


def must_be_our_page(exchange: Exchange, cookie: str) -> None:
    """Raises `Denied` for a request that carries this cookie, may change something, and came from another site."""
    if exchange.request.method in _READING or not exchange.request.get_cookie(cookie):
        return
    if not _is_ours(exchange):
        raise Denied(
            "This came from a page of another site, which may not use your sign-in. Use this server's own page."
        )


def _is_ours(exchange: Exchange) -> bool:
    fetch_site = exchange.header(b"sec-fetch-site")
    if fetch_site:
        # `none`: a person did it, and no page. A sibling of our host (`same-site`) is another site here.
        return fetch_site in ("same-origin", "none")
    origin = exchange.header(b"origin")
    return not origin or origin in _our_origins(exchange)


def _our_origins(exchange: Exchange) -> list[str]:
    """Where our page is. A proxy may speak TLS ahead of us without our knowing, so either scheme is taken."""
    host = exchange.header(b"host")
    addresses = [f"http://{host}", f"https://{host}", exchange.options.public_url or ""]
    origins = []
    for address in addresses:
        try:
            origins.append(site_at(address).origin)
        except ValueError:
            continue
    return origins
