"""Playlists and manifests: fetched whole, kept for a moment, and rewritten for each viewer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from synctv.application.delivery.documents import DocumentKind, Documents, unreadable
from synctv.application.delivery.shared import Keeping, Shared
from synctv.application.delivery.source import Renew
from synctv.application.limits.portions import Portions
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch, FetchResponse
from synctv.application.ports.media_links import MediaClaims, MediaLinks
from synctv.domain.delivery import dash, hls
from synctv.domain.delivery.manifests import MAX_TEXT_BYTES, ManifestError, Role
from synctv.domain.delivery.named import NamedAddress
from synctv.domain.delivery.offer import Upstream
from synctv.domain.delivery.playable import Container

FRESH_SECONDS = 1.0
"""So long a playlist is shared by all who ask for it: far below the shortest segment, and enough for a crowd."""

KEPT = 256
KEPT_BYTES = 64 << 20
ON_A_THREAD_BYTES = 64 << 10
"""Longer ones are rewritten beside the loop: a million characters take some hundred milliseconds."""

THREADS = 2
"""How many long ones are rewritten at once."""

MAX_ADDRESSES_LENGTH = 16 << 20
"""How long the addresses may be that are written into one. Each holds an absolute address where the playlist may have a
short one, so that four megabytes could become hundreds."""

_PLAYLIST = DocumentKind("playlist", MAX_TEXT_BYTES, seconds=15.0)
_LOW_LATENCY = ("_HLS_msn", "_HLS_part", "_HLS_skip")


@dataclass(frozen=True, slots=True)
class Document:
    """A playlist or manifest for one viewer."""

    content: bytes
    content_type: str


class Playlists:
    """Asks each upstream once for what many viewers want at the same moment."""

    def __init__(self, fetch: Fetch, portions: Portions, links: MediaLinks, clock: Clock) -> None:
        self._documents = Documents(fetch, portions, clock)
        self._links = links
        self._kept = Shared[FetchResponse](
            clock, Keeping(FRESH_SECONDS, KEPT, KEPT_BYTES), lambda answer: len(answer.body)
        )
        self._threads = asyncio.Semaphore(THREADS)

    async def document(
        self,
        upstream: Upstream,
        container: Container,
        claims: MediaClaims,
        whose: str,
        folder: str,
        renew: Renew | None = None,
    ) -> Document:
        """The document at this address with every address in it replaced by one of ours for these claims.

        `whose` it is decides whose calls it is one of. `folder` leads from its own address to where sealed ones are
        (`""` or `"../"`). `renew` gives a later address where this one has run out. Raises what fetching raises, and
        `UpstreamFormat` for what can't be rewritten.
        """
        # Nobody waits for a call for somebody else, who may have many.
        key = f"{whose} {upstream.identity}"
        answer = await self._kept.get(key, lambda: self._documents.get(_PLAYLIST, upstream, whose, renew))
        rewrite = _rewritten_hls if container is Container.HLS else _rewritten_dash
        replace = _Addresses(self._links, claims, folder, _NAMES[container])
        try:
            if len(answer.body) <= ON_A_THREAD_BYTES:
                return rewrite(answer, replace)
            async with self._threads:
                return await asyncio.to_thread(rewrite, answer, replace)
        except ManifestError as error:
            raise unreadable(_PLAYLIST, answer, error) from None


_NAMES = {Container.HLS: "playlist.m3u8", Container.DASH: "manifest.mpd"}
"""What a playlist of each kind is called that another one names."""


@dataclass(slots=True)
class _Addresses:
    """Writes our addresses into one playlist for one viewer."""

    links: MediaLinks
    claims: MediaClaims
    folder: str
    playlist: str
    left: int = field(default=MAX_ADDRESSES_LENGTH)

    def __call__(self, url: str, role: Role) -> str:
        named = NamedAddress(role, url)
        address = f"{self.folder}{self.links.seal(named.text, self.claims)}/{named.file_name(self.playlist)}"
        self.left -= len(address)
        if self.left < 0:
            raise ManifestError("The addresses in this playlist are too long altogether to be played through here.")
        return address


def with_low_latency(upstream: Upstream, query: str) -> Upstream:
    """The address with what a player of low-latency HLS asks of the server (`_HLS_msn=7`), and nothing else of it.

    One whose query is signed stays as it is: it would be good for nothing with more in it, and files wait for nobody.
    """
    asked = [part for part in query.split("&") if part.partition("=")[0] in _LOW_LATENCY and _is_directive(part)]
    if not asked or upstream.sign is not None:
        return upstream
    separator = "&" if urlsplit(upstream.url).query else "?"
    directives = "&".join(asked)
    key = None if upstream.key is None else f"{upstream.key}?{directives}"
    return Upstream(f"{upstream.url}{separator}{directives}", upstream.headers, key)


def _is_directive(part: str) -> bool:
    value = part.partition("=")[2]
    return value in ("YES", "v2") or (value.isascii() and value.isdigit() and len(value) < 12)


def _rewritten_hls(answer: FetchResponse, replace: Callable[[str, Role], str]) -> Document:
    playlist = hls.rewrite(answer.body.decode("utf-8", "replace"), answer.url, replace)
    return Document(playlist.text.encode(), "application/vnd.apple.mpegurl")


def _rewritten_dash(answer: FetchResponse, replace: Callable[[str, Role], str]) -> Document:
    return Document(dash.rewrite(answer.body, answer.url, replace).document, "application/dash+xml")
