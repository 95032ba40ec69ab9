"""Domain values survive JSON; other versions' and broken data end as values or as `DecodeError`, never otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.adapters.serialization.codec import decode, encode
from synctv.adapters.serialization.errors import DecodeError, UnknownType
from synctv.domain.accounts.policy import AccountPolicy, SignUpWay, WaySwitch
from synctv.domain.ids import Micros
from synctv.domain.library.item import MediaItem
from synctv.domain.playback.playback import Holding, Motion, Paused, Playback, Playing
from synctv.domain.rooms.permissions import Permission, PermissionChange
from synctv.domain.rooms.room import Room
from synctv.domain.rooms.settings import RoomSettings
from tests.adapters.serialization.values import items, playbacks, rooms


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Newer:
    name: str
    colour: Colour
    added: int = 7
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Odd:
    type: str


@given(playbacks)
def test_a_playback_comes_back_equal(playback: Playback) -> None:
    assert decode(Playback, encode(playback)) == playback


@given(items)
def test_an_item_comes_back_equal(item: MediaItem) -> None:
    assert decode(MediaItem, encode(item)) == item


@given(rooms)
def test_a_room_with_all_its_settings_comes_back_equal(room: Room) -> None:
    assert decode(Room, encode(room)) == room


@pytest.mark.parametrize("motion", [Paused(1.5), Playing(0.0, Micros(5)), Holding(2.25, Micros(9))])
def test_a_member_of_a_union_comes_back_as_itself(motion: Motion) -> None:
    assert decode(Motion, encode(motion, Motion)) == motion


def test_the_names_in_stored_data_stay_as_they_are() -> None:
    assert encode(Paused(1.5), Motion) == b'{"type":"paused","position":1.5}'
    assert encode(Playing(0.0, Micros(5)), Motion) == b'{"type":"playing","position":0.0,"anchor":5}'
    assert encode(Holding(0.0, Micros(5)), Motion) == b'{"type":"holding","position":0.0,"until":5}'


def test_a_set_is_written_in_one_order() -> None:
    change = PermissionChange(frozenset({Permission.VIEW_MEMBERS, Permission.ADD_MEMBERS, Permission.CLEAR_MEDIA}))
    assert encode(change) == b'{"added":["add_members","clear_media","view_members"],"removed":[]}'


def test_a_mapping_of_an_enum_is_written_by_its_names() -> None:
    policy = AccountPolicy(sign_up={SignUpWay.EMAIL: WaySwitch(enabled=True, review=False)})
    assert b'"sign_up":{"email":{"enabled":true,"review":false}}' in encode(policy)
    assert decode(AccountPolicy, encode(policy)) == policy


def test_a_name_that_an_enum_does_not_know_is_ignored_as_a_key_whatever_it_leads_to() -> None:
    ways = decode(AccountPolicy, b'{"sign_up":{"telepathy":7,"passkey":{}}}').sign_up
    assert ways == {SignUpWay.PASSKEY: WaySwitch()}


def test_a_field_that_is_not_known_is_ignored() -> None:
    assert decode(Paused, b'{"position":1,"later":{"a":[1]}}') == Paused(1.0)


def test_a_field_that_is_missing_takes_its_default() -> None:
    assert decode(Newer, b'{"name":"x","colour":"red"}') == Newer("x", Colour.RED)
    assert decode(RoomSettings, b"{}") == RoomSettings()


def test_a_missing_field_without_a_default_is_named() -> None:
    with pytest.raises(DecodeError, match="Newer misses colour, name"):
        decode(Newer, b"{}")


def test_a_wrong_value_is_reported_with_its_path() -> None:
    data = encode(RoomSettings()).replace(b'"sequential"', b'"sideways"')
    with pytest.raises(DecodeError) as caught:
        decode(RoomSettings, data)
    assert caught.value.path == "auto_play.mode"
    assert "sideways" in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b'"x"', b'{"name":1,"colour":"red"}', b'{"name":"x","colour":1}', b"\xff"]
)
def test_data_that_is_something_else_is_a_decode_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode(Newer, data)


def test_true_is_no_integer_and_a_fraction_neither() -> None:
    for added in (b"true", b"1.5", b'"1"', b"null"):
        with pytest.raises(DecodeError, match="expected an integer"):
            decode(Newer, b'{"name":"x","colour":"red","added":' + added + b"}")


def test_a_type_of_a_newer_version_is_told_apart() -> None:
    with pytest.raises(UnknownType, match="rewinding"):
        decode(Motion, b'{"type":"rewinding","position":1}')
    with pytest.raises(UnknownType):
        decode(Motion, b'{"position":1}')


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_does_not_have_is_refused_when_written(number: float) -> None:
    with pytest.raises(ValueError, match="JSON has no"):
        encode(Paused(number))


@pytest.mark.parametrize("declared", [int | str, Odd | Paused, dict[str, int], tuple[int, str], bytes])
def test_a_type_without_a_form_in_json_is_refused(declared: type) -> None:
    with pytest.raises(TypeError):
        decode(declared, b"{}")


@given(st.binary() | st.text().map(str.encode))
def test_no_data_whatever_raises_anything_but_a_decode_error(data: bytes) -> None:
    with suppress(DecodeError):
        decode(Playback, data)
