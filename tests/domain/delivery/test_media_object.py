"""What tells one thing, and one version of it, from the next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.domain.delivery.media_object import MediaObject, described, http_date, media_type, resource_of
from synctv.domain.delivery.offer import Upstream
from synctv.domain.delivery.ranges import Span
from synctv.domain.ids import Micros

DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
MEDIA = MediaObject(1_000, '"a"', DATE, "video/mp4", Micros(5))


@pytest.mark.parametrize(
    "changes, same",
    [
        ({}, True),
        ({"fetched_at": Micros(9), "content_type": "video/webm"}, True),
        ({"etag": None}, True),
        ({"last_modified": None}, True),
        ({"etag": '"b"'}, False),
        ({"etag": 'W/"a"'}, False),
        ({"length": 999}, False),
        ({"last_modified": "Fri, 02 Jan 2026 00:00:00 GMT"}, False),
    ],
)
def test_versions_are_the_same_when_nothing_that_both_say_differs(changes: dict[str, object], same: bool) -> None:
    other = replace(MEDIA, **changes)  # type: ignore[arg-type]
    assert MEDIA.same_as(other) is same
    assert other.same_as(MEDIA) is same


def test_slices_of_another_version_or_size_are_other_slices() -> None:
    names = {
        MEDIA.version(100),
        MEDIA.version(200),
        replace(MEDIA, etag='"b"').version(100),
        replace(MEDIA, length=1_001).version(100),
    }
    assert len(names) == 4
    assert MEDIA.version(100) == MEDIA.seen_again(Micros(7)).version(100)


def test_one_without_validators_is_never_recognised() -> None:
    bare = replace(MEDIA, etag=None, last_modified=None)
    assert not bare.validated
    assert bare.version(100) != bare.seen_again(Micros(7)).version(100)


def test_slices_cover_it_and_the_last_one_is_shorter() -> None:
    assert [MEDIA.slice_span(index, 400) for index in range(3)] == [Span(0, 400), Span(400, 800), Span(800, 1_000)]
    for index in (-1, 3):
        with pytest.raises(IndexError):
            MEDIA.slice_span(index, 400)


def test_a_thing_is_known_by_its_key_or_by_all_that_is_said_to_get_it() -> None:
    plain = Upstream("https://media.example/a.mp4")
    assert resource_of(plain) == resource_of(Upstream("https://media.example/a.mp4"))
    assert resource_of(plain) != resource_of(Upstream("https://media.example/a.mp4", {"Cookie": "mine"}))
    assert resource_of(replace(plain, key="k")) == resource_of(Upstream("https://elsewhere.example/", key="k"))
    assert resource_of(Upstream("k")) != resource_of(Upstream("https://media.example/", key="k"))


@pytest.mark.parametrize("etag", ['"', "a", '"a', '"a"b"', '"\x7f"', f'"{"a" * 300}"', "w/'a'"])
def test_tags_that_are_malformed_are_none(etag: str) -> None:
    assert described(1, {"etag": etag}, Micros(0)).etag is None


def test_headers_are_taken_where_they_are_well_formed() -> None:
    headers = {"etag": ' W/"a" ', "last-modified": DATE, "content-type": "Video/MP4; codecs=avc1"}
    assert described(7, headers, Micros(1)) == MediaObject(7, 'W/"a"', DATE, "video/mp4", Micros(1))
    assert described(7, {"last-modified": "soon"}, Micros(1)).last_modified is None


@pytest.mark.parametrize(
    "header, kept",
    [
        ("audio/mpeg", True),
        ("image/png", True),
        ("text/vtt", True),
        ("text/html", False),
        ("image/svg+xml", False),
        ("application/javascript", False),
        ("video/mp4\r\nSet-Cookie: a=b", False),
        ("", False),
        (None, False),
    ],
)
def test_only_types_that_a_browser_plays_or_shows_are_passed_on(header: str | None, kept: bool) -> None:
    assert media_type(header) == (header if kept else "application/octet-stream")


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("Thu, 01 Jan 1970 00:00:10 GMT", 10),
        ("Thu, 01 Jan 1970 00:00:10 -0000", 10),
        ("Thursday, 01-Jan-70 00:00:10 GMT", 10),
        ("tomorrow", None),
        ("", None),
        (None, None),
        ("Thu, 99 Jan 1970 00:00:10 GMT", None),
        ("9" * 500, None),
    ],
)
def test_an_http_date_is_an_instant_or_none(text: str | None, seconds: int | None) -> None:
    assert http_date(text) == (None if seconds is None else seconds * 1_000_000)
