"""Files tell from their beginning where their index lies, and broken ones break nothing."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.delivery.media_index import MAX_HEAD_BYTES, ByteRange, Index, NeedMore, NoIndexError, find_index
from tests.domain.delivery.test_ebml import element
from tests.domain.delivery.test_mp4 import FILE_TYPE, box, movie_header

MOVIE = box(b"moov", movie_header(0))


def segment_index(*ticks: int, scale: int = 1_000, wide: bool = False) -> bytes:
    times = bytes(16) if wide else bytes(8)
    entries = b"".join(struct.pack(">III", 500, each, 0x90000000) for each in ticks)
    version = b"\x01\0\0\0" if wide else bytes(4)
    return box(b"sidx", version + struct.pack(">II", 1, scale) + times + struct.pack(">HH", 0, len(ticks)) + entries)


def webm(*content: bytes) -> bytes:
    header = element("1A45DFA3", element("4282", b"webm"))
    return header + element("18538067", b"".join(content))


INFO = element("1549A966", element("4489", struct.pack(">d", 4_000)))
CUES = element("1C53BB6B", bytes(40))
CLUSTER = element("1F43B675", bytes(400))
MP4 = FILE_TYPE + MOVIE + segment_index(2_000, 2_500) + box(b"moof", bytes(30)) + box(b"mdat", bytes(500))
WEBM = webm(INFO, element("1654AE6B", bytes(20)), CUES, CLUSTER)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("between", [b"", box(b"free", bytes(9))])
def test_the_index_of_an_mp4_follows_its_head(wide: bool, between: bytes) -> None:
    index = segment_index(2_000, 2_500, wide=wide)
    head = FILE_TYPE + MOVIE
    at = len(head + between)
    expected = Index(ByteRange(0, len(head) - 1), ByteRange(at, at + len(index) - 1), 4.5)
    assert find_index(head + between + index + box(b"moof")) == expected


def test_the_cues_of_a_webm_are_its_index() -> None:
    at = WEBM.index(CUES)
    assert find_index(WEBM) == Index(ByteRange(0, at - 1), ByteRange(at, at + len(CUES) - 1), 4.0)


def test_ranges_are_written_as_http_and_dash_write_them() -> None:
    assert str(ByteRange(0, 821)) == "0-821"


def test_an_index_without_a_scale_has_no_duration() -> None:
    found = find_index(FILE_TYPE + MOVIE + segment_index(5, scale=0))
    assert isinstance(found, Index)
    assert found.duration is None


@pytest.mark.parametrize("file", [MP4, WEBM])
def test_whatever_the_first_piece_asking_leads_to_the_index(file: bytes) -> None:
    for size in range(len(file)):
        have, found = size, find_index(file[:size])
        while isinstance(found, NeedMore):
            assert found.bytes > have
            have = found.bytes
            found = find_index(file[:have])
        assert found == find_index(file)


@pytest.mark.parametrize(
    "piece",
    [
        b"<html><body>nothing</body></html>",
        FILE_TYPE + box(b"mdat", bytes(9)) + MOVIE,
        FILE_TYPE + MOVIE + box(b"moof"),
        FILE_TYPE + box(b"free", size=MAX_HEAD_BYTES),
        FILE_TYPE + MOVIE + box(b"sidx", bytes(6)),
        FILE_TYPE + MOVIE + segment_index(1)[:-12].replace((44).to_bytes(4), (32).to_bytes(4)),
        webm(INFO, CLUSTER, CUES),
        b"\x1a\x45\xdf\xa3" + bytes(60),
    ],
)
def test_a_file_without_an_index_at_its_beginning_is_an_error_with_a_sentence(piece: bytes) -> None:
    with pytest.raises(NoIndexError, match="no index"):
        find_index(piece)


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: b"\x1a\x45\xdf\xa3" + tail))
def test_no_bytes_break_the_parser(piece: bytes) -> None:
    with suppress(NoIndexError):
        find_index(piece)


@given(st.sampled_from([MP4, WEBM]), st.data())
def test_no_damage_to_a_file_breaks_the_parser(file: bytes, data: st.DataObject) -> None:
    damaged = bytearray(file)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    with suppress(NoIndexError):
        found = find_index(bytes(damaged))
        assert isinstance(found, NeedMore) or found.index_range.last < len(file)
