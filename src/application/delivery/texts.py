"""Subtitles and danmaku: fetched whole, turned into what the page shows, and kept for a while."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from synctv.application.ports.clock import Clock
from synctv.application.ports.danmaku import MAX_DANMAKU_BYTES, DanmakuReader, UnreadableDanmaku
from synctv.application.ports.fetch import Fetch, FetchRequest, FetchResponse
from synctv.application.ports.subtitles import MAX_SUBTITLE_BYTES, SubtitleConverter, UnreadableSubtitles
from synctv.domain.delivery.danmaku import Comment
from synctv.domain.delivery.inline import content_of
from synctv.domain.delivery.offer import Upstream
from synctv.domain.delivery.upstream_status import MAY_HAVE_EXPIRED, failure, host_of
from synctv.domain.errors import UpstreamFormat
from synctv.domain.ids import seconds_after

FETCH_SECONDS = 20.0
FRESH_SECONDS = 600.0
KEPT = 64
KEPT_BYTES = 32 << 20

Renew = Callable[[], Awaitable[Upstream]]


@dataclass(slots=True)
class _Kept:
    making: asyncio.Lock = field(default_factory=asyncio.Lock)
    content: bytes | None = None
    until: int = 0


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of text: how long it may be, and what is made of it."""

    name: str
    max_bytes: int
    made: Callable[[FetchResponse, str | None], bytes]


class Texts:
    """Fetches and converts each text once, however many viewers want it. Converting happens beside the loop."""

    def __init__(self, fetch: Fetch, subtitles: SubtitleConverter, danmaku: DanmakuReader, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._subtitles = _Kind(
            "subtitle",
            MAX_SUBTITLE_BYTES,
            lambda answer, hint: subtitles.to_vtt(answer.body, answer.headers.get("content-type") or hint).encode(),
        )
        self._danmaku = _Kind(
            "danmaku",
            MAX_DANMAKU_BYTES,
            lambda answer, hint: _written(danmaku.read(answer.body, None, answer.headers.get("content-type") or hint)),
        )
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    async def subtitle(self, upstream: Upstream, hint: str | None, renew: Renew) -> bytes:
        """The subtitle as WebVTT in UTF-8. Raises what fetching raises, and `UpstreamFormat` for what is none."""
        return await self._text(self._subtitles, upstream, hint, renew)

    async def danmaku(self, upstream: Upstream, hint: str | None, renew: Renew) -> bytes:
        """The comments as JSON. Raises as `subtitle` does."""
        return await self._text(self._danmaku, upstream, hint, renew)

    async def _text(self, kind: _Kind, upstream: Upstream, hint: str | None, renew: Renew) -> bytes:
        kept = self._kept.setdefault((kind.name, upstream.identity), _Kept())
        self._kept.move_to_end((kind.name, upstream.identity))
        async with kept.making:
            if kept.content is None or self._clock.now() >= kept.until:
                kept.content = await self._made(kind, upstream, hint, renew)
                kept.until = seconds_after(self._clock.now(), FRESH_SECONDS)
            content = kept.content
        self._forget_some()
        return content

    async def _made(self, kind: _Kind, upstream: Upstream, hint: str | None, renew: Renew) -> bytes:
        answer = await self._asked(kind, upstream)
        if answer.status in MAY_HAVE_EXPIRED:
            answer = await self._asked(kind, await renew())
        host = host_of(answer.url)
        if not 200 <= answer.status < 300:
            raise failure(host, answer.status, answer.headers.get("retry-after"), self._clock.now())
        if answer.truncated:
            raise UpstreamFormat(host, f"this text is longer than {kind.max_bytes >> 20} MiB.")
        try:
            return await asyncio.to_thread(kind.made, answer, hint)
        except (UnreadableSubtitles, UnreadableDanmaku) as error:
            raise UpstreamFormat(host, str(error)) from None

    async def _asked(self, kind: _Kind, upstream: Upstream) -> FetchResponse:
        content = content_of(upstream.url)
        if content is not None:
            too_long = len(content) > kind.max_bytes
            return FetchResponse(200, {}, content[: kind.max_bytes], upstream.url, truncated=too_long)
        request = FetchRequest(upstream.url, headers=upstream.headers, max_bytes=kind.max_bytes, timeout=FETCH_SECONDS)
        return await self._fetch.fetch(request)

    def _forget_some(self) -> None:
        size = 0
        for key, kept in reversed(list(self._kept.items())):
            size += len(kept.content or b"")
            if (size > KEPT_BYTES or len(self._kept) > KEPT) and not kept.making.locked():
                del self._kept[key]


def _written(comments: Sequence[Comment]) -> bytes:
    listed = [
        {"time": one.time, "mode": one.mode.value, "color": one.color, "size": one.size, "text": one.text}
        for one in comments
    ]
    return json.dumps({"comments": listed}, ensure_ascii=False, separators=(",", ":")).encode()
