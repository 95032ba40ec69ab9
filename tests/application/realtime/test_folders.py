"""Observing folders: what is in them, and what becomes of observations when a folder goes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from synctv.application.library.folders import MoveFolder
from synctv.application.library.items import NewItem
from synctv.application.library.places import Into
from synctv.application.playback.commands import Order, Select
from synctv.application.realtime.messages import (
    Failure,
    HistoryQuery,
    HistoryView,
    LibraryQuery,
    LibraryView,
    Mode,
    Observe,
    Observed,
    ObserveFailed,
    Request,
    SettingsQuery,
)
from synctv.application.rooms.lifecycle import RoomEdit
from synctv.domain.errors import NotFound
from synctv.domain.ids import FolderId, RoomId
from synctv.domain.library.folder import Folder
from synctv.domain.library.item import MediaItem
from synctv.domain.rooms.actor import Actor
from synctv.domain.rooms.room import Room
from tests.application.realtime.nodes import Nodes, nodes
from tests.application.realtime.watching import Watcher, connect, settle
from tests.applications import Memory
from tests.builders import a_folder_id


@pytest.fixture
async def server() -> AsyncIterator[Nodes]:
    async with nodes() as server:
        yield server


@pytest.fixture
def product(server: Nodes) -> Memory:
    return server.one


async def make(product: Memory, actor: Actor, room: RoomId, title: str, parent: FolderId | None = None) -> Folder:
    return await product.application.folders.create(actor, room, title, parent)


async def film(product: Memory, actor: Actor, room: RoomId, title: str, folder: FolderId | None) -> MediaItem:
    new = NewItem("direct", {"url": f"https://media.example/{title}"}, folder_id=folder)
    return await product.application.items.add(actor, room, new)


def newest(watcher: Watcher, name: str = "it") -> str:
    """What the watcher was told of a folder last: `A B/c d`, folders first."""
    view = watcher.values(LibraryView, name)[-1]
    return " ".join(one.title for one in view.folders) + "/" + " ".join(item.title for item in view.items)


async def test_a_folder_is_shown_with_the_folders_and_items_that_are_right_in_it(product: Memory) -> None:
    mia = await product.account("mia")
    room = await product.room(mia)
    series = await make(product, mia, room, "Series")
    await film(product, mia, room, "top", None)
    watcher = await connect(product, mia, room)
    await watcher.observe(LibraryQuery(None, 200), "top")
    await watcher.observe(LibraryQuery(series.id, 1), "series")
    assert (newest(watcher, "top"), newest(watcher, "series")) == ("Series/top", "/")
    season = await make(product, mia, room, "Season", series.id)
    for title in ("a", "b"):
        await film(product, mia, room, title, series.id)
    await settle()
    assert (newest(watcher, "top"), newest(watcher, "series")) == ("Series/top", "Season/a")
    assert watcher.values(LibraryView, "series")[-1].total == 2
    assert len(watcher.values(LibraryView, "top")) == 1, "What happens in a folder is no news of another."
    await product.application.folders.edit(
        mia, room, season.id, title="S1", move=MoveFolder(series.id), into=Into(None), expected_version=None
    )
    await settle()
    assert (newest(watcher, "top"), newest(watcher, "series")) == ("S1 Series/top", "/a")


async def test_observing_a_folder_that_is_not_there_fails_and_the_connection_stays(product: Memory) -> None:
    mia = await product.account("mia")
    room = await product.room(mia)
    elsewhere = await make(product, mia, await product.room(mia), "Elsewhere")
    watcher = await connect(product, mia, room)
    for folder in (a_folder_id(), elsewhere.id, FolderId("nonsense")):
        answer = await watcher.observe(LibraryQuery(folder, 200))
        assert isinstance(answer, Failure)
        assert isinstance(answer.error, NotFound)
    assert isinstance(await watcher.observe(LibraryQuery(None, 200)), Observed)


async def test_observations_of_a_removed_folder_end_and_the_room_goes_on(product: Memory) -> None:
    mia = await product.account("mia")
    room = await product.room(mia)
    series = await make(product, mia, room, "Series")
    season = await make(product, mia, room, "Season", series.id)
    watcher, other = await connect(product, mia, room), await connect(product, mia, room)
    await watcher.observe(LibraryQuery(None, 200), "top")
    await watcher.observe(LibraryQuery(season.id, 200), "season")
    await other.observe(LibraryQuery(series.id, 200), "series")
    await other.observe(SettingsQuery(), "room")
    await product.application.folders.delete(mia, room, series.id)
    await product.application.rooms.edit(mia, room, RoomEdit(name="Balcony"), None)
    await settle()
    assert newest(watcher, "top") == "/"
    for one, name in ((watcher, "season"), (other, "series")):
        (ended,) = one.told(ObserveFailed)
        assert (ended.id, type(ended.error)) == (name, NotFound)
    assert other.values(Room, "room")[-1].name == "Balcony"
    assert isinstance(await watcher.observe(LibraryQuery(None, 200), "season"), Observed), "The name is free again."


async def test_a_folder_that_goes_while_it_is_read_is_answered_as_unavailable(server: Nodes, product: Memory) -> None:
    mia = await product.account("mia")
    room = await product.room(mia)
    series = await make(product, mia, room, "Series")
    watcher = await connect(product, mia, room)
    server.gate.shut()
    request = Request(70, Observe("series", LibraryQuery(series.id, 200), Mode.SNAPSHOT, None))
    product.application.hub.receive(watcher.connection, request, product.clock.now())
    await settle()
    reading = server.gate.open_for_others()
    await product.application.folders.delete(mia, room, series.id)
    await settle()
    reading.set()
    await settle()
    assert watcher.told(Observed) == []
    assert watcher.values(LibraryView, "series") == []
    (answer,) = watcher.told(Failure)
    assert isinstance(answer.error, NotFound)
    assert not watcher.connection.observations
    assert isinstance(await watcher.observe(LibraryQuery(None, 200), "series"), Observed)


async def test_the_history_shows_items_of_all_folders(product: Memory) -> None:
    mia = await product.account("mia")
    room = await product.room(mia)
    series = await make(product, mia, room, "Series")
    inside, top = await film(product, mia, room, "inside", series.id), await film(product, mia, room, "top", None)
    watcher = await connect(product, mia, room)
    for item in (inside, top):
        await product.application.playback.command(mia, room, Order(Select(item.id)))
    await watcher.observe(HistoryQuery(200))

    def told() -> list[str]:
        return [item.title for _, item in watcher.values(HistoryView)[-1].entries]

    assert told() == ["inside", "top"]
    await product.application.folders.delete(mia, room, series.id)
    await settle()
    assert told() == ["top"]
