"""Where a file that holds its own index has what DASH asks for (`SegmentBase`): its head, and the index. Pure.

An MP4 is split into fragments, of which a segment index box (`sidx`, ISO/IEC 14496-12) tells where they are; a WebM has
Cues (RFC 9559). Only an index in front of the media is found: that is how sites write files that are played by DASH.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from synctv.domain.delivery import ebml, mp4

FIRST_PIECE_BYTES = 4_096
MAX_HEAD_BYTES = 8 << 20

_EBML = b"\x1a\x45\xdf\xa3"
# An element's id and size take 4 and 8 bytes at most; less than that may be the beginning of one.
_ELEMENT_HEADER = 12


class NoIndexError(ValueError):
    """This file has no index in front of its media. The message is a sentence for the person."""

    def __init__(self) -> None:
        super().__init__("This file has no index at its beginning, so it can't be played in pieces.")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes from `first` to `last` of a file, both included, as HTTP and DASH write them."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Index:
    """What a decoder needs first, the index of what follows, and how many seconds that lasts, if the file says so."""

    init_range: ByteRange
    index_range: ByteRange
    duration: float | None


@dataclass(frozen=True, slots=True)
class NeedMore:
    """The piece is too short: at least so many bytes from the beginning of the file are needed.

    A file that does not have so many has no index.
    """

    bytes: int


def find_index(piece: bytes) -> Index | NeedMore:
    """The index of the MP4 or WebM file that begins with this piece. Raises `NoIndexError`.

    It asks for `MAX_HEAD_BYTES` at most, and each time for more than it was given.
    """
    try:
        found = _webm(piece) if piece.startswith(_EBML) else _mp4(piece)
    except (mp4.Mp4Error, ebml.EbmlError):
        raise NoIndexError from None
    if isinstance(found, NeedMore) and found.bytes > MAX_HEAD_BYTES:
        raise NoIndexError
    return found


def _mp4(piece: bytes) -> Index | NeedMore:
    head, position = None, 0
    for box in mp4.boxes(piece, 0, len(piece)):
        if box.kind == b"moov":
            head = ByteRange(0, box.end - 1)
        elif box.kind in (b"moof", b"mdat"):
            raise NoIndexError
        elif box.kind == b"sidx" and head is not None:
            return _segment_index(piece, box, head)
        position = box.end
    return NeedMore(max(position, len(piece)) + FIRST_PIECE_BYTES)


def _segment_index(piece: bytes, box: mp4.Box, head: ByteRange) -> Index | NeedMore:
    if box.end > len(piece):
        return NeedMore(box.end)
    scale = mp4.number(piece, box.start + 8, 4)
    # Two times of 4 or 8 bytes each, by the version, then 2 reserved bytes, the count, and 12 bytes for each entry.
    count_at = box.start + (30 if mp4.number(piece, box.start, 1) else 22)
    first = count_at + 2
    entries = range(first, first + 12 * mp4.number(piece, count_at, 2), 12)
    if entries.stop > box.end:
        raise NoIndexError
    ticks = sum(mp4.number(piece, entry + 4, 4) for entry in entries)
    duration = ticks / scale if scale and ticks else None
    return Index(head, ByteRange(box.at, box.end - 1), duration)


def _webm(piece: bytes) -> Index | NeedMore:
    position = 0
    try:
        for element in _top(piece):
            if element.id == ebml.CLUSTER:
                raise NoIndexError
            if element.id == ebml.CUES:
                return _cues(piece, element)
            position = element.start if element.id == ebml.SEGMENT else element.end
    except ebml.EbmlError:
        if len(piece) - position > _ELEMENT_HEADER:
            raise
    return NeedMore(max(position, len(piece)) + FIRST_PIECE_BYTES)


def _top(piece: bytes) -> Iterator[ebml.Element]:
    """The header, the segment, and what is in it."""
    for element in ebml.elements(piece, 0, len(piece)):
        yield element
        if element.id == ebml.SEGMENT:
            yield from ebml.elements(piece, element.start, element.end)
            return


def _cues(piece: bytes, cues: ebml.Element) -> Index | NeedMore:
    if cues.end > len(piece):
        return NeedMore(cues.end)
    return Index(ByteRange(0, cues.at - 1), ByteRange(cues.at, cues.end - 1), ebml.find_duration(piece))
