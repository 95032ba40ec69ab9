"""Next and previous: through the history first, then through the library."""

from __future__ import annotations

from itertools import pairwise

import pytest

from synctv.application.playback.commands import Next, PlayFromHistory, Previous, Select, Stop
from synctv.domain.errors import Conflict, NotFound
from synctv.domain.ids import HistoryId, RoomId
from synctv.domain.playback.history import MAX_ENTRIES
from synctv.domain.playback.playback import Playing, Reason
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.settings import AutoPlay, AutoPlayMode
from tests.application.house import House

DAY = 86_400.0


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


async def a_room(house: House, anna: AccountActor, mode: AutoPlayMode = AutoPlayMode.SEQUENTIAL) -> RoomId:
    """A room with the films A to D, which shows nothing."""
    room = await house.room(anna, auto_play=AutoPlay(mode))
    await house.films(anna, room, "ABCD")
    return room


async def select(house: House, anna: AccountActor, room: RoomId, titles: str) -> None:
    for title in titles:
        found = next(item for item in house.state.items[room].values() if item.title == title)
        await house.do(anna, room, Select(found.id))
        house.clock.advance(1.0)


async def walk(house: House, anna: AccountActor, room: RoomId, steps: str) -> str:
    """What is shown after each step: `<` previous, `>` next."""
    shown = ""
    for step in steps:
        await house.do(anna, room, Previous() if step == "<" else Next())
        shown += house.shown(room) or "-"
    return shown


def played(house: House, room: RoomId) -> str:
    """The titles in the history, oldest first."""
    return "".join(entry.title for entry in house.state.history.get(room, ()))


async def test_previous_and_next_walk_what_was_played(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await select(house, anna, room, "CAD")
    assert await walk(house, anna, room, "<<>>") == "ACAD"
    assert played(house, room) == "CAD", "Walking it does not lengthen the history."


async def test_past_the_newest_entry_the_library_follows(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await select(house, anna, room, "CA")
    assert await walk(house, anna, room, "<>>>") == "CABC"
    assert played(house, room) == "CABC"


async def test_before_the_oldest_entry_the_library_goes_on_backwards(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await select(house, anna, room, "CD")
    assert await walk(house, anna, room, "<<") == "CB"


async def test_choosing_in_the_middle_of_the_history_goes_on_from_there(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await select(house, anna, room, "AB")
    await walk(house, anna, room, "<")
    await select(house, anna, room, "D")
    assert await walk(house, anna, room, "<<") == "BA"


@pytest.mark.parametrize(
    "mode, after_d, before_a",
    [
        (AutoPlayMode.OFF, None, None),
        (AutoPlayMode.SEQUENTIAL, None, None),
        (AutoPlayMode.REPEAT_ONE, None, None),
        (AutoPlayMode.REPEAT_ALL, "A", "D"),
        (AutoPlayMode.SHUFFLE, "ABC", None),
    ],
)
async def test_at_the_ends_of_the_library_the_mode_decides(
    house: House, anna: AccountActor, mode: AutoPlayMode, after_d: str | None, before_a: str | None
) -> None:
    for last, step, expected in [("D", ">", after_d), ("A", "<", before_a)]:
        room = await a_room(house, anna, mode)
        await select(house, anna, room, last)
        if expected is None:
            before = house.playback(room)
            with pytest.raises(Conflict, match="There is nothing (after|before) this item"):
                await walk(house, anna, room, step)
            assert house.playback(room) == before
        else:
            assert await walk(house, anna, room, step) in expected


async def test_shuffling_leads_everywhere_and_previous_leads_back(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna, AutoPlayMode.SHUFFLE)
    await select(house, anna, room, "A")
    there = "A" + await walk(house, anna, room, ">" * 8)
    assert set(there) == set("ABCD")
    assert all(one != other for one, other in pairwise(there))
    assert await walk(house, anna, room, "<" * 8) == there[-2::-1]


async def test_from_nothing_next_begins_the_library_and_previous_returns_to_what_was_last(
    house: House, anna: AccountActor
) -> None:
    room = await a_room(house, anna)
    assert await walk(house, anna, room, ">") == "A"
    await select(house, anna, room, "C")
    await house.do(anna, room, Stop())
    assert await walk(house, anna, room, "<") == "C"


async def test_nothing_comes_of_an_empty_library(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    for command in (Next(), Previous()):
        with pytest.raises(Conflict, match="Choose another, or add one"):
            await house.do(anna, room, command)


async def test_removed_items_are_left_out_of_the_walk_but_not_of_the_history(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await select(house, anna, room, "ABC")
    removed = next(item for item in house.state.items[room].values() if item.title == "B")
    await house.application.items.delete(anna, room, removed.id)
    assert await walk(house, anna, room, "<") == "A"
    history = await house.application.playback.history(anna, room)
    assert [(entry.title, item.title if item else None) for entry, item in history] == [
        ("A", "A"),
        ("B", None),
        ("C", "C"),
    ]
    with pytest.raises(NotFound, match="item"):
        await house.do(anna, room, PlayFromHistory(history[1][0].id))


async def test_an_entry_of_the_history_is_played_from_its_beginning(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await select(house, anna, room, "ABC")
    first = house.state.history[room][0]
    playback = (await house.do(anna, room, PlayFromHistory(first.id))).playback
    assert (house.shown(room), playback.reason, playback.history_entry) == ("A", Reason.HISTORY, first.id)
    assert isinstance(playback.motion, Playing)
    assert playback.motion.position == 0.0
    assert played(house, room) == "ABC"
    assert await walk(house, anna, room, ">") == "B"


async def test_an_entry_that_is_not_there_is_unavailable(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    with pytest.raises(NotFound, match="history entry"):
        await house.do(anna, room, PlayFromHistory(HistoryId("hist_00000000000000000000000000")))


async def test_the_history_remembers_who_chose_and_the_title_of_then(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    bert = await house.member("Bert", room)
    await select(house, bert, room, "A")
    item = house.state.items[room][house.state.history[room][0].item_id]
    await house.application.items.edit(anna, room, item.id, title="Renamed", move=None, expected_version=None)
    ((entry, now),) = await house.application.playback.history(bert, room)
    assert (entry.title, entry.played_by) == ("A", bert.ref)
    assert now is not None
    assert now.title == "Renamed"


async def test_the_history_is_bounded_by_count(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    for _ in range(MAX_ENTRIES // 4 + 1):
        await select(house, anna, room, "ABCD")
    assert len(house.state.history[room]) == MAX_ENTRIES
    assert played(house, room).endswith("ABCD")


async def test_the_history_is_bounded_by_age(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await select(house, anna, room, "AB")
    house.clock.advance(91 * DAY)
    await select(house, anna, room, "C")
    assert played(house, room) == "C"
