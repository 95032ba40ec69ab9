"""The golden vectors of the playback, which the page may run too."""

from __future__ import annotations

from typing import Any

import pytest

from synctv.domain.errors import DomainError
from synctv.domain.ids import Micros
from synctv.domain.playback.playback import (
    Change,
    CurrentItem,
    Holding,
    Motion,
    Paused,
    Playback,
    Playing,
    Reason,
)
from tests.domain.playback.states import CHOSEN, ENTRY, SHOWN, SOMEBODY, showing
from tests.vectors import vectors

VECTORS = vectors("playback")
NOW = Micros(VECTORS["now"])
REASONS = {
    "play": Reason.PLAY,
    "pause": Reason.PAUSE,
    "seek": Reason.SEEK,
    "rate": Reason.RATE,
    "stop": Reason.STOP,
    "select": Reason.SELECT,
}


def told(vector: dict[str, Any]) -> str:
    """The vector's name: `playing, seek to=60, holds`."""
    ((command, arguments),) = vector["command"].items()
    words = " ".join([command, *(f"{name}={value}" for name, value in arguments.items())])
    return ", ".join([vector["from"], words, *(["holds"] if vector.get("holds") else [])])


def motion_of(said: dict[str, Any]) -> Motion:
    match said["kind"]:
        case "playing":
            return Playing(said["position"], Micros(said["anchor"]))
        case "holding":
            return Holding(said["position"], Micros(said["until"]))
        case _:
            return Paused(said["position"])


def item_of(said: dict[str, Any] | None, item_id: Any = SHOWN) -> CurrentItem | None:
    return None if said is None else CurrentItem(item_id, said["duration"], said.get("live", False))


def state_of(name: str) -> Playback:
    said = VECTORS["states"][name]
    return showing(item_of(said["item"]), motion_of(said["motion"]), said["rate"])


def carried_out(before: Playback, command: dict[str, Any], change: Change) -> Playback:
    ((name, arguments),) = command.items()
    match name:
        case "play":
            return before.played(change, arguments.get("at"))
        case "pause":
            return before.paused(change, arguments.get("at"))
        case "seek":
            return before.sought(arguments["to"], change)
        case "rate":
            return before.at_rate(arguments["rate"], change)
        case "stop":
            return before.stopped(Reason.STOP, change)
        case _:
            item = item_of(arguments, CHOSEN)
            assert item is not None
            return before.selected(item, ENTRY, Reason.SELECT, change)


def change_of(vector: dict[str, Any]) -> Change:
    hold = VECTORS["holdSeconds"] if vector.get("holds") else None
    return Change(SOMEBODY, "operation-2", NOW, VECTORS["lead"], hold)


@pytest.mark.parametrize("vector", VECTORS["positions"], ids=lambda vector: vector["name"])
def test_a_playback_stands_where_the_vectors_say(vector: dict[str, Any]) -> None:
    timeline = vector["timeline"]
    position, anchor = timeline["position"], Micros(timeline["anchor"])
    motion = Playing(position, anchor) if timeline["playing"] else Paused(position)
    playback = showing(CurrentItem(SHOWN, timeline["duration"]), motion, timeline["rate"])
    assert [playback.position_at(now) for now, _ in vector["at"]] == pytest.approx([at for _, at in vector["at"]])
    assert playback.ends_at() == vector["endsAt"]


@pytest.mark.parametrize("vector", VECTORS["transitions"], ids=told)
def test_a_command_leads_where_the_vectors_say(vector: dict[str, Any]) -> None:
    before, change = state_of(vector["from"]), change_of(vector)
    if "refused" in vector:
        with pytest.raises(DomainError) as refused:
            carried_out(before, vector["command"], change)
        assert refused.value.code == vector["refused"]
        return
    after = carried_out(before, vector["command"], change)
    said_item = vector.get("item", VECTORS["states"][vector["from"]]["item"])
    assert after.motion == motion_of(vector["motion"])
    assert after.rate == vector.get("rate", before.rate)
    assert after.item == item_of(said_item, CHOSEN if "select" in vector["command"] else SHOWN)
    assert after.reason is REASONS[next(iter(vector["command"]))]


def test_every_command_is_tried_in_every_state_that_it_depends_on() -> None:
    tried = {(vector["from"], *vector["command"]) for vector in VECTORS["transitions"]}
    for state in ("nothing", "paused", "playing", "starting", "holding"):
        assert {command for found, command in tried if found == state} >= {"play", "pause", "seek", "rate"}
