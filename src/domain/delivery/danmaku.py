"""Danmaku: comments that belong to a moment of a film and run across its picture. Pure."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from synctv.domain.text import has_visible, one_line

MAX_COMMENTS = 20_000
MAX_TEXT_LENGTH = 200
MAX_SECONDS = 360_000.0
WHITE = 0xFFFFFF
NORMAL_SIZE = 25
_SIZES = (10, 64)

_P = re.compile(r"\sp\s?=\s?(?:\"([^\"<>]*)\"|'([^'<>]*)')")
_CDATA = ("<![CDATA[", "]]>")


class Mode(StrEnum):
    """How a comment is shown: it runs from right to left, or stands for some seconds."""

    SCROLL = "scroll"
    TOP = "top"
    BOTTOM = "bottom"


# 6 runs from left to right. 7 is placed freely, 8 and 9 are programs: these three are never shown.
_MODES = {1: Mode.SCROLL, 2: Mode.SCROLL, 3: Mode.SCROLL, 6: Mode.SCROLL, 4: Mode.BOTTOM, 5: Mode.TOP}


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote: `time` in seconds of the film, `color` as 0xRRGGBB, `size` in pixels where 25 is normal."""

    time: float
    mode: Mode
    color: int
    text: str
    size: int = NORMAL_SIZE


def comment(time: float, mode: int, color: int, text: str, size: float = NORMAL_SIZE) -> Comment | None:
    """The comment, made fit to be shown; None for one of a mode that is not shown, without text, or at no time.

    `mode` is Bilibili's number, which other sites took over: 1, 2, 3 and 6 run, 4 stands at the bottom, 5 at the top.
    """
    known = _MODES.get(mode)
    # Cut before it is looked at: the time that takes is for what is shown.
    shown = one_line(text[: 4 * MAX_TEXT_LENGTH])[:MAX_TEXT_LENGTH].rstrip()
    if known is None or not has_visible(shown) or not (math.isfinite(time) and time <= MAX_SECONDS):
        return None
    least, most = _SIZES
    fitting = int(min(max(size, least), most)) if math.isfinite(size) else NORMAL_SIZE
    return Comment(max(0.0, time), known, color if 0 <= color <= WHITE else WHITE, shown, fitting)


def selected(comments: Iterable[Comment], most: int = MAX_COMMENTS) -> tuple[Comment, ...]:
    """The comments in the order of their time; where there are more than `most`, some of each part of the film."""
    ordered = sorted(comments, key=lambda each: each.time)
    if len(ordered) <= most:
        return tuple(ordered)
    return tuple(ordered[place * len(ordered) // most] for place in range(most))


def bilibili(document: str) -> Iterator[Comment]:
    """The comments of Bilibili's XML: `<d p="seconds,mode,size,color,…">text</d>`, each read by itself.

    What is broken is left out, and the rest is read: real files hold characters that XML forbids, and unescaped ones.
    There is no document type and no entity beyond those of characters.
    """
    start = document.find("<d ")
    while start >= 0:
        close = document.find("</d>", start)
        if close < 0:
            return
        start = document.rfind("<d ", start, close)  # an earlier one was never closed
        tag = document.find(">", start, close)
        found = _item(document[start:tag], document[tag + 1 : close]) if tag >= 0 else None
        if found is not None:
            yield found
        start = document.find("<d ", close)


def _item(tag: str, text: str) -> Comment | None:
    match = _P.search(tag)
    fields = (match[1] or match[2] or "").split(",") if match is not None else []
    verbatim = text.startswith(_CDATA[0])
    return from_fields(fields, text[len(_CDATA[0]) :].removesuffix(_CDATA[1]) if verbatim else html.unescape(text))


def from_fields(fields: list[str], text: str) -> Comment | None:
    """The comment of the fields `seconds, mode, size, color, …`; None where they are none."""
    if len(fields) < 4:
        return None
    try:
        time, mode, size, color = float(fields[0]), int(fields[1]), float(fields[2]), int(fields[3])
    except ValueError:
        return None
    return comment(time, mode, color, text, size)
