"""Range requests: what a viewer asks for, which bytes that is, and what an upstream says it sent (RFC 9110, 14)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_RANGES = 16
"""More in one request are refused: players ask for one, and many small ones only cost (RFC 9110, 14.2)."""

MAX_HEADER_LENGTH = 1_000
CLOSE_ENOUGH = 96
"""Ranges with a gap of fewer bytes are sent as one: the frame around a part is longer (RFC 9110, 15.3.7.2)."""

_DIGITS = r"[0-9]{1,18}"
_UNIT = re.compile(r"[ \t]*bytes[ \t]*=(.*)", re.IGNORECASE | re.DOTALL)
_SPEC = re.compile(rf"(?:(?P<first>{_DIGITS})-(?P<last>{_DIGITS})?|-(?P<suffix>{_DIGITS}))")
_CONTENT_RANGE = re.compile(
    rf"bytes[ \t]+(?:(?P<first>{_DIGITS})-(?P<last>{_DIGITS})|(?P<none>\*))/(?:(?P<length>{_DIGITS})|\*)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `start` up to, but not including, `end`; never none."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def content_range(self, length: int) -> str:
        """How an answer names it."""
        return f"bytes {self.start}-{self.end - 1}/{length}"


@dataclass(frozen=True, slots=True)
class From:
    """From a byte on; `last` is the last one that is wanted, None for all to the end."""

    first: int
    last: int | None = None

    def __str__(self) -> str:
        return f"{self.first}-" if self.last is None else f"{self.first}-{self.last}"

    def fits(self, span: Span, length: int) -> bool:
        """Whether an answer to this may hold that span of so many bytes: a server may send less than all of it."""
        return span.start == self.first and span.end <= length and (self.last is None or span.end <= self.last + 1)


@dataclass(frozen=True, slots=True)
class Suffix:
    """So many bytes at the end."""

    length: int

    def __str__(self) -> str:
        return f"-{self.length}"

    def fits(self, span: Span, length: int) -> bool:
        """Whether an answer to this may hold that span of so many bytes."""
        return span.end == length and len(span) <= self.length


Asked = From | Suffix


class Unsatisfiable(Exception):
    """None of the bytes exist, or more ranges are asked for than are served: 416."""


def parse_range(header: str | None) -> tuple[Asked, ...] | None:
    """What a `Range` asks for; None when there is nothing to heed: no header, another unit, or one that is malformed.

    Raises `Unsatisfiable` for more than `MAX_RANGES`.
    """
    known = _UNIT.fullmatch(header or "")
    if known is None:
        return None
    # Empty elements of a list are no error (RFC 9110, 5.6.1).
    specs = [spec for part in known[1].split(",") if (spec := part.strip(" \t"))]
    if len(specs) > MAX_RANGES or len(known[1]) > MAX_HEADER_LENGTH:
        raise Unsatisfiable
    asked = [_asked(spec) for spec in specs]
    whole = tuple(one for one in asked if one is not None)
    return whole if whole and len(whole) == len(asked) else None


def _asked(spec: str) -> Asked | None:
    found = _SPEC.fullmatch(spec)
    if found is None:
        return None
    if found["suffix"]:
        return Suffix(int(found["suffix"]))
    first, last = int(found["first"]), int(found["last"]) if found["last"] else None
    return None if last is not None and last < first else From(first, last)


def spans(asked: Iterable[Asked], length: int) -> tuple[Span, ...]:
    """The bytes that exist of what is asked for, in order, those that overlap or nearly touch as one.

    Raises `Unsatisfiable` when none do.
    """
    existing = sorted(
        (span for one in asked if (span := _span(one, length)) is not None), key=lambda span: (span.start, span.end)
    )
    joined: list[Span] = []
    for span in existing:
        if joined and span.start < joined[-1].end + CLOSE_ENOUGH:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    if not joined:
        raise Unsatisfiable
    return tuple(joined)


def _span(asked: Asked, length: int) -> Span | None:
    match asked:
        case Suffix(wanted):
            start, end = max(0, length - wanted), length
        case From(start, last):
            end = length if last is None else min(length, last + 1)
    return Span(start, end) if start < end else None


@dataclass(frozen=True, slots=True)
class ContentRange:
    """What an answer says it holds; `span` is None with a 416, `length` where the sender does not know it."""

    span: Span | None
    length: int | None


def parse_content_range(header: str | None) -> ContentRange | None:
    """What a `Content-Range` says; None for one that is missing, malformed or contradicts itself."""
    found = _CONTENT_RANGE.fullmatch((header or "").strip(" \t"))
    if found is None:
        return None
    length = int(found["length"]) if found["length"] else None
    if found["none"]:
        return None if length is None else ContentRange(None, length)
    first, last = int(found["first"]), int(found["last"])
    if last < first or (length is not None and last >= length):
        return None
    return ContentRange(Span(first, last + 1), length)


def parse_length(header: str | None) -> int | None:
    """What a `Content-Length` says; None for one that is missing or malformed."""
    text = (header or "").strip(" \t")
    return int(text) if re.fullmatch(_DIGITS, text) else None


@dataclass(frozen=True, slots=True)
class Multipart:
    """Several spans as one body of the type `multipart/byteranges` (RFC 9110, 14.6).

    `boundary` is 1 to 70 letters and digits that appear in none of the bytes, as far as chance has it.
    """

    spans: Sequence[Span]
    length: int
    content_type: str
    boundary: str

    @property
    def media_type(self) -> str:
        """The type of the whole."""
        return f"multipart/byteranges; boundary={self.boundary}"

    def head(self, index: int) -> bytes:
        """What stands before the bytes of a span."""
        lines = (
            f"\r\n--{self.boundary}",
            f"Content-Type: {self.content_type}",
            f"Content-Range: {self.spans[index].content_range(self.length)}",
        )
        return "\r\n".join((*lines, "\r\n")).encode("latin-1")

    @property
    def tail(self) -> bytes:
        """What stands after the last one."""
        return f"\r\n--{self.boundary}--\r\n".encode("latin-1")

    @property
    def content_length(self) -> int:
        """The bytes of the whole body."""
        heads = sum(len(self.head(index)) for index in range(len(self.spans)))
        return heads + sum(len(span) for span in self.spans) + len(self.tail)
