"""A room's folders: made, filled, shown, changed, emptied and removed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from synctv.application.library.folders import LibraryFolders, MoveFolder
from synctv.application.library.items import Move, NewItem
from synctv.application.library.places import Into
from synctv.application.playback.commands import Select
from synctv.application.ports.providers import Browses, Listing, Login, ResolvedSource, Source
from synctv.domain.errors import Denied, Invalid, NotFound, QuotaExceeded, VersionConflict
from synctv.domain.ids import FolderId, RoomId
from synctv.domain.library.folder import MAX_DEPTH, MAX_FOLDERS, DynamicSource, Folder
from synctv.domain.library.item import MediaItem
from synctv.domain.playback.playback import Reason
from synctv.domain.rooms.actor import AccountActor, Actor
from synctv.domain.rooms.events import LibraryChanged, PlaybackChanged
from synctv.domain.rooms.permissions import Permission
from tests.application.house import House, Shelf
from tests.builders import a_folder, a_folder_id, an_item_id


class Cupboard(Shelf, Browses):
    """A shelf that can be looked through."""

    async def browse(self, login: Login | None, path: str, cursor: str | None, limit: int) -> Listing:
        """Not asked here: what is in a dynamic folder, others find out."""
        raise NotImplementedError


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


@pytest.fixture
async def room(house: House, anna: AccountActor) -> RoomId:
    return await house.room(anna)


@pytest.fixture
async def bert(house: House, room: RoomId) -> AccountActor:
    return await house.member("Bert", room)


@pytest.fixture
def folders(house: House) -> LibraryFolders:
    return replace(house.application.folders, providers={"shelf": Shelf(), "cupboard": Cupboard()})


async def make(house: House, actor: Actor, room: RoomId, title: str, parent: Folder | None = None) -> Folder:
    return await house.application.folders.create(actor, room, title, parent.id if parent else None)


async def film(house: House, actor: Actor, room: RoomId, title: str, folder: Folder | None = None) -> MediaItem:
    new = NewItem("shelf", {"title": title, "duration": 60.0}, folder_id=folder.id if folder else None)
    return await house.application.items.add(actor, room, new)


async def edit(house: House, actor: Actor, folder: Folder, **changes: Any) -> Folder:
    given = {"title": None, "move": None, "into": None, "expected_version": None, **changes}
    return await house.application.folders.edit(actor, folder.room_id, folder.id, **given)


async def move(house: House, actor: Actor, item: MediaItem, into: Into | None, move: Move | None = None) -> MediaItem:
    return await house.application.items.edit(
        actor, item.room_id, item.id, title=None, move=move, into=into, expected_version=None
    )


async def shown(house: House, actor: Actor, room: RoomId, folder: Folder | None = None) -> str:
    """The titles of what is in a folder: `A B/c d`, folders first."""
    page = await house.application.folders.list(actor, room, folder.id if folder else None, offset=0, limit=200)
    return " ".join(one.title for one in page.folders) + "/" + " ".join(item.title for item in page.items)


def told_since(house: House, room: RoomId, count: int) -> list[FolderId | None]:
    """The folders of which the room was told after so many events."""
    return [event.folder_id for event in house.events(room)[count:] if isinstance(event, LibraryChanged)]


async def denied(permission: Permission, act: Awaitable[object]) -> None:
    with pytest.raises(Denied) as refused:
        await act
    assert refused.value.permission == permission.value


# ---------------------------------------------------------------- making


async def test_a_folder_is_made_as_the_last_one_of_its_parent(house: House, bert: AccountActor, room: RoomId) -> None:
    series = await make(house, bert, room, "  My   series ")
    first, second = await make(house, bert, room, "S1", series), await make(house, bert, room, "S2", series)
    assert (series.title, series.parent_id, series.dynamic) == ("My series", None, None)
    assert (series.added_by, series.added_at, series.version) == (bert.ref, house.clock.now(), 1)
    assert first.rank < second.rank
    assert await shown(house, bert, room) == "My series/"
    assert await shown(house, bert, room, series) == "S1 S2/"
    assert house.events(room)[-3:] == [LibraryChanged(None), LibraryChanged(series.id), LibraryChanged(series.id)]


async def test_what_can_not_be_made_is_refused_and_leaves_nothing(
    house: House, anna: AccountActor, bert: AccountActor, room: RoomId
) -> None:
    other = await house.room(anna)
    elsewhere = await make(house, anna, other, "Elsewhere")
    with pytest.raises(Invalid, match="title"):
        await make(house, anna, room, " ")
    for parent in (a_folder(room), elsewhere):
        with pytest.raises(NotFound, match="folder"):
            await make(house, anna, room, "New", parent)
    await house.forbid(anna, room, bert, Permission.MANAGE_OWN_MEDIA)
    await denied(Permission.MANAGE_OWN_MEDIA, make(house, bert, room, "New"))
    await denied(Permission.MANAGE_OWN_MEDIA, make(house, await house.guest(room), room, "New"))
    assert await shown(house, anna, room) == "/"


async def test_folders_are_bounded_in_number_and_depth(house: House, anna: AccountActor, room: RoomId) -> None:
    deepest = None
    for number in range(MAX_DEPTH):
        deepest = await make(house, anna, room, f"{number}", deepest)
    with pytest.raises(Invalid, match=f"At most {MAX_DEPTH} folders"):
        await make(house, anna, room, "Too deep", deepest)
    many = [a_folder(room) for _ in range(MAX_FOLDERS - MAX_DEPTH)]
    known = house.state.folders[room]
    house.ports.store.state = replace(house.state, folders={room: {**known, **{one.id: one for one in many}}})
    with pytest.raises(QuotaExceeded, match="folders in this room"):
        await make(house, anna, room, "One too many")
    await house.application.folders.delete(anna, room, many[0].id)
    await make(house, anna, room, "Fits")


async def test_folders_that_are_made_at_once_all_have_a_place(house: House, anna: AccountActor, room: RoomId) -> None:
    await asyncio.gather(*(make(house, anna, room, title) for title in "ABCDE"))
    assert len({folder.rank for folder in house.state.folders[room].values()}) == 5


async def test_a_dynamic_folder_knows_what_it_shows_and_takes_nothing(
    folders: LibraryFolders, house: House, bert: AccountActor, room: RoomId
) -> None:
    source = DynamicSource("cupboard", "/films", None)
    folder = await folders.create_dynamic(bert, room, "Films", None, source)
    assert house.state.folders[room][folder.id].dynamic == source
    with pytest.raises(Invalid) as refused:
        await film(house, bert, room, "A", folder)
    assert [error.path for error in refused.value.errors] == ["folderId"]
    with pytest.raises(Invalid, match="nothing can be put into it"):
        await make(house, bert, room, "Inside", folder)
    item, other = await film(house, bert, room, "A"), await make(house, bert, room, "Other")
    with pytest.raises(Invalid, match="nothing can be put into it"):
        await move(house, bert, item, Into(folder.id))
    with pytest.raises(Invalid, match="nothing can be put into it"):
        await edit(house, bert, other, into=Into(folder.id))
    assert await shown(house, bert, room, folder) == "/"
    renamed = await edit(house, bert, folder, title="All films", into=Into(other.id))
    assert (renamed.dynamic, renamed.parent_id) == (source, other.id)


@pytest.mark.parametrize("provider", ["shelf", "nowhere"])
async def test_only_a_provider_that_shows_folders_has_dynamic_ones(
    folders: LibraryFolders, anna: AccountActor, room: RoomId, provider: str
) -> None:
    with pytest.raises(Invalid, match="These do: cupboard") as refused:
        await folders.create_dynamic(anna, room, "Films", None, DynamicSource(provider, "", None))
    assert [error.path for error in refused.value.errors] == ["provider"]
    with pytest.raises(Invalid, match="at most 2,000"):
        await folders.create_dynamic(anna, room, "Films", None, DynamicSource("cupboard", "x" * 2_001, None))


# ---------------------------------------------------------------- showing


async def test_a_page_says_the_way_the_folders_and_the_items(house: House, anna: AccountActor, room: RoomId) -> None:
    series = await make(house, anna, room, "Series")
    season = await make(house, anna, room, "Season", series)
    await film(house, anna, room, "top")
    for title in "abc":
        await film(house, anna, room, title, season)
    page = await house.application.folders.list(anna, room, season.id, offset=1, limit=1)
    assert [one.id for one in page.way] == [series.id, season.id]
    assert ([item.title for item in page.items], page.next_offset, page.total) == (["b"], 2, 3)
    assert await shown(house, anna, room) == "Series/top"
    assert await shown(house, anna, room, series) == "Season/"


async def test_a_folder_that_is_not_there_is_not_an_empty_one(house: House, anna: AccountActor, room: RoomId) -> None:
    elsewhere = await make(house, anna, await house.room(anna), "Elsewhere")
    for folder in (a_folder_id(), elsewhere.id):
        with pytest.raises(NotFound, match="folder"):
            await house.application.folders.list(anna, room, folder, offset=0, limit=10)


async def test_who_may_not_browse_sees_no_folder(house: House, room: RoomId) -> None:
    guest = await house.guest(room)
    await denied(Permission.BROWSE_LIBRARY, house.application.folders.list(guest, room, None, offset=0, limit=10))


# ---------------------------------------------------------------- items in folders


async def test_items_are_added_to_the_end_of_their_folder(house: House, anna: AccountActor, room: RoomId) -> None:
    series = await make(house, anna, room, "Series")
    count = len(house.events(room))
    for title, folder in (("top", None), ("a", series), ("b", series)):
        await film(house, anna, room, title, folder)
    assert (await shown(house, anna, room), await shown(house, anna, room, series)) == ("Series/top", "/a b")
    assert told_since(house, room, count) == [None, series.id, series.id]
    with pytest.raises(NotFound, match="folder"):
        await film(house, anna, room, "c", a_folder(room))


async def test_nothing_is_added_to_a_folder_that_went_while_the_provider_was_asked(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    series = await make(house, anna, room, "Series")

    class Slow(Shelf):
        async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
            await house.application.folders.delete(anna, room, series.id)
            return await super().resolve(source, login)

    items = replace(house.application.items, providers={"shelf": Slow()})
    with pytest.raises(NotFound, match="folder"):
        await items.add(anna, room, NewItem("shelf", {"title": "Film"}, folder_id=series.id))
    assert house.state.items[room] == {}


async def test_an_item_moves_to_the_end_of_another_folder_or_to_a_place_in_it(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    series = await make(house, anna, room, "Series")
    first = await film(house, anna, room, "a", series)
    b, c = await film(house, anna, room, "b"), await film(house, anna, room, "c")
    count = len(house.events(room))
    moved = await move(house, anna, b, Into(series.id))
    assert (moved.folder_id, moved.version) == (series.id, 2)
    await move(house, anna, c, Into(series.id), Move(first.id))
    assert (await shown(house, anna, room), await shown(house, anna, room, series)) == ("Series/", "/c a b")
    assert told_since(house, room, count) == [None, series.id] * 2
    await move(house, anna, first, Into(None))
    assert (await shown(house, anna, room), await shown(house, anna, room, series)) == ("Series/a", "/c b")


async def test_into_the_folder_that_an_item_is_in_is_no_change(house: House, anna: AccountActor, room: RoomId) -> None:
    series = await make(house, anna, room, "Series")
    item, _ = await film(house, anna, room, "a", series), await film(house, anna, room, "b", series)
    count = len(house.events(room))
    assert await move(house, anna, item, Into(series.id)) == item
    assert told_since(house, room, count) == []
    assert await shown(house, anna, room, series) == "/a b"


async def test_an_item_moves_only_ahead_of_what_is_in_the_same_folder(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    series = await make(house, anna, room, "Series")
    top, inside = await film(house, anna, room, "top"), await film(house, anna, room, "inside", series)
    for into, before in [
        (None, inside.id),
        (Into(series.id), top.id),
        (Into(series.id), an_item_id()),
        (Into(a_folder_id()), None),
    ]:
        with pytest.raises(NotFound):
            await move(house, anna, top, into, Move(before))
    assert house.state.items[room][top.id] == top


async def test_others_items_move_between_folders_only_with_the_permission(
    house: House, anna: AccountActor, bert: AccountActor, room: RoomId
) -> None:
    series = await make(house, anna, room, "Series")
    hers, his = await film(house, anna, room, "hers"), await film(house, bert, room, "his")
    await denied(Permission.REORDER_MEDIA, move(house, bert, hers, Into(series.id)))
    await move(house, bert, his, Into(series.id))
    await house.allow(anna, room, bert, Permission.REORDER_MEDIA)
    await move(house, bert, hers, Into(series.id))
    assert await shown(house, anna, room, series) == "/his hers"


# ---------------------------------------------------------------- changing


async def test_a_folder_is_renamed_and_moved_at_once(house: House, anna: AccountActor, room: RoomId) -> None:
    a, b = await make(house, anna, room, "A"), await make(house, anna, room, "B")
    inner = await make(house, anna, room, "C", a)
    count = len(house.events(room))
    changed = await edit(house, anna, b, title="b", into=Into(a.id), move=MoveFolder(inner.id), expected_version=1)
    assert (changed.title, changed.parent_id) == ("b", a.id)
    assert house.state.folders[room][b.id] == changed
    assert (await shown(house, anna, room), await shown(house, anna, room, a)) == ("A/", "b C/")
    assert told_since(house, room, count) == [None, a.id, b.id]


@pytest.mark.parametrize(
    "moving, before, order",
    [("C", "A", "C A B D"), ("A", None, "B C D A"), ("B", "D", "A C B D"), ("B", "B", "A B C D")],
)
async def test_folders_are_put_ahead_of_another_or_at_the_end(
    house: House, anna: AccountActor, room: RoomId, moving: str, before: str | None, order: str
) -> None:
    made = {title: await make(house, anna, room, title) for title in "ABCD"}
    await edit(house, anna, made[moving], move=MoveFolder(made[before].id if before else None))
    assert await shown(house, anna, room) == f"{order}/"


async def test_moving_folders_back_and_forth_for_ever_keeps_the_order(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    made = {title: await make(house, anna, room, title) for title in "ABC"}
    for number in range(40):
        await edit(house, anna, made["C"], title=f"C{number}", move=MoveFolder(made["B"].id))
        await edit(house, anna, made["B"], move=MoveFolder(made["C"].id))
    assert await shown(house, anna, room) == "A B C39/"


async def test_a_move_that_can_not_be_leaves_everything_as_it_was(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    a = await make(house, anna, room, "A")
    b = await make(house, anna, room, "B", a)
    before = house.state
    for parent in (a, b):
        with pytest.raises(Invalid, match="can't lie in itself"):
            await edit(house, anna, a, title="New", into=Into(parent.id))
    changes: list[dict[str, Any]] = [
        {"into": Into(a_folder_id())},
        {"move": MoveFolder(b.id)},
        {"move": MoveFolder(a_folder_id())},
    ]
    for unknown in changes:
        with pytest.raises(NotFound, match="folder"):
            await edit(house, anna, a, title="New", **unknown)
    with pytest.raises(VersionConflict) as stale:
        await edit(house, anna, a, title="New", expected_version=7)
    assert stale.value.current == a
    assert house.state == before
    assert await edit(house, anna, b, into=Into(a.id)) == b


async def test_of_two_folders_that_move_into_each_other_one_does(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    a, b = await make(house, anna, room, "A"), await make(house, anna, room, "B")
    crossing = (edit(house, anna, a, into=Into(b.id)), edit(house, anna, b, into=Into(a.id)))
    results = await asyncio.gather(*crossing, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Folder", "Invalid"]


async def test_others_folders_are_changed_only_with_the_permission(
    house: House, anna: AccountActor, bert: AccountActor, room: RoomId
) -> None:
    hers, his = await make(house, anna, room, "Hers"), await make(house, bert, room, "His")
    await denied(Permission.DELETE_MEDIA, edit(house, bert, hers, title="Mine"))
    await denied(Permission.REORDER_MEDIA, edit(house, bert, hers, move=MoveFolder(None)))
    await denied(Permission.REORDER_MEDIA, edit(house, bert, hers, into=Into(his.id)))
    await edit(house, bert, his, title="Mine", into=Into(hers.id))
    await house.forbid(anna, room, bert, Permission.MANAGE_OWN_MEDIA)
    await denied(Permission.MANAGE_OWN_MEDIA, edit(house, bert, his, title="Still mine"))
    await house.allow(anna, room, bert, Permission.DELETE_MEDIA, Permission.REORDER_MEDIA)
    await edit(house, bert, hers, title="Ours", move=MoveFolder(None))


# ---------------------------------------------------------------- emptying and removing


async def test_a_removed_folder_takes_all_that_is_below_with_it_and_nothing_beside(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    series, kept = await make(house, anna, room, "Series"), await make(house, anna, room, "Kept")
    season = await make(house, anna, room, "Season", series)
    for title, folder in (("top", None), ("a", series), ("b", season), ("c", kept)):
        await film(house, anna, room, title, folder)
    count = len(house.events(room))
    await house.application.folders.delete(anna, room, series.id)
    assert sorted(item.title for item in house.state.items[room].values()) == ["c", "top"]
    assert (await shown(house, anna, room), await shown(house, anna, room, kept)) == ("Kept/top", "/c")
    assert told_since(house, room, count) == [None, series.id, season.id]
    for gone in (series, season):
        with pytest.raises(NotFound, match="folder"):
            await house.application.folders.delete(anna, room, gone.id)


async def test_what_plays_from_a_removed_folder_stops(house: House, anna: AccountActor, room: RoomId) -> None:
    series, other = await make(house, anna, room, "Series"), await make(house, anna, room, "Other")
    season = await make(house, anna, room, "Season", series)
    playing = await film(house, anna, room, "a", season)
    await house.do(anna, room, Select(playing.id))
    await house.application.folders.delete(anna, room, other.id)
    assert house.shown(room) == "a"
    count = len(house.events(room))
    await house.application.folders.delete(anna, room, series.id)
    playback = house.playback(room)
    assert (playback.item, playback.reason, playback.changed_by) == (None, Reason.ITEM_REMOVED, anna.ref)
    assert house.events(room)[count] == PlaybackChanged(playback, None)


async def test_ones_own_folder_goes_by_itself_unless_others_put_something_into_it(
    house: House, anna: AccountActor, bert: AccountActor, room: RoomId
) -> None:
    async def full(item_of: Actor, folder_of: Actor) -> Folder:
        outer = await make(house, bert, room, "Outer")
        await film(house, item_of, room, "a", await make(house, folder_of, room, "Inner", outer))
        return outer

    delete = house.application.folders.delete
    await house.forbid(anna, room, bert, Permission.DELETE_MEDIA)
    own, with_item, with_folder = await full(bert, bert), await full(anna, bert), await full(bert, anna)
    await delete(bert, room, own.id)
    for folder in (with_item, with_folder, await make(house, anna, room, "Hers")):
        await denied(Permission.DELETE_MEDIA, delete(bert, room, folder.id))
    await house.allow(anna, room, bert, Permission.DELETE_MEDIA)
    await delete(bert, room, with_item.id)


async def test_emptying_removes_all_that_is_in_a_folder_and_leaves_it(
    house: House, anna: AccountActor, bert: AccountActor, room: RoomId
) -> None:
    series = await make(house, anna, room, "Series")
    season = await make(house, anna, room, "Season", series)
    await film(house, anna, room, "top")
    await film(house, anna, room, "a", series)
    await house.do(anna, room, Select((await film(house, anna, room, "b", season)).id))
    await denied(Permission.CLEAR_MEDIA, house.application.folders.clear(bert, room, series.id))
    await house.allow(anna, room, bert, Permission.CLEAR_MEDIA)
    count = len(house.events(room))
    await house.application.folders.clear(bert, room, series.id)
    assert (await shown(house, anna, room), await shown(house, anna, room, series)) == ("Series/top", "/")
    assert house.playback(room).reason is Reason.ITEM_REMOVED
    assert told_since(house, room, count) == [series.id, season.id]
    await house.application.folders.clear(bert, room, series.id)
    assert told_since(house, room, count) == [series.id, season.id], "Nothing there, no event."
    with pytest.raises(NotFound, match="folder"):
        await house.application.folders.clear(bert, room, season.id)


async def test_emptying_the_top_empties_the_library_of_this_room_alone(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    other = await house.room(anna)
    for where in (room, other):
        await film(house, anna, where, "top")
        await film(house, anna, where, "a", await make(house, anna, where, "Series"))
    await house.application.folders.clear(anna, room, None)
    assert (house.state.items[room], house.state.folders[room]) == ({}, {})
    assert await shown(house, anna, other) == "Series/top"
