"""Playlists and manifests: fetched whole, kept for a moment, and rewritten for each viewer."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch, FetchRequest, FetchResponse
from synctv.application.ports.media_links import MediaClaims, MediaLinks
from synctv.domain.delivery import dash, hls
from synctv.domain.delivery.manifests import MAX_TEXT_BYTES, ManifestError, Role
from synctv.domain.delivery.named import NamedAddress
from synctv.domain.delivery.offer import Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.delivery.upstream_status import MAY_HAVE_EXPIRED, failure, host_of
from synctv.domain.errors import UpstreamFormat
from synctv.domain.ids import Micros, seconds_after

FETCH_SECONDS = 15.0
FRESH_SECONDS = 1.0
"""So long a playlist is shared by all who ask for it: far below the shortest segment, and enough for a crowd."""

KEPT = 256
KEPT_BYTES = 64 << 20
ON_A_THREAD_BYTES = 64 << 10
"""Longer ones are rewritten beside the loop: a million characters take some hundred milliseconds."""

Renew = Callable[[], Awaitable[Upstream]]

_LOW_LATENCY = ("_HLS_msn", "_HLS_part", "_HLS_skip")


@dataclass(frozen=True, slots=True)
class Document:
    """A playlist or manifest for one viewer."""

    content: bytes
    content_type: str


@dataclass(slots=True)
class _Kept:
    fetching: asyncio.Lock = field(default_factory=asyncio.Lock)
    answer: FetchResponse | None = None
    until: int = 0


class Playlists:
    """Asks each upstream once for what many viewers want at the same moment."""

    def __init__(self, fetch: Fetch, links: MediaLinks, clock: Clock) -> None:
        self._fetch = fetch
        self._links = links
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def document(
        self, upstream: Upstream, container: Container, claims: MediaClaims, folder: str, renew: Renew | None = None
    ) -> Document:
        """The document at this address with every address in it replaced by one of ours for these claims.

        `folder` leads from its own address to where sealed ones are (`""` or `"../"`). `renew` gives a later address
        where this one has run out. Raises what fetching raises, and `UpstreamFormat` for what can't be rewritten.
        """
        answer = await self._fresh(upstream, renew)
        rewrite = _rewritten_hls if container is Container.HLS else _rewritten_dash

        def replace(url: str, role: Role) -> str:
            named = NamedAddress(role, url)
            ending = named.file_name("playlist.m3u8" if container is Container.HLS else "manifest.mpd")
            return f"{folder}{self._links.seal(named.text, claims)}/{ending}"

        try:
            if len(answer.body) > ON_A_THREAD_BYTES:
                return await asyncio.to_thread(rewrite, answer, replace)
            return rewrite(answer, replace)
        except ManifestError as error:
            raise UpstreamFormat(host_of(answer.url), str(error)) from None

    async def _fresh(self, upstream: Upstream, renew: Renew | None) -> FetchResponse:
        kept = self._entry(upstream.identity)
        async with kept.fetching:
            if kept.answer is None or self._clock.now() >= kept.until:
                kept.answer = await self._fetched(upstream, renew)
                kept.until = seconds_after(self._clock.now(), FRESH_SECONDS)
            answer = kept.answer
        self._forget_some()
        return answer

    async def _fetched(self, upstream: Upstream, renew: Renew | None) -> FetchResponse:
        answer = await self._asked(upstream)
        if answer.status in MAY_HAVE_EXPIRED and renew is not None:
            answer = await self._asked(await renew())
        if answer.status != 200:
            now = self._clock.now()
            raise failure(host_of(answer.url), answer.status, answer.headers.get("retry-after"), now)
        if answer.truncated:
            raise UpstreamFormat(host_of(answer.url), f"its playlist is longer than {MAX_TEXT_BYTES >> 20} MiB.")
        return answer

    async def _asked(self, upstream: Upstream) -> FetchResponse:
        request = FetchRequest(upstream.url, headers=upstream.headers, max_bytes=MAX_TEXT_BYTES, timeout=FETCH_SECONDS)
        return await self._fetch.fetch(request)

    def _entry(self, identity: str) -> _Kept:
        kept = self._kept.setdefault(identity, _Kept())
        self._kept.move_to_end(identity)
        return kept

    def _forget_some(self) -> None:
        """Forgets what is stale, and the oldest where there is still too much."""
        now: Micros = self._clock.now()
        size = 0
        for identity, kept in reversed(list(self._kept.items())):
            size += len(kept.answer.body) if kept.answer else 0
            too_many = size > KEPT_BYTES or len(self._kept) > KEPT
            if (now >= kept.until or too_many) and not kept.fetching.locked():
                del self._kept[identity]


def with_low_latency(upstream: Upstream, query: str) -> Upstream:
    """The address with what a player of low-latency HLS asks of the server (`_HLS_msn=7`), and nothing else of it."""
    asked = [part for part in query.split("&") if part.partition("=")[0] in _LOW_LATENCY and _is_directive(part)]
    if not asked:
        return upstream
    separator = "&" if urlsplit(upstream.url).query else "?"
    return Upstream(f"{upstream.url}{separator}{'&'.join(asked)}", upstream.headers)


def _is_directive(part: str) -> bool:
    value = part.partition("=")[2]
    return value in ("YES", "v2") or (value.isascii() and value.isdigit() and len(value) < 12)


def _rewritten_hls(answer: FetchResponse, replace: Callable[[str, Role], str]) -> Document:
    playlist = hls.rewrite(answer.body.decode("utf-8", "replace"), answer.url, replace)
    return Document(playlist.text.encode(), "application/vnd.apple.mpegurl")


def _rewritten_dash(answer: FetchResponse, replace: Callable[[str, Role], str]) -> Document:
    return Document(dash.rewrite(answer.body, answer.url, replace).document, "application/dash+xml")
