"""Follows short links by hand, so that none leads to a stranger."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from synctv.adapters.providers.bilibili.addresses import Kind, Page, is_own_host, page_of
from synctv.application.ports.fetch import Fetch, FetchRequest
from synctv.domain.errors import UpstreamMissing

MAX_HOPS = 5
HOP_SECONDS = 5.0
HOP_BYTES = 16 << 10


async def expanded(fetch: Fetch, page: Page, site: str) -> Page:
    """The page behind a short link. Raises `UpstreamMissing` where it leads to none of Bilibili's."""
    url = page.url
    for _ in range(MAX_HOPS):
        answer = await fetch.fetch(FetchRequest(url, max_bytes=HOP_BYTES, timeout=HOP_SECONDS, follow=False))
        location = answer.headers.get("location", "") if 300 <= answer.status < 400 else ""
        url = _joined(url, location)
        if not location or not is_own_host(urlsplit(url).hostname or ""):
            break
        found = page_of(url)
        if found is not None and found.kind is not Kind.SHORT:
            return found
    raise UpstreamMissing(site, "this short link leads to no video or live room (any more). Open it in a browser.")


def _joined(url: str, location: str) -> str:
    try:
        joined = urljoin(url, location)
        urlsplit(joined)
    except ValueError:
        return ""
    return joined if joined.startswith(("http://", "https://")) else ""
