"""SubRip, WebVTT and SubViewer (as YouTube writes it): blocks of a line with times and lines of text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from synctv.adapters.subtitles.markup import at_the_top, from_html
from synctv.domain.delivery.webvtt import Cue

_TIME = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,:](\d{1,9}))?")
_SBV = re.compile(r"(\d{1,4}:\d\d:\d\d\.\d{1,3}),(\d{1,4}:\d\d:\d\d\.\d{1,3})\s*")
_MAP = re.compile(r"X-TIMESTAMP-MAP=(?=[^\n]{0,80}?MPEGTS:(\d{1,12}))(?=[^\n]{0,80}?LOCAL:([\d:.]{5,20}))")
_TOP = re.compile(r"\bline:(?:[0-9](?![\d.])|1?\d(?:\.\d{1,9})?%)")
_TICKS = 90_000
_HEADER_LENGTH = 1_000


def is_sbv(text: str) -> bool:
    """Whether the beginning is that of SubViewer's format."""
    return any(_SBV.fullmatch(line) for line in text[:_HEADER_LENGTH].split("\n", 5)[:5])


def read_srt(text: str) -> Iterator[Cue]:
    """SubRip. Empty lines may stand inside of a text, numbers may be missing or wrong."""
    lines: list[str] = []
    times: tuple[float, float, str] | None = None
    for line in text.split("\n"):
        found = _arrow_times(line)
        if found is None:
            lines.append(line)
            continue
        if times is not None:
            yield _cue(times, _without_number(lines))
        times, lines = found, []
    if times is not None:
        yield _cue(times, lines)


def read_vtt(text: str) -> Iterator[Cue]:
    """WebVTT. What HLS says of a segment's place in time (`X-TIMESTAMP-MAP`) moves its cues."""
    header = _MAP.search(text[:_HEADER_LENGTH])
    local = _seconds(header[2]) if header is not None else None
    moved = int(header[1]) / _TICKS - local if header is not None and local is not None else 0.0
    for block in _blocks(text):
        place = next((place for place, line in enumerate(block[:2]) if "-->" in line), None)
        times = _arrow_times(block[place]) if place is not None else None
        if place is not None and times is not None:
            start, end, settings = times
            yield _cue((start + moved, end + moved, settings), block[place + 1 :])


def read_sbv(text: str) -> Iterator[Cue]:
    """SubViewer, with both times and a comma on one line."""
    for block in _blocks(text):
        match = _SBV.fullmatch(block[0])
        start, end = (_seconds(match[1]), _seconds(match[2])) if match is not None else (None, None)
        if start is not None and end is not None:
            yield _cue((start, end, ""), [line.replace("[br]", "\n") for line in block[1:]])


def _blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in text.split("\n"):
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _cue(times: tuple[float, float, str], lines: list[str]) -> Cue:
    start, end, settings = times
    text = "\n".join(lines)
    return Cue(start, end, from_html(text), top=at_the_top(text) or _TOP.search(settings) is not None)


def _without_number(lines: list[str]) -> list[str]:
    """Without the number of the next block: a last line of digits alone, after an empty line or nothing."""
    numbered = bool(lines) and lines[-1].strip().isdigit() and (len(lines) == 1 or not lines[-2].strip())
    return lines[:-1] if numbered else lines


def _arrow_times(line: str) -> tuple[float, float, str] | None:
    """Both times of a line `00:00:01,000 --> 00:00:02,000`, and what stands behind them."""
    before, arrow, after = line.partition("-->")
    left, right = before.split(), after.split(maxsplit=1)
    if not arrow or not left or not right:
        return None
    start, end = _seconds(left[-1]), _seconds(right[0])
    return None if start is None or end is None else (start, end, right[1] if len(right) > 1 else "")


def _seconds(stamp: str) -> float | None:
    match = _TIME.fullmatch(stamp)
    if match is None:
        return None
    whole = int(match[1] or 0) * 3_600 + int(match[2]) * 60 + int(match[3])
    return whole + (float(f"0.{match[4]}") if match[4] else 0.0)
