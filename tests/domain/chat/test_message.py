"""Chat messages: what may be written, and what a deletion leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.chat.message import CLIENT_ID_LENGTH, TEXT_LENGTH, valid_client_id, valid_text
from synctv.domain.errors import Invalid
from tests.builders import a_message, a_room_id


@pytest.mark.parametrize(
    "text, kept",
    [
        ("  Hello \n", "Hello"),
        ("two\nlines", "two\nlines"),
        ("two\r\nlines", "two\nlines"),
        ("a\tb", "a\tb"),
        ("bell\x07 and\x00 nothing", "bell and nothing"),
        ("你好\u3000世界", "你好\u3000世界"),
        ("C'est vrai\u00a0!", "C'est vrai\u00a0!"),
        ("👨\u200d👩\u200d👧 and ❤\ufe0f", "👨\u200d👩\u200d👧 and ❤\ufe0f"),
        ("می\u200cروم", "می\u200cروم"),
        ("half \ud83d an emoji", "half  an emoji"),
        ("newer than this \U0001fae9", "newer than this \U0001fae9"),
        ("x" * TEXT_LENGTH, "x" * TEXT_LENGTH),
    ],
)
def test_a_text_keeps_all_that_people_write(text: str, kept: str) -> None:
    assert valid_text(text) == kept


def test_a_text_can_not_turn_around_what_stands_beside_it() -> None:
    assert valid_text("abc\u202edef\u2066ghi") == "abcdefghi"


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t\n", "\x00\x07", "\u200b", "\u200d\u00a0\u3000"])
def test_a_text_without_anything_visible_is_refused(nothing: str) -> None:
    with pytest.raises(Invalid, match="Write something") as refused:
        valid_text(nothing)
    assert [(error.path, error.code) for error in refused.value.errors] == [("text", "empty")]


def test_a_text_has_a_bound() -> None:
    with pytest.raises(Invalid, match="4,000") as refused:
        valid_text("x" * (TEXT_LENGTH + 1), "message.text")
    assert [(error.path, error.code) for error in refused.value.errors] == [("message.text", "length")]


@given(st.text(st.characters(), max_size=50))
def test_a_cleaned_text_stays_as_it_is_and_can_be_stored(text: str) -> None:
    try:
        cleaned = valid_text(text)
    except Invalid:
        return
    assert valid_text(cleaned) == cleaned
    assert "\x00" not in cleaned
    cleaned.encode()


@pytest.mark.parametrize("good", ["1", "018f-ä", "x" * CLIENT_ID_LENGTH])
def test_a_client_id_is_taken_unchanged(good: str) -> None:
    assert valid_client_id(good) == good


@pytest.mark.parametrize("wrong", ["", "x" * (CLIENT_ID_LENGTH + 1), "a\nb", "a\x00"])
def test_a_client_id_that_is_none_is_refused_and_named(wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        valid_client_id(wrong, "operationId")
    assert refused.value.errors[0].path == "operationId"


def test_a_deleted_message_keeps_its_place_and_nothing_of_its_text() -> None:
    message = a_message(a_room_id(), 5, text="Something rash")
    hidden = message.hidden()
    assert (hidden.text, hidden.deleted, hidden.version, hidden.seq) == ("", True, message.version + 1, 5)
