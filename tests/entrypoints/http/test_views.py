"""The shapes that HTTP and realtime share."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import msgspec
import pytest

from synctv.application.playback import stage
from synctv.domain.ids import HistoryId, ItemId, Micros, seconds_after
from synctv.domain.playback.playback import Change, CurrentItem, Holding, Reason, nothing_yet
from synctv.domain.rooms.permissions import Permission
from synctv.domain.rooms.viewers import Readiness
from synctv.entrypoints.views import PlaybackView, SharedRoomView, ViewerView, instant, listed, micros_of
from synctv.entrypoints.wire.synctv import v1
from tests.builders import NOW, a_playback, a_room, an_account

START = Micros(1_767_225_600_000_000)


@pytest.mark.parametrize("micros", [0, 1, 1_767_225_600_123_457, -62_135_596_800_000_000, 253_402_300_799_999_999])
def test_an_instant_survives_to_the_microsecond(micros: int) -> None:
    assert micros_of(instant(Micros(micros))) == micros
    written = msgspec.json.encode(instant(Micros(micros)))
    assert written.endswith(b'Z"')


def test_only_a_start_ahead_of_its_decision_has_an_instant_to_start_at() -> None:
    at_once, ahead = Change(None, "", START), Change(None, "", START, lead=0.2)
    item = CurrentItem(ItemId("item_1"), 10.0)
    for change, starts_at in ((at_once, None), (ahead, seconds_after(START, 0.2))):
        playback = nothing_yet(START).selected(item, HistoryId("hist_1"), Reason.SELECT, change)
        view = PlaybackView.of(stage.PlaybackView(playback, None))
        assert (view.playing, view.starts_at) == (True, starts_at)


def test_a_hold_is_no_playing() -> None:
    held = replace(a_playback(), motion=Holding(3.0, seconds_after(NOW, 8)))
    view = PlaybackView.of(stage.PlaybackView(held, None))
    assert (view.playing, view.position, view.starts_at) == (False, 3.0, None)
    assert view.hold is not None
    assert view.hold.until == seconds_after(NOW, 8)


def test_equal_sets_of_permissions_look_equal() -> None:
    assert listed(frozenset(Permission)) == list(Permission)


@pytest.mark.parametrize(
    "view,message",
    [(PlaybackView, v1.Playback), (SharedRoomView, v1.Room), (ViewerView, v1.Viewer)],
)
def test_every_field_of_the_contract_is_in_the_view(view: type[msgspec.Struct], message: type) -> None:
    contract = {field.name for field in dataclasses.fields(message)}
    assert contract <= {field.name for field in msgspec.structs.fields(view)}


def test_a_room_shows_no_hash_of_its_password() -> None:
    room = a_room(an_account(), password_hash="$argon2id$secret")
    written = msgspec.json.encode(SharedRoomView.of(room))
    assert b"argon2id" not in written
    assert b'"hasPassword":true' in written


def test_readiness_has_the_names_of_the_contract() -> None:
    assert {one.name for one in Readiness} == {one.name for one in v1.ReportReadiness}
