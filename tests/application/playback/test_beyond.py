"""What was chosen from a dynamic folder goes on there when the queue is at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from synctv.application.library import live_folders
from synctv.application.library.looking import OpenedDynamic, OpenedWithin
from synctv.application.playback.commands import Next, Previous, Select
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.providers import (
    Browses,
    ListedFolder,
    Listing,
    Login,
    Manifest,
    PlayRequest,
    Provider,
    ResolvedSource,
    Source,
)
from synctv.domain.errors import Conflict, Denied, UpstreamTimeout, UpstreamUnavailable
from synctv.domain.ids import FolderId, ItemId, RoomId
from synctv.domain.library import item as items
from synctv.domain.library.folder import DynamicSource
from synctv.domain.library.item import MediaItem, MediaKind
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.events import LibraryChanged
from synctv.domain.rooms.permissions import Permission
from synctv.domain.rooms.settings import AutoPlay, AutoPlayMode
from tests.application.house import House, furnished


class Series(Provider, Browses):
    """A server with seasons of episodes, two on each page; one season has a folder between its episodes."""

    manifest = Manifest("series", "Series", 50)

    def __init__(self) -> None:
        self.seasons: dict[str, Sequence[str]] = {"s1": ["e1", "e2", "/s2", "e3", "e4", "e5"], "s2": ["f1", "f2"]}
        self.pages = 0
        self.fails: Exception | None = None
        self.answers = asyncio.Event()
        self.answers.set()

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        raise NotImplementedError

    async def play(self, request: PlayRequest) -> object:  # type: ignore[override] # nothing is played here
        raise NotImplementedError

    async def browse(self, login: Login | None, path: str, cursor: str | None, limit: int) -> Listing:
        self.pages += 1
        await self.answers.wait()
        if self.fails is not None:
            raise self.fails
        start, names = int(cursor or 0), self.seasons[path]
        entries = tuple(
            ListedFolder(name[1:], name)
            if name.startswith("/")
            else ResolvedSource({"path": f"{path}/{name}"}, name, MediaKind.VIDEO, 120.0)
            for name in names[start : start + 2]
        )
        return Listing(entries, next_cursor=str(start + 2) if start + 2 < len(names) else None)


@pytest.fixture
def series() -> Series:
    return Series()


@pytest.fixture
def house(passwords: PasswordHasher, series: Series) -> House:
    return furnished(passwords, providers={"series": series})


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


async def a_room(house: House, anna: AccountActor, mode: AutoPlayMode = AutoPlayMode.SEQUENTIAL) -> RoomId:
    room = await house.room(anna, auto_play=AutoPlay(mode))
    await house.application.folders.create_dynamic(anna, room, "Series", None, DynamicSource("series", "s1", None))
    return room


def the_folder(house: House, room: RoomId) -> FolderId:
    (folder,) = house.state.folders[room]
    return folder


async def choose(house: House, actor: AccountActor, room: RoomId, *titles: str) -> None:
    """Chooses episodes of the folder, and shows the last one."""
    for title in titles:
        page = await house.application.looking.look(actor, room, OpenedDynamic(the_folder(house, room)))
        while title not in [entry.title for entry in page.entries]:
            more = OpenedDynamic(the_folder(house, room), page.next_cursor)
            page = await house.application.looking.look(actor, room, more)
        index = [entry.title for entry in page.entries].index(title)
        (item,) = await house.application.adding.add(actor, room, page.id, [index], None)
    await house.do(actor, room, Select(item.id))
    house.clock.advance(1.0)


async def walk(house: House, actor: AccountActor, room: RoomId, steps: str) -> list[str]:
    """What is shown after each step: `<` previous, `>` next, `.` when it has ended by itself."""
    shown = []
    for step in steps:
        if step == ".":
            house.clock.advance(121.0)
            assert await house.application.course.advance(room, house.playback(room).version)
        else:
            await house.do(actor, room, Previous() if step == "<" else Next())
        shown.append(shown_item(house, room).title)
        house.clock.advance(1.0)
    return shown


def shown_item(house: House, room: RoomId) -> MediaItem:
    current = house.playback(room).item
    assert current is not None
    return house.state.items[room][current.id]


def queue(house: House, room: RoomId) -> list[str]:
    return [item.title for item in sorted(house.state.items.get(room, {}).values(), key=lambda item: item.rank)]


async def test_the_next_entry_of_the_folder_follows_up_to_its_end(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await choose(house, anna, room, "e2")
    assert await walk(house, anna, room, "...") == ["e3", "e4", "e5"]
    assert queue(house, room) == ["e2", "e3", "e4", "e5"]
    house.clock.advance(121.0)
    assert await house.application.course.advance(room, house.playback(room).version)
    assert (shown_item(house, room).title, house.playback(room).moving) == ("e5", False)
    with pytest.raises(Conflict, match="nothing after"):
        await house.do(anna, room, Next())


async def test_next_and_previous_lead_there_too(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna, AutoPlayMode.OFF)
    await choose(house, anna, room, "e3")
    # The history comes first: what was shown before e2 is e3.
    assert await walk(house, anna, room, "<<>>") == ["e2", "e3", "e2", "e3"]
    assert queue(house, room) == ["e2", "e3"]
    assert await walk(house, anna, room, ">>") == ["e4", "e5"]


async def test_before_the_first_entry_there_is_nothing(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await choose(house, anna, room, "e1")
    with pytest.raises(Conflict, match="nothing before"):
        await house.do(anna, room, Previous())


async def test_the_queue_goes_first(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await choose(house, anna, room, "e1", "e4")
    await house.do(anna, room, Select(next(one.id for one in house.state.items[room].values() if one.title == "e1")))
    house.clock.advance(1.0)
    assert await walk(house, anna, room, "..") == ["e4", "e5"]


async def test_what_is_in_the_queue_already_is_moved_there(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await choose(house, anna, room, "e4", "e3")
    assert await walk(house, anna, room, "..") == ["e4", "e5"]
    assert queue(house, room) == ["e3", "e4", "e5"]


@pytest.mark.parametrize(
    "mode, follows", [(AutoPlayMode.REPEAT_ONE, "e5"), (AutoPlayMode.SHUFFLE, "e5"), (AutoPlayMode.REPEAT_ALL, "e5")]
)
async def test_what_repeats_and_shuffles_stays_in_the_queue(
    house: House, anna: AccountActor, series: Series, mode: AutoPlayMode, follows: str
) -> None:
    room = await a_room(house, anna, mode)
    await choose(house, anna, room, "e5")
    assert await walk(house, anna, room, ".") == [follows]
    assert queue(house, room) == ["e5"]


async def test_all_that_repeats_begins_again_at_the_folder_s_end(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna, AutoPlayMode.REPEAT_ALL)
    await choose(house, anna, room, "e4")
    assert await walk(house, anna, room, "....") == ["e5", "e4", "e5", "e4"]


async def test_a_room_that_does_not_go_on_by_itself_asks_nobody(
    house: House, anna: AccountActor, series: Series
) -> None:
    room = await a_room(house, anna, AutoPlayMode.OFF)
    await choose(house, anna, room, "e1")
    series.pages = 0
    assert await walk(house, anna, room, ".") == ["e1"]
    assert series.pages == 0


async def test_a_folder_within_goes_on_within(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    outer = await house.application.looking.look(anna, room, OpenedDynamic(the_folder(house, room), "2"))
    inner = await house.application.looking.look(anna, room, OpenedWithin(outer.id, "s2"))
    (item,) = await house.application.adding.add(anna, room, inner.id, [0], None)
    await house.do(anna, room, Select(item.id))
    house.clock.advance(1.0)
    assert await walk(house, anna, room, ".") == ["f2"]


async def test_it_counts_as_added_by_who_added_the_folder(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    bert = await house.member("Bert", room)
    await choose(house, bert, room, "e1")
    await walk(house, bert, room, ">")
    item = shown_item(house, room)
    assert (item.added_by.id, item.folder_id) == (anna.id, None)
    assert house.events(room).count(LibraryChanged(None)) == len(["folder", "e1", "e2"])


async def test_of_several_nodes_one_goes_on(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    await choose(house, anna, room, "e1")
    house.clock.advance(121.0)
    version = house.playback(room).version
    moved = await asyncio.gather(*(house.application.course.advance(room, version) for _ in range(3)))
    assert sorted(moved) == [False, False, True]
    assert queue(house, room) == ["e1", "e2"]


@pytest.mark.parametrize("gone", ["folder", "entry", "provider"])
async def test_where_nothing_can_be_found_the_room_stands_still(
    house: House, anna: AccountActor, series: Series, gone: str
) -> None:
    room = await a_room(house, anna)
    await choose(house, anna, room, "e2")
    if gone == "folder":
        await house.application.folders.delete(anna, room, the_folder(house, room))
    elif gone == "entry":
        series.seasons["s1"] = ["e1", "e3"]
    else:
        series.fails = UpstreamUnavailable("series.test")
    assert await walk(house, anna, room, ".") == ["e2"]
    assert not house.playback(room).moving
    with pytest.raises(UpstreamUnavailable if gone == "provider" else Conflict):
        await house.do(anna, room, Next())


async def test_where_the_folder_lies_is_told_to_who_added_it_alone(
    house: House, anna: AccountActor, series: Series
) -> None:
    room = await a_room(house, anna)
    bert = await house.member("Bert", room)
    await choose(house, anna, room, "e2")
    series.fails = UpstreamUnavailable("series.test")
    for actor, named in ((bert, False), (anna, True)):
        with pytest.raises(UpstreamUnavailable) as caught:
            await house.do(actor, room, Next())
        assert ("series.test" in str(caught.value)) is named


async def test_a_provider_that_says_nothing_is_not_waited_for(
    house: House, anna: AccountActor, series: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_folders, "LOOK_SECONDS", 0.01)
    room = await a_room(house, anna)
    await choose(house, anna, room, "e2")
    series.answers.clear()
    with pytest.raises(UpstreamTimeout):
        await house.do(anna, room, Next())
    assert await walk(house, anna, room, ".") == ["e2"]


async def test_an_endless_folder_is_looked_through_for_a_while_only(
    house: House, anna: AccountActor, series: Series
) -> None:
    room = await a_room(house, anna)
    await choose(house, anna, room, "e2")
    series.seasons["s1"] = [f"x{number}" for number in range(1_000)]
    series.pages = 0
    assert await walk(house, anna, room, ".") == ["e2"]
    assert series.pages == live_folders.MAX_PAGES


async def test_a_full_room_takes_nothing_more(
    house: House, anna: AccountActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await a_room(house, anna)
    await choose(house, anna, room, "e1")
    monkeypatch.setattr("synctv.application.playback.beyond.MAX_ITEMS", 1)
    assert items.MAX_ITEMS > 1
    assert await walk(house, anna, room, ".") == ["e1"]


async def test_who_may_not_navigate_makes_nobody_ask(house: House, anna: AccountActor, series: Series) -> None:
    room = await a_room(house, anna)
    await choose(house, anna, room, "e1")
    bert = await house.member("Bert", room)
    await house.forbid(anna, room, bert, Permission.NAVIGATE_PLAYBACK)
    series.pages = 0
    with pytest.raises(Denied):
        await house.do(bert, room, Next())
    assert series.pages == 0


async def test_an_item_that_is_followed_meanwhile_needs_no_more(
    house: House, anna: AccountActor, series: Series
) -> None:
    room = await a_room(house, anna)
    await choose(house, anna, room, "e1")
    shown = shown_item(house, room)
    house.clock.advance(121.0)
    series.answers.clear()
    series.pages = 0
    async with asyncio.TaskGroup() as group:
        going = group.create_task(house.application.course.advance(room, house.playback(room).version))
        while not series.pages:
            await asyncio.sleep(0)
        async with house.transactions.write() as tx:
            other = ItemId("item_" + "0" * 26)
            await tx.library.add(replace(shown, id=other, title="x", origin=None, rank=shown.rank + 1))
        series.answers.set()
    assert going.result()
    assert shown_item(house, room).title == "x"
    assert queue(house, room) == ["e1", "x"]
