"""WebM files tell their duration from their beginning, and broken ones break nothing."""

from __future__ import annotations

import math
import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.delivery.ebml import EbmlError, find_duration

UNKNOWN_SIZE = b"\x01" + b"\xff" * 7


def element(id_: str, content: bytes, size: bytes | None = None) -> bytes:
    return bytes.fromhex(id_) + (size or (len(content) | 1 << 56).to_bytes(8)) + content


def webm(*info: bytes, before: bytes = b"", size: bytes | None = UNKNOWN_SIZE) -> bytes:
    header = element("1A45DFA3", element("4282", b"webm"))
    return header + element("18538067", before + element("1549A966", b"".join(info)), size)


SCALE = element("2AD7B1", (1_000_000).to_bytes(3))


@pytest.mark.parametrize("form", [">f", ">d"])
@pytest.mark.parametrize("size", [UNKNOWN_SIZE, None])
def test_the_info_element_says_how_long_it_lasts(form: str, size: bytes | None) -> None:
    assert find_duration(webm(SCALE, element("4489", struct.pack(form, 61_500)), size=size)) == 61.5


def test_the_default_scale_is_a_millisecond_and_other_elements_are_passed_over() -> None:
    void = element("EC", bytes(50))
    assert find_duration(webm(void, element("4489", struct.pack(">d", 500)), before=void)) == 0.5


@pytest.mark.parametrize("ticks", [0.0, -1.0, math.nan, math.inf, 1e308])
def test_a_duration_that_is_none_is_unknown(ticks: float) -> None:
    large = element("2AD7B1", b"\xff" * 8)
    assert find_duration(webm(large, element("4489", struct.pack(">d", ticks)))) is None


def test_a_stream_without_a_duration_is_unknown() -> None:
    assert find_duration(webm(SCALE)) is None
    assert find_duration(webm(SCALE, element("4489", b"abc"))) is None
    cluster = element("1F43B675", b"media", UNKNOWN_SIZE)
    assert find_duration(webm(element("4489", struct.pack(">d", 500)), before=cluster)) is None


@pytest.mark.parametrize("data", [b"", b"\0", b"<html>", element("18538067", b""), b"\x1a\x45\xdf\xa3", b"\x1a\x45"])
def test_anything_else_is_an_error_of_its_own(data: bytes) -> None:
    with pytest.raises(EbmlError):
        find_duration(data)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_parser(data: bytes) -> None:
    with suppress(EbmlError):
        find_duration(data)


@given(st.data())
def test_no_damage_to_a_file_breaks_the_parser(data: st.DataObject) -> None:
    file = bytearray(webm(SCALE, element("4489", struct.pack(">d", 500)), before=element("EC", bytes(9))))
    for _ in range(data.draw(st.integers(1, 6))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    with suppress(EbmlError):
        find_duration(bytes(file[: data.draw(st.integers(0, len(file)))]))
