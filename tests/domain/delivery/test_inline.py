"""Texts that are their own address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.delivery.inline import content_of, inline


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_text_comes_back_in_utf_8(text: str) -> None:
    assert content_of(inline(text).url) == text.encode()


def test_the_same_text_is_the_same_thing_and_another_is_not() -> None:
    assert inline("a") == inline("a")
    assert inline("a").identity != inline("b").identity


@pytest.mark.parametrize(
    "url",
    ["", "https://media.test/a.vtt", "data:text/html;base64,PGI+", "data:text/plain;charset=utf-8;base64,not base64!"],
)
def test_other_addresses_hold_no_text(url: str) -> None:
    assert content_of(url) is None
