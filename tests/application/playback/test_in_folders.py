"""What is shown out of a folder stays in it: next, previous, what follows by itself, and the history."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.application.library.items import NewItem
from synctv.application.library.places import Into
from synctv.application.playback.commands import Next, PlayFromHistory, Previous, Select
from synctv.domain.errors import Conflict
from synctv.domain.ids import FolderId, RoomId
from synctv.domain.library.item import MediaItem
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.settings import AutoPlay, AutoPlayMode
from tests.application.house import House


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


async def a_room(house: House, anna: AccountActor, mode: AutoPlayMode = AutoPlayMode.SEQUENTIAL) -> RoomId:
    """A room with A and B at the top, and C to E in a folder; each is two minutes long."""
    room = await house.room(anna, auto_play=AutoPlay(mode))
    await house.films(anna, room, "AB")
    folder = (await house.application.folders.create(anna, room, "Series", None)).id
    for title in "CDE":
        await house.application.items.add(
            anna, room, NewItem("shelf", {"title": title, "duration": 120.0}, None, folder)
        )
    return room


def named(house: House, room: RoomId, title: str) -> MediaItem:
    return next(item for item in house.state.items[room].values() if item.title == title)


def the_folder(house: House, room: RoomId) -> FolderId:
    (folder,) = house.state.folders[room]
    return folder


async def select(house: House, anna: AccountActor, room: RoomId, titles: str) -> None:
    for title in titles:
        await house.do(anna, room, Select(named(house, room, title).id))
        house.clock.advance(1.0)


async def walk(house: House, anna: AccountActor, room: RoomId, steps: str) -> str:
    """What is shown after each step: `<` previous, `>` next, `.` when it has ended by itself."""
    shown = ""
    for step in steps:
        if step == ".":
            house.clock.advance(121.0)
            assert await house.application.course.advance(room, house.playback(room).version)
        else:
            await house.do(anna, room, Previous() if step == "<" else Next())
        shown += house.shown(room) or "-"
    return shown


@pytest.mark.parametrize(
    "mode, first, steps, shown",
    [
        (AutoPlayMode.SEQUENTIAL, "C", ">>", "DE"),
        (AutoPlayMode.SEQUENTIAL, "C", "..", "DE"),
        (AutoPlayMode.SEQUENTIAL, "A", ">", "B"),
        (AutoPlayMode.SEQUENTIAL, "E", "<", "D"),
        (AutoPlayMode.REPEAT_ALL, "D", ">>>", "ECD"),
        (AutoPlayMode.REPEAT_ALL, "D", "...", "ECD"),
        (AutoPlayMode.REPEAT_ALL, "B", ">.", "AB"),
    ],
)
async def test_what_follows_is_in_the_same_folder(
    house: House, anna: AccountActor, mode: AutoPlayMode, first: str, steps: str, shown: str
) -> None:
    room = await a_room(house, anna, mode)
    await select(house, anna, room, first)
    assert await walk(house, anna, room, steps) == shown


async def test_at_the_end_of_a_folder_nothing_of_another_follows(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    for last, step in (("E", Next()), ("B", Next()), ("C", Previous()), ("A", Previous())):
        await select(house, anna, room, last)
        house.ports.store.state = replace(house.state, history={})
        with pytest.raises(Conflict, match="There is nothing"):
            await house.do(anna, room, step)
    await select(house, anna, room, "E")
    assert await walk(house, anna, room, ".") == "E"
    assert not house.playback(room).moving


@pytest.mark.parametrize("steps", [">" * 12, "." * 12])
async def test_shuffling_plays_all_of_the_folder_and_nothing_else(house: House, anna: AccountActor, steps: str) -> None:
    room = await a_room(house, anna, AutoPlayMode.SHUFFLE)
    await select(house, anna, room, "ABC")
    assert set(await walk(house, anna, room, steps)) == set("CDE")


async def test_the_history_leads_from_folder_to_folder(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await select(house, anna, room, "CAD")
    assert await walk(house, anna, room, "<<>>>") == "ACADE"
    history = await house.application.playback.history(anna, room)
    assert [item.title for _, item in history if item] == ["C", "A", "D", "E"]
    await house.do(anna, room, PlayFromHistory(history[0][0].id))
    assert house.shown(room) == "C"


async def test_an_item_that_changes_its_folder_while_it_plays_goes_on_there(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await select(house, anna, room, "C")
    playing = named(house, room, "C")
    before = house.playback(room)
    await house.application.items.edit(
        anna, room, playing.id, title=None, move=None, into=Into(None), expected_version=None
    )
    assert house.playback(room) == before
    assert await walk(house, anna, room, "<") == "B"


async def test_after_the_folder_is_removed_next_begins_at_the_top(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await select(house, anna, room, "D")
    await house.application.folders.delete(anna, room, the_folder(house, room))
    assert house.shown(room) is None
    assert await walk(house, anna, room, ">") == "A"
    assert [item is None for _, item in await house.application.playback.history(anna, room)] == [True, False]
