"""Conditional requests, as RFC 9110 has them."""

from __future__ import annotations

import pytest

from synctv.domain.delivery.conditions import Conditions, Verdict, judge, range_counts
from synctv.domain.delivery.media_object import MediaObject
from synctv.domain.ids import Micros

EARLIER = "Wed, 31 Dec 2025 23:59:59 GMT"
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
LATER = "Thu, 01 Jan 2026 00:00:01 GMT"
STRONG = MediaObject(10, '"a"', DATE, "video/mp4", Micros(0))
WEAK = MediaObject(10, 'W/"a"', DATE, "video/mp4", Micros(0))
BARE = MediaObject(10, None, None, "video/mp4", Micros(0))


@pytest.mark.parametrize(
    "media, conditions, verdict",
    [
        (STRONG, Conditions(), Verdict.SEND),
        (STRONG, Conditions(if_none_match='"a"'), Verdict.NOT_MODIFIED),
        (STRONG, Conditions(if_none_match='W/"a"'), Verdict.NOT_MODIFIED),
        (WEAK, Conditions(if_none_match='"x", "a"'), Verdict.NOT_MODIFIED),
        (STRONG, Conditions(if_none_match='"b"'), Verdict.SEND),
        (STRONG, Conditions(if_none_match="*"), Verdict.NOT_MODIFIED),
        (STRONG, Conditions(if_none_match="nonsense"), Verdict.SEND),
        (BARE, Conditions(if_none_match='"a"'), Verdict.SEND),
        (STRONG, Conditions(if_modified_since=DATE), Verdict.NOT_MODIFIED),
        (STRONG, Conditions(if_modified_since=LATER), Verdict.NOT_MODIFIED),
        (STRONG, Conditions(if_modified_since=EARLIER), Verdict.SEND),
        (STRONG, Conditions(if_modified_since="yesterday"), Verdict.SEND),
        (BARE, Conditions(if_modified_since=DATE), Verdict.SEND),
        (STRONG, Conditions(if_none_match='"b"', if_modified_since=DATE), Verdict.SEND),
        (STRONG, Conditions(if_match='"a"'), Verdict.SEND),
        (STRONG, Conditions(if_match='"b"'), Verdict.FAILED),
        (STRONG, Conditions(if_match="*"), Verdict.SEND),
        (WEAK, Conditions(if_match='W/"a"'), Verdict.FAILED),
        (STRONG, Conditions(if_unmodified_since=DATE), Verdict.SEND),
        (STRONG, Conditions(if_unmodified_since=EARLIER), Verdict.FAILED),
        (BARE, Conditions(if_unmodified_since=EARLIER), Verdict.SEND),
        (STRONG, Conditions(if_match='"a"', if_unmodified_since=EARLIER), Verdict.SEND),
        (STRONG, Conditions(if_match='"b"', if_none_match='"a"'), Verdict.FAILED),
        (STRONG, Conditions(if_none_match='"a",' * 2_000), Verdict.SEND),
    ],
)
def test_conditions_are_judged_in_their_order(media: MediaObject, conditions: Conditions, verdict: Verdict) -> None:
    assert judge(conditions, media) is verdict


@pytest.mark.parametrize(
    "media, header, counts",
    [
        (STRONG, None, True),
        (STRONG, '"a"', True),
        (STRONG, '"b"', False),
        (STRONG, 'W/"a"', False),
        (WEAK, 'W/"a"', False),
        (WEAK, '"a"', False),
        (STRONG, DATE, True),
        (STRONG, LATER, False),
        (STRONG, EARLIER, False),
        (STRONG, "nonsense", False),
        (BARE, '"a"', False),
        (BARE, DATE, False),
    ],
)
def test_a_range_counts_for_the_version_that_it_is_of(media: MediaObject, header: str | None, counts: bool) -> None:
    assert range_counts(Conditions(if_range=header), media) is counts
