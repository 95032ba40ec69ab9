"""How long a WebM file lasts, from its beginning (RFC 8794 for EBML, RFC 9559 for the elements). Pure."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass

HEADER = 0x1A45DFA3
SEGMENT = 0x18538067
_INFO = 0x1549A966
CLUSTER = 0x1F43B675
CUES = 0x1C53BB6B
_TIMESTAMP_SCALE = 0x2AD7B1
_DURATION = 0x4489

_NANOSECONDS = 1_000_000_000
_DEFAULT_SCALE = 1_000_000


class EbmlError(ValueError):
    """These bytes are no WebM."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element, which begins `at`: its content lies at `start` to `end` of the data, and may reach beyond it."""

    id: int
    at: int
    start: int
    end: int


def find_duration(data: bytes) -> float | None:
    """The duration in seconds; None when this beginning of the file does not say. Raises `EbmlError`."""
    top = elements(data, 0, len(data))
    first = next(top, None)
    if first is None or first.id != HEADER:
        raise EbmlError("no EBML header")
    segment = next((element for element in top if element.id == SEGMENT), None)
    if segment is None:
        return None
    for element in elements(data, segment.start, segment.end):
        if element.id == CLUSTER:
            return None
        if element.id == _INFO:
            return _duration(data, element)
    return None


def _duration(data: bytes, info: Element) -> float | None:
    scale, ticks = _DEFAULT_SCALE, None
    for element in elements(data, info.start, info.end):
        content = data[element.start : element.end]
        if element.id == _TIMESTAMP_SCALE:
            scale = int.from_bytes(content[:8])
        elif element.id == _DURATION:
            ticks = _float(content)
    if ticks is None:
        return None
    seconds = ticks * scale / _NANOSECONDS
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _float(content: bytes) -> float | None:
    if len(content) not in (4, 8):
        return None
    (number,) = struct.unpack(">f" if len(content) == 4 else ">d", content)
    return float(number)


def elements(data: bytes, start: int, end: int) -> Iterator[Element]:
    """The elements that begin in this part of the data. Each is at least 2 bytes long, so this ends.

    Raises `EbmlError`, for a header that is cut off too.
    """
    end = min(end, len(data))
    while start < end:
        at = start
        id_, start = _vint(data, start, 4, marked=True)
        size, start = _vint(data, start, 8, marked=False)
        last = end if size is None else start + size
        yield Element(id_ or 0, at, start, last)
        start = last


def _vint(data: bytes, start: int, longest: int, *, marked: bool) -> tuple[int | None, int]:
    """A number of variable length and where it ends; with or without its length marker. None is an unknown size."""
    if start >= len(data) or data[start] == 0:
        raise EbmlError("no number")
    length = 9 - data[start].bit_length()
    raw = data[start : start + length]
    if length > longest or len(raw) < length:
        raise EbmlError("no number")
    number = int.from_bytes(raw)
    if marked:
        return number, start + length
    ones = (1 << 7 * length) - 1
    return None if number & ones == ones else number & ones, start + length
