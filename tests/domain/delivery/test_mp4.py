"""MP4 files tell their duration from pieces, and broken ones break nothing."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.delivery.mp4 import Elsewhere, Mp4Error, find_duration


def box(kind: bytes, content: bytes = b"", size: int | None = None) -> bytes:
    return (size or len(content) + 8).to_bytes(4) + kind + content


def movie_header(duration: int, scale: int = 1_000, *, wide: bool = False) -> bytes:
    size = 8 if wide else 4
    times = bytes(2 * size)
    version = b"\x01\0\0\0" if wide else bytes(4)
    return box(b"mvhd", version + times + scale.to_bytes(4) + duration.to_bytes(size) + bytes(80))


FILE_TYPE = box(b"ftyp", b"isom\0\0\2\0isomiso2")


@pytest.mark.parametrize("wide", [False, True])
def test_the_movie_header_says_how_long_it_lasts(wide: bool) -> None:
    assert find_duration(FILE_TYPE + box(b"moov", movie_header(61_500, wide=wide))) == 61.5


def test_a_movie_box_behind_the_media_is_looked_for_where_it_begins() -> None:
    start = FILE_TYPE + box(b"free") + box(b"mdat", b"x" * 20, size=1_000_000)
    movie = box(b"moov", movie_header(5_000))
    offset = len(FILE_TYPE) + 8 + 1_000_000
    assert find_duration(start) == Elsewhere(offset)
    assert find_duration(movie, offset) == 5.0


def test_media_of_more_than_four_gigabytes_is_skipped() -> None:
    large = (1).to_bytes(4) + b"mdat" + (6 << 30).to_bytes(8) + b"media"
    assert find_duration(FILE_TYPE + large) == Elsewhere(len(FILE_TYPE) + (6 << 30))


def test_a_movie_box_that_is_cut_off_is_read_again_from_its_beginning() -> None:
    whole = FILE_TYPE + box(b"moov", box(b"free", bytes(100)) + movie_header(5_000))
    piece = whole[: len(FILE_TYPE) + 40]
    assert find_duration(piece) == Elsewhere(len(FILE_TYPE))


@pytest.mark.parametrize("duration", [0, 0xFFFF_FFFF])
def test_an_unknown_duration_is_none(duration: int) -> None:
    assert find_duration(FILE_TYPE + box(b"moov", movie_header(duration))) is None


def test_a_fragmented_file_may_say_how_long_its_fragments_are_together() -> None:
    extends = box(b"mvex", box(b"trex", bytes(24)) + box(b"mehd", bytes(4) + (90_000).to_bytes(4)))
    assert find_duration(FILE_TYPE + box(b"moov", movie_header(0) + extends)) == 90.0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\0",
        b"\0\0\0\x20\0\1\2\3",
        box(b"moov", movie_header(1, 0)),
        box(b"moov", movie_header(1)[:20]),
        box(b"moov"),
        (7).to_bytes(4) + b"moov",
        (1).to_bytes(4) + b"moov" + (15).to_bytes(8),
        (1).to_bytes(4) + b"moov",
    ],
)
def test_anything_else_is_an_error_of_its_own(data: bytes) -> None:
    with pytest.raises(Mp4Error):
        find_duration(data)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_parser(data: bytes) -> None:
    with suppress(Mp4Error):
        find_duration(data)


@given(st.data())
def test_no_damage_to_a_file_breaks_the_parser(data: st.DataObject) -> None:
    file = bytearray(FILE_TYPE + box(b"moov", movie_header(5) + box(b"mvex", box(b"mehd", bytes(8)))))
    for _ in range(data.draw(st.integers(1, 6))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Mp4Error):
        find_duration(bytes(file[: data.draw(st.integers(0, len(file)))]))
