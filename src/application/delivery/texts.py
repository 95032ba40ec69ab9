"""Subtitles and danmaku: fetched whole, turned into what the page shows, and kept for a while."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synctv.application.delivery.documents import DocumentKind, Documents, unreadable
from synctv.application.delivery.shared import Keeping, Shared
from synctv.application.delivery.source import Renew
from synctv.application.limits.portions import Portions
from synctv.application.ports.clock import Clock
from synctv.application.ports.danmaku import MAX_DANMAKU_BYTES, DanmakuReader, UnreadableDanmaku
from synctv.application.ports.fetch import Fetch, FetchResponse
from synctv.application.ports.subtitles import MAX_SUBTITLE_BYTES, SubtitleConverter, UnreadableSubtitles
from synctv.domain.delivery.danmaku import Comment
from synctv.domain.delivery.offer import Upstream

FETCH_SECONDS = 20.0
FRESH_SECONDS = 600.0
KEPT = 64
KEPT_BYTES = 32 << 20
THREADS = 2
"""How many are converted at once: the largest take seconds, and a hundred times their length in memory."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of text: how it is fetched, and what is made of it."""

    document: DocumentKind
    made: Callable[[FetchResponse, str | None], bytes]


class Texts:
    """Fetches and converts each text once, however many viewers want it. Converting happens beside the loop."""

    def __init__(
        self, fetch: Fetch, portions: Portions, subtitles: SubtitleConverter, danmaku: DanmakuReader, clock: Clock
    ) -> None:
        self._documents = Documents(fetch, portions, clock)
        self._kept = Shared[bytes](clock, Keeping(FRESH_SECONDS, KEPT, KEPT_BYTES), len)
        self._threads = asyncio.Semaphore(THREADS)
        self._subtitles = _Kind(
            DocumentKind("subtitle", MAX_SUBTITLE_BYTES, FETCH_SECONDS),
            lambda answer, hint: subtitles.to_vtt(answer.body, answer.headers.get("content-type") or hint).encode(),
        )
        self._danmaku = _Kind(
            DocumentKind("list of comments", MAX_DANMAKU_BYTES, FETCH_SECONDS),
            lambda answer, hint: _written(danmaku.read(answer.body, None, answer.headers.get("content-type") or hint)),
        )

    async def subtitle(self, upstream: Upstream, hint: str | None, whose: str, renew: Renew) -> bytes:
        """The subtitle as WebVTT in UTF-8; `whose` calls fetching it is one of.

        Raises what fetching raises, and `UpstreamFormat` for what is none.
        """
        return await self._text(self._subtitles, upstream, hint, whose, renew)

    async def danmaku(self, upstream: Upstream, hint: str | None, whose: str, renew: Renew) -> bytes:
        """The comments as JSON. Raises as `subtitle` does."""
        return await self._text(self._danmaku, upstream, hint, whose, renew)

    async def _text(self, kind: _Kind, upstream: Upstream, hint: str | None, whose: str, renew: Renew) -> bytes:
        # Nobody waits for a call for somebody else, who may have many.
        key = f"{whose} {kind.document.name} {hint} {upstream.identity}"
        return await self._kept.get(key, lambda: self._made(kind, upstream, hint, whose, renew))

    async def _made(self, kind: _Kind, upstream: Upstream, hint: str | None, whose: str, renew: Renew) -> bytes:
        answer = await self._documents.get(kind.document, upstream, whose, renew)
        try:
            async with self._threads:
                return await asyncio.to_thread(kind.made, answer, hint)
        except (UnreadableSubtitles, UnreadableDanmaku) as error:
            raise unreadable(kind.document, answer, error) from None


def _written(comments: Sequence[Comment]) -> bytes:
    listed = [
        {"time": one.time, "mode": one.mode.value, "color": one.color, "size": one.size, "text": one.text}
        for one in comments
    ]
    return json.dumps({"comments": listed}, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
