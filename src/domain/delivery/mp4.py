"""How long an MP4 or QuickTime file lasts (ISO/IEC 14496-12), from pieces of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


class Mp4Error(ValueError):
    """These bytes are no MP4, or not the piece of it that was asked for."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The piece does not hold the answer; a piece from this byte of the file on may."""

    offset: int


@dataclass(frozen=True, slots=True)
class Box:
    """A box, which begins `at`: its content lies at `start` to `end` of the piece, and may reach beyond it."""

    kind: bytes
    at: int
    start: int
    end: int


def find_duration(piece: bytes, offset: int = 0) -> float | Elsewhere | None:
    """The duration in seconds from a piece that begins with a box, `offset` bytes into the file.

    None when the file does not say. Raises `Mp4Error`.
    """
    position = 0
    for box in boxes(piece, 0, len(piece)):
        if box.kind == b"moov":
            return _movie_duration(piece, box, offset)
        position = box.end
    if position <= 0:
        raise Mp4Error("no box")
    return Elsewhere(offset + position)


def _movie_duration(piece: bytes, movie: Box, offset: int) -> float | Elsewhere | None:
    header = next((box for box in boxes(piece, movie.start, movie.end) if box.kind == b"mvhd"), None)
    if header is None:
        # Read again from the very beginning of the box, unless that is what this piece already was.
        if movie.at > 0 and movie.end > len(piece):
            return Elsewhere(offset + movie.at)
        raise Mp4Error("no movie header")
    scale, duration = _header(piece, header)
    if duration == 0:
        duration = _fragment_duration(piece, movie)
    return duration / scale if duration else None


def _header(piece: bytes, box: Box) -> tuple[int, int]:
    """Time scale and duration of a movie header; 0 for an unknown duration."""
    wide = number(piece, box.start, 1) == 1
    scale = number(piece, box.start + (20 if wide else 12), 4)
    size = 8 if wide else 4
    duration = number(piece, box.start + (24 if wide else 16), size)
    if scale == 0:
        raise Mp4Error("time scale 0")
    return scale, 0 if duration == (1 << 8 * size) - 1 else duration


def _fragment_duration(piece: bytes, movie: Box) -> int:
    """What a fragmented file says of all its fragments together; 0 when it doesn't."""
    for extends in boxes(piece, movie.start, movie.end):
        if extends.kind == b"mvex":
            for box in boxes(piece, extends.start, extends.end):
                if box.kind == b"mehd":
                    return number(piece, box.start + 4, 8 if number(piece, box.start, 1) == 1 else 4)
    return 0


def boxes(piece: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes that begin in this part of the piece; each has at least 8 bytes, so this ends. Raises `Mp4Error`."""
    while start + 8 <= min(end, len(piece)):
        size, kind, header = number(piece, start, 4), piece[start + 4 : start + 8], 8
        if size == 1:
            size, header = number(piece, start + 8, 8), 16
        elif size == 0:
            size = end - start  # up to the end of the file, which nothing can follow
        if size < header or not all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind):
            raise Mp4Error("no box")
        yield Box(kind, start, start + header, start + size)
        start += size


def number(piece: bytes, start: int, size: int) -> int:
    """So many bytes as an unsigned number. Raises `Mp4Error` where the piece ends before."""
    part = piece[start : start + size]
    if len(part) < size:
        raise Mp4Error("cut off")
    return int.from_bytes(part)
