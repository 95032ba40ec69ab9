"""A room's settings: their defaults and their ranges."""

from __future__ import annotations

import math

import pytest

from synctv.domain.errors import Invalid
from synctv.domain.rooms.settings import AutoPlay, RoomSettings, WaitForBuffering


def test_a_new_room_takes_guests_plays_on_and_waits_for_nobody() -> None:
    settings = RoomSettings().checked()
    assert settings.allow_guests
    assert not settings.require_approval
    assert settings.auto_play.mode.value == "sequential"
    assert not settings.wait_for_buffering.enabled


@pytest.mark.parametrize(
    "settings",
    [
        RoomSettings(max_members=1, auto_play=AutoPlay(delay_seconds=0.0)),
        RoomSettings(max_members=10_000, auto_play=AutoPlay(delay_seconds=60.0)),
        RoomSettings(wait_for_buffering=WaitForBuffering(True, 1.0)),
        RoomSettings(wait_for_buffering=WaitForBuffering(True, 60.0)),
    ],
)
def test_the_ends_of_every_range_are_taken(settings: RoomSettings) -> None:
    assert settings.checked() is settings


@pytest.mark.parametrize(
    "settings, path",
    [
        (RoomSettings(max_members=0), "settings.maxMembers"),
        (RoomSettings(max_members=10_001), "settings.maxMembers"),
        (RoomSettings(auto_play=AutoPlay(delay_seconds=-0.1)), "settings.autoPlay.delaySeconds"),
        (RoomSettings(auto_play=AutoPlay(delay_seconds=60.1)), "settings.autoPlay.delaySeconds"),
        (RoomSettings(auto_play=AutoPlay(delay_seconds=math.nan)), "settings.autoPlay.delaySeconds"),
        (RoomSettings(wait_for_buffering=WaitForBuffering(True, 0.9)), "settings.waitForBuffering.maxSeconds"),
        (RoomSettings(wait_for_buffering=WaitForBuffering(True, math.inf)), "settings.waitForBuffering.maxSeconds"),
    ],
)
def test_what_is_out_of_range_is_refused_and_named(settings: RoomSettings, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        settings.checked()
    assert [(error.path, error.code) for error in refused.value.errors] == [(path, "range")]


def test_everything_that_is_wrong_is_named_at_once() -> None:
    wrong = RoomSettings(
        max_members=0, auto_play=AutoPlay(delay_seconds=99.0), wait_for_buffering=WaitForBuffering(False, 0.0)
    )
    with pytest.raises(Invalid) as refused:
        wrong.checked()
    assert len(refused.value.errors) == 3
