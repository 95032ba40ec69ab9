"""Rooms: invite codes, names, and what an edit does to guests."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.errors import Invalid, NotFound
from synctv.domain.rooms.room import (
    CODE_ALPHABET,
    CODE_LENGTH,
    DESCRIPTION_LENGTH,
    Room,
    RoomStatus,
    Visibility,
    name_key,
    normal_code,
    room_code,
    valid_description,
    valid_room_name,
)
from synctv.domain.rooms.settings import RoomSettings
from tests.builders import a_room, an_account

CODES = st.integers(0, 2**64 - 1).map(room_code)


def edited(room: Room, *, password_hash: str | None = None, settings: RoomSettings | None = None) -> Room:
    return room.changed(
        name=room.name,
        description=room.description,
        visibility=room.visibility,
        password_hash=password_hash,
        settings=settings or room.settings,
    )


@given(CODES)
def test_a_code_has_no_characters_that_look_alike(code: str) -> None:
    assert len(code) == CODE_LENGTH
    assert not set(code) & set("01ILOU")
    assert normal_code(code) == code


@given(CODES, st.data())
def test_a_code_may_be_typed_in_any_case_with_spaces_and_hyphens(code: str, data: st.DataObject) -> None:
    typed = "".join(
        data.draw(st.sampled_from(["", " ", "-"])) + data.draw(st.sampled_from([character, character.lower()]))
        for character in code
    )
    assert normal_code(f" {typed} ") == code


@pytest.mark.parametrize("wrong", ["", "ABC", "ABCDEFGHJ", "ABCDEFG0", "ABCDEFGI", "ABCDEFG!", "ABCDÉFGH", "room_01h4"])
def test_what_can_not_be_a_code_is_none(wrong: str) -> None:
    assert normal_code(wrong) is None


@given(st.text(max_size=12))
def test_whatever_is_typed_the_normal_form_consists_of_the_alphabet(text: str) -> None:
    code = normal_code(text)
    assert code is None or (len(code) == CODE_LENGTH and set(code) <= set(CODE_ALPHABET))


def test_every_character_of_the_alphabet_is_used_at_every_place() -> None:
    codes = [room_code(number * 0x9E3779B97F4A7C15 % 2**64) for number in range(3_000)]
    for place in range(CODE_LENGTH):
        assert {code[place] for code in codes} == set(CODE_ALPHABET)


def test_turning_guests_off_ends_their_access() -> None:
    room = a_room(an_account(), settings=RoomSettings(allow_guests=True), guest_version=3)
    closed = edited(room, settings=RoomSettings(allow_guests=False))
    assert not closed.admits_guests
    assert (closed.guest_version, closed.version) == (4, room.version + 1)


def test_a_password_ends_the_access_of_guests() -> None:
    room = a_room(an_account(), guest_version=3)
    assert edited(room, password_hash="hash").guest_version == 4


def test_guests_who_lost_their_access_stay_outside_when_the_room_opens_again() -> None:
    room = a_room(an_account(), guest_version=3)
    opened = edited(edited(room, password_hash="hash"))
    assert opened.admits_guests
    assert opened.guest_version == 4


def test_an_edit_that_has_nothing_to_do_with_guests_leaves_them_inside() -> None:
    room = a_room(an_account(), guest_version=3)
    assert edited(room, settings=RoomSettings(chat_enabled=False)).guest_version == 3
    closed = a_room(an_account(), settings=RoomSettings(allow_guests=False), guest_version=3)
    assert edited(closed, password_hash="hash").guest_version == 3


@pytest.mark.parametrize("status", [RoomStatus.BANNED, RoomStatus.DELETED])
def test_a_room_that_is_not_active_is_unavailable_and_has_no_guests(status: RoomStatus) -> None:
    room = a_room(an_account(), status=status)
    assert not room.admits_guests
    with pytest.raises(NotFound):
        room.must_be_open()


def test_a_deleted_room_is_another_version() -> None:
    room = a_room(an_account())
    assert room.deleted() == replace(room, status=RoomStatus.DELETED, version=room.version + 1)


@pytest.mark.parametrize("text, name", [("  Film \t night ", "Film night"), ("夜", "夜"), ("x" * 80, "x" * 80)])
def test_a_name_loses_the_white_space_around_and_within(text: str, name: str) -> None:
    assert valid_room_name(text) == name


@pytest.mark.parametrize("wrong", ["", " \n ", "x" * 81])
def test_a_name_that_is_too_short_or_too_long_is_refused_and_named(wrong: str) -> None:
    with pytest.raises(Invalid, match="1 to 80") as refused:
        valid_room_name(wrong)
    assert refused.value.errors[0].path == "name"


def test_a_description_has_a_bound() -> None:
    assert valid_description("  two\nlines ") == "two\nlines"
    with pytest.raises(Invalid, match="2,000"):
        valid_description("x" * (DESCRIPTION_LENGTH + 1))


@pytest.mark.parametrize("one, other", [("FILM Night", "film night"), ("Straße", "STRASSE"), ("ﬁlm", "film")])
def test_a_search_takes_no_notice_of_case_or_composition(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


def test_a_room_is_public_or_found_by_link() -> None:
    assert {visibility.value for visibility in Visibility} == {"public", "unlisted"}
