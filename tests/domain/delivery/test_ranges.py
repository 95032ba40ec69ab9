"""What viewers ask for, and what upstreams say they sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.delivery.ranges import (
    CLOSE_ENOUGH,
    MAX_RANGES,
    ContentRange,
    From,
    Multipart,
    Span,
    Suffix,
    Unsatisfiable,
    parse_content_range,
    parse_length,
    parse_range,
    spans,
)

LENGTH = 10_000


@pytest.mark.parametrize(
    "header, asked",
    [
        ("bytes=0-499", (From(0, 499),)),
        ("bytes=9500-", (From(9_500),)),
        ("bytes=-500", (Suffix(500),)),
        ("bytes=0-0, -1", (From(0, 0), Suffix(1))),
        ("BYTES = 1-2 , , 5-", (From(1, 2), From(5))),
        ("bytes=-0", (Suffix(0),)),
    ],
)
def test_a_range_is_understood(header: str, asked: object) -> None:
    assert parse_range(header) == asked


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=5-4",
        "bytes=a-b",
        "bytes=0-1;2",
        "bytes=0-1,x",
        "bytes=+1-2",
        "bytes=1 - 2",
        "bytes=٣-٤",
        "seconds=0-1",
        "bytes=0x1-2",
        f"bytes={'9' * 19}-",
    ],
)
def test_what_is_no_range_of_bytes_is_ignored(header: str | None) -> None:
    assert parse_range(header) is None


def test_more_ranges_than_are_served_are_refused() -> None:
    assert len(parse_range("bytes=" + ",".join(["0-0"] * MAX_RANGES)) or ()) == MAX_RANGES
    with pytest.raises(Unsatisfiable):
        parse_range("bytes=" + ",".join(["0-0"] * (MAX_RANGES + 1)))
    with pytest.raises(Unsatisfiable):
        parse_range("bytes=" + " " * 5_000 + "0-0")


@pytest.mark.parametrize(
    "asked, found",
    [
        ([From(0, 499)], [(0, 500)]),
        ([From(9_999)], [(9_999, 10_000)]),
        ([From(0, 99_999)], [(0, 10_000)]),
        ([Suffix(1)], [(9_999, 10_000)]),
        ([Suffix(99_999)], [(0, 10_000)]),
        ([From(5_000, 5_999), From(0, 99)], [(0, 100), (5_000, 6_000)]),
        ([From(0, 99), From(50, 200)], [(0, 201)]),
        ([From(0, 99), From(99 + CLOSE_ENOUGH, 300)], [(0, 301)]),
        ([From(0, 99), From(100 + CLOSE_ENOUGH, 300)], [(0, 100), (100 + CLOSE_ENOUGH, 301)]),
        ([From(20_000), From(0, 0)], [(0, 1)]),
        ([From(0), From(0), From(0)], [(0, 10_000)]),
    ],
)
def test_the_bytes_that_exist_are_found(asked: list[From | Suffix], found: list[tuple[int, int]]) -> None:
    assert [(span.start, span.end) for span in spans(asked, LENGTH)] == found


@pytest.mark.parametrize("asked", [From(10_000), From(10_000, 10_001), Suffix(0)])
def test_bytes_that_do_not_exist_are_refused(asked: From | Suffix) -> None:
    with pytest.raises(Unsatisfiable):
        spans([asked], LENGTH)
    with pytest.raises(Unsatisfiable):
        spans([From(0)], 0)


bounds = st.integers(0, 300)
asked_for = st.one_of(
    st.builds(lambda first, more: From(first, first + more), bounds, bounds), st.builds(From, bounds),
    st.builds(Suffix, bounds),
)  # fmt: skip


@given(st.lists(asked_for, min_size=1, max_size=MAX_RANGES), st.integers(1, 300))
def test_spans_hold_all_that_is_asked_for_in_order_and_nothing_twice(asked: list[From | Suffix], length: int) -> None:
    wanted: set[int] = set()
    for one in asked:
        match one:
            case From(first, last):
                wanted |= set(range(first, min(length, (length if last is None else last + 1))))
            case Suffix(count):
                wanted |= set(range(max(0, length - count), length))
    try:
        found = spans(asked, length)
    except Unsatisfiable:
        assert not wanted
        return
    held = [byte for span in found for byte in range(span.start, span.end)]
    assert wanted <= set(held)
    assert held == sorted(set(held))
    assert len(held) <= length


@given(asked_for)
def test_what_is_written_is_read_back(asked: From | Suffix) -> None:
    assert parse_range(f"bytes={asked}") == (asked,)


@pytest.mark.parametrize(
    "header, found",
    [
        ("bytes 0-499/10000", ContentRange(Span(0, 500), 10_000)),
        ("Bytes 0-0/1", ContentRange(Span(0, 1), 1)),
        ("bytes 5-9/*", ContentRange(Span(5, 10), None)),
        ("bytes */10000", ContentRange(None, 10_000)),
    ],
)
def test_a_content_range_is_understood(header: str, found: ContentRange) -> None:
    assert parse_content_range(header) == found


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes 0-499",
        "bytes 0-499/",
        "bytes */*",
        "bytes 5-4/10",
        "bytes 0-10/10",
        "bytes 0-0/0",
        "bytes -5/10",
        "bytes 0-9/10, bytes 0-9/10",
        "seconds 0-9/10",
        f"bytes 0-1/{'1' * 30}",
        "bytes 0-9/10\r\n",
    ],
)
def test_what_is_no_content_range_is_none(header: str | None) -> None:
    assert parse_content_range(header) is None


@pytest.mark.parametrize(
    "header, found", [("10", 10), (" 10 ", 10), (None, None), ("-1", None), ("1e3", None), ("1, 1", None)]
)
def test_a_length_is_a_number_or_none(header: str | None, found: int | None) -> None:
    assert parse_length(header) == found


@pytest.mark.parametrize(
    "asked, span, fits",
    [
        (From(5, 9), Span(5, 10), True),
        (From(5, 9), Span(5, 8), True),
        (From(5, 9), Span(5, 11), False),
        (From(5, 9), Span(4, 10), False),
        (From(5), Span(5, 100), True),
        (From(5), Span(5, 101), False),
        (Suffix(5), Span(95, 100), True),
        (Suffix(5), Span(94, 100), False),
        (Suffix(5), Span(90, 95), False),
    ],
)
def test_an_answer_fits_its_question_or_not(asked: From | Suffix, span: Span, fits: bool) -> None:
    assert asked.fits(span, 100) is fits


def test_parts_have_the_form_of_the_standard_and_the_announced_length() -> None:
    parts = Multipart((Span(0, 2), Span(500, 503)), 1_000, "video/mp4", "SEP")
    body = parts.head(0) + b"ab" + parts.head(1) + b"cde" + parts.tail
    assert body == (
        b"\r\n--SEP\r\nContent-Type: video/mp4\r\nContent-Range: bytes 0-1/1000\r\n\r\nab"
        b"\r\n--SEP\r\nContent-Type: video/mp4\r\nContent-Range: bytes 500-502/1000\r\n\r\ncde"
        b"\r\n--SEP--\r\n"
    )
    assert parts.content_length == len(body)
    assert parts.media_type == "multipart/byteranges; boundary=SEP"
