"""SubStation Alpha, both versions: only text and times of it, and whether it stands at the top."""

from __future__ import annotations

import re
from collections.abc import Iterator

from synctv.adapters.subtitles.markup import at_the_top, from_ass
from synctv.domain.delivery.webvtt import Cue

_TIME = re.compile(r"(\d{1,4}):(\d{1,2}):(\d{1,2})(?:[.,:](\d{1,3}))?")
_SECTIONS = re.compile(r"(?mi)^\ufeff?\[(?:script info|v4\+? styles\+?|events)\]")
_FIELDS = ["Layer", "Start", "End", "Style", "Name", "MarginL", "MarginR", "MarginV", "Effect", "Text"]
_TOP_OF_V4_PLUS = frozenset({"7", "8", "9"})
_TOP_OF_V4 = frozenset({"5", "6", "7"})


def is_ass(text: str) -> bool:
    """Whether its beginning has a section of SubStation's."""
    return _SECTIONS.search(text[:4_096]) is not None


def read_ass(text: str) -> Iterator[Cue]:
    """The dialogue. Fields are in the order that `Format:` gives; comments and drawings are left out."""
    section, format_ = "", list[str]()
    top_styles: set[str] = set()
    for line in text.split("\n"):
        name, _, rest = line.strip().partition(":")
        if name.startswith("[") and name.endswith("]"):
            section, format_ = name.lower(), []
        elif name == "Format":
            format_ = [field.strip() for field in rest.split(",")]
        elif name == "Style" and _is_at_the_top(section, format_, rest):
            top_styles.add(_fields(format_, rest).get("Name", ""))
        elif name == "Dialogue" and section == "[events]":
            yield from _dialogue(_fields(format_ or _FIELDS, rest), top_styles)


def _fields(format_: list[str], rest: str) -> dict[str, str]:
    """The last field may hold commas."""
    values = rest.split(",", max(0, len(format_) - 1))
    return {field: value.strip() for field, value in zip(format_, values, strict=False)}


def _is_at_the_top(section: str, format_: list[str], rest: str) -> bool:
    tops = _TOP_OF_V4_PLUS if "+" in section else _TOP_OF_V4
    return _fields(format_, rest).get("Alignment") in tops


def _dialogue(fields: dict[str, str], top_styles: set[str]) -> Iterator[Cue]:
    start, end = _seconds(fields.get("Start", "")), _seconds(fields.get("End", ""))
    text = fields.get("Text", "")
    if start is not None and end is not None:
        top = at_the_top(text) or fields.get("Style", "").lstrip("*") in top_styles
        yield Cue(start, end, from_ass(text), top)


def _seconds(stamp: str) -> float | None:
    match = _TIME.fullmatch(stamp)
    if match is None:
        return None
    whole = int(match[1]) * 3_600 + int(match[2]) * 60 + int(match[3])
    return whole + (float(f"0.{match[4]}") if match[4] else 0.0)
