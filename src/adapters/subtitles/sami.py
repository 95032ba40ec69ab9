"""SAMI, which old Korean films come with: text that stands until the next `SYNC` of its language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from synctv.adapters.subtitles.markup import from_html
from synctv.domain.delivery.webvtt import Cue

_SYNC = re.compile(r"<sync\b[^<>]*?\bstart\s?=\s?[\"']?(\d{1,9})[^<>]*>", re.IGNORECASE)
_CLASS = re.compile(r"<p\b[^<>]*?\bclass\s?=\s?[\"']?(\w{1,20})", re.IGNORECASE)
_LAST_SECONDS = 5.0


def is_sami(text: str) -> bool:
    """Whether it begins as SAMI does."""
    return "<sami" in text[:2_000].lower()


def read_sami(text: str) -> Iterator[Cue]:
    """The language that has the most text; a file may hold several."""
    syncs = list(_SYNC.finditer(text))
    found = []
    for sync, until in zip(syncs, [*(sync.start() for sync in syncs[1:]), len(text)], strict=False):
        content = " ".join(text[sync.end() : until].split())  # in it a line ends by a tag alone
        language = _CLASS.search(content)
        found.append((int(sync[1]) / 1_000, language[1].upper() if language is not None else "", from_html(content)))
    languages = Counter(language for _, language, shown in found if shown.strip())
    if not languages:
        return
    ((main, _),) = languages.most_common(1)
    spoken = [(start, shown) for start, language, shown in found if language == main]
    ends = [start for start, _ in spoken[1:]] + [spoken[-1][0] + _LAST_SECONDS]
    for (start, shown), end in zip(spoken, ends, strict=True):
        yield Cue(start, end, shown)
