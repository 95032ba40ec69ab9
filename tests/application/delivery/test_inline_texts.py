"""Subtitles that a provider has already: nobody is asked for them."""

from __future__ import annotations

import pytest

from synctv.adapters.danmaku.reader import TextDanmakuReader
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.subtitles.converter import TextSubtitleConverter
from synctv.application.delivery.texts import Texts
from synctv.application.limits.portions import Portions
from synctv.domain.delivery.inline import inline
from synctv.domain.delivery.offer import Upstream
from synctv.domain.errors import UpstreamFormat

SRT = "1\n00:00:01,000 --> 00:00:02,000\nÄrger\n"


async def nobody() -> Upstream:
    raise AssertionError("there is nothing to renew")


async def test_a_subtitle_that_is_there_already_is_converted() -> None:
    fetch = MemoryFetch()
    texts = Texts(fetch, Portions(), TextSubtitleConverter(), TextDanmakuReader(), MemoryClock())
    converted = (await texts.subtitle(inline(SRT), "srt", "ada", nobody)).decode()
    assert converted.startswith("WEBVTT")
    assert "Ärger" in converted
    assert fetch.requests == []


async def test_one_that_is_too_long_is_refused() -> None:
    texts = Texts(MemoryFetch(), Portions(), TextSubtitleConverter(), TextDanmakuReader(), MemoryClock())
    with pytest.raises(UpstreamFormat):
        await texts.subtitle(inline(SRT + "x" * (17 << 20)), "srt", "ada", nobody)
