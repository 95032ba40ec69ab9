"""The two names of a video."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.adapters.providers.bilibili.numbers import aid_of, bvid_of

VECTORS = [
    (1, "BV1xx411c7mQ"),
    (2, "BV1xx411c7mD"),
    (170001, "BV17x411w7KC"),
    (1074402, "BV11x411K7CN"),
    (8903802, "BV13x41117TL"),
    (99999999, "BV1y7411Q7Eq"),
    (455017605, "BV1Q541167Qg"),
    (515345690, "BV1Fg411D7Jy"),
    (114868162141203, "BV1LMgNzUE2w"),
    (2251799813685247, "BV1aPPTfmvQq"),
]


@pytest.mark.parametrize("aid, bvid", VECTORS)
def test_known_videos_have_both_names(aid: int, bvid: str) -> None:
    assert bvid_of(aid) == bvid
    assert aid_of(bvid) == aid
    assert aid_of("bv1" + bvid[3:]) == aid


@given(st.integers(min_value=1, max_value=2**51 - 1))
def test_every_number_comes_back(aid: int) -> None:
    bvid = bvid_of(aid)
    assert bvid is not None
    assert aid_of(bvid) == aid


@pytest.mark.parametrize("aid", [0, -1, 2**51, 2**63])
def test_a_number_out_of_range_has_no_name(aid: int) -> None:
    assert bvid_of(aid) is None


@pytest.mark.parametrize("text", ["", "BV", "BV1", "BV1xx411c7m", "BV1xx411c7mQQ", "BV1xx411c7m0", "AV1xx411c7mQ"])
def test_what_is_no_name_has_no_number(text: str) -> None:
    assert aid_of(text) is None


@given(st.text(alphabet="FcwAPNKTMug3GV5Lj7EJnHpWsx4tb8haYeviqBz6rkCy12mUSDQX9RdoZf", min_size=9, max_size=9))
def test_a_name_that_stands_for_a_number_is_the_only_one(digits: str) -> None:
    aid = aid_of("BV1" + digits)
    assert aid is None or bvid_of(aid) == "BV1" + digits
