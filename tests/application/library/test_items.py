"""A room's items: added, shown, changed, moved and removed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.application.library.items import Move, NewItem
from synctv.application.playback.commands import Select
from synctv.domain.errors import Denied, Invalid, NotFound, QuotaExceeded, VersionConflict
from synctv.domain.ids import RoomId
from synctv.domain.library.item import MAX_ITEMS, MediaItem, MediaKind
from synctv.domain.playback.playback import Reason
from synctv.domain.rooms.actor import AccountActor, Actor
from synctv.domain.rooms.events import LibraryChanged, PlaybackChanged
from synctv.domain.rooms.permissions import Permission
from tests.application.house import House
from tests.builders import an_item


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


@pytest.fixture
async def room(house: House, anna: AccountActor) -> RoomId:
    return await house.room(anna)


@pytest.fixture
async def bert(house: House, room: RoomId) -> AccountActor:
    return await house.member("Bert", room)


async def titles(house: House, actor: Actor, room: RoomId) -> str:
    page = await house.application.folders.list(actor, room, None, offset=0, limit=200)
    return "".join(item.title for item in page.items)


async def edit(
    house: House,
    actor: Actor,
    item: MediaItem,
    *,
    title: str | None = None,
    move: Move | None = None,
    expected_version: int | None = None,
) -> MediaItem:
    return await house.application.items.edit(
        actor, item.room_id, item.id, title=title, move=move, expected_version=expected_version
    )


async def lasts(house: House, actor: Actor, item: MediaItem, seconds: float) -> None:
    """A player of this actor found out how long the item is."""
    view = await house.application.directory.get(actor, item.room_id)
    assert view.standing is not None
    await house.application.items.learn_duration(view.standing, item.id, seconds)


async def test_an_item_takes_what_its_provider_found(house: House, bert: AccountActor, room: RoomId) -> None:
    item = await house.film(bert, room, "Found", kind="audio", duration=60.0)
    assert (item.title, item.kind, item.duration, item.provider) == ("Found", MediaKind.AUDIO, 60.0, "shelf")
    assert (item.added_by, item.added_at, item.version) == (bert.ref, house.clock.now(), 1)
    assert house.events(room)[-1] == LibraryChanged(None)


async def test_a_persons_own_title_beats_the_providers(house: House, anna: AccountActor, room: RoomId) -> None:
    item = await house.application.items.add(anna, room, NewItem("shelf", {"title": "Found"}, "  My  film "))
    assert item.title == "My film"


@pytest.mark.parametrize(
    "new, path",
    [
        (NewItem("shelf", {"title": "broken"}), "source.title"),
        (NewItem("shelf", {}), "source.title"),
        (NewItem("shelf", {"title": "Film"}, " "), "title"),
        (NewItem("nowhere", {"title": "Film"}), "provider"),
    ],
)
async def test_what_can_not_be_added_is_refused_and_named(
    house: House, anna: AccountActor, room: RoomId, new: NewItem, path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await house.application.items.add(anna, room, new)
    assert [error.path for error in refused.value.errors] == [path]
    assert await titles(house, anna, room) == ""


async def test_an_unknown_provider_is_answered_with_the_known_ones(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    with pytest.raises(Invalid, match="There are: shelf"):
        await house.application.items.add(anna, room, NewItem("nowhere", {}))


async def test_a_room_has_a_bound_of_items(house: House, anna: AccountActor, room: RoomId) -> None:
    folder = await house.application.folders.create(anna, room, "Series", None)
    items = [an_item(room, rank=rank, folder_id=folder.id if rank % 2 else None) for rank in range(MAX_ITEMS)]
    house.ports.store.state = replace(house.state, items={room: {item.id: item for item in items}})
    with pytest.raises(QuotaExceeded, match="items in this room"):
        await house.film(anna, room)
    await house.application.items.delete(anna, room, items[0].id)
    assert (await house.film(anna, room)).rank > items[-1].rank


async def test_items_are_appended_in_the_order_in_which_they_are_added(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    await asyncio.gather(*(house.film(anna, room, title) for title in "ABCDE"))
    assert sorted(await titles(house, anna, room)) == list("ABCDE")
    assert len({item.rank for item in house.state.items[room].values()}) == 5


async def test_a_list_comes_page_by_page(house: House, anna: AccountActor, room: RoomId) -> None:
    await house.films(anna, room, "ABCDE")
    seen, offset = "", 0
    while True:
        page = await house.application.folders.list(anna, room, None, offset=offset, limit=2)
        assert page.total == 5
        seen += "".join(item.title for item in page.items)
        if page.next_offset is None:
            break
        offset = page.next_offset
    assert seen == "ABCDE"
    beyond = await house.application.folders.list(anna, room, None, offset=99, limit=2)
    assert (beyond.items, beyond.next_offset) == ([], None)


@pytest.mark.parametrize(
    "moving, before, order",
    [("C", "A", "CABD"), ("A", None, "BCDA"), ("B", "D", "ACBD"), ("D", None, "ABCD"), ("B", "B", "ABCD")],
)
async def test_a_move_puts_an_item_ahead_of_another_or_at_the_end(
    house: House, anna: AccountActor, room: RoomId, moving: str, before: str | None, order: str
) -> None:
    films = await house.films(anna, room, "ABCD")
    await edit(house, anna, films[moving], move=Move(films[before].id if before else None))
    assert await titles(house, anna, room) == order


async def test_moving_back_and_forth_for_ever_keeps_the_order(house: House, anna: AccountActor, room: RoomId) -> None:
    films = await house.films(anna, room, "ABC")
    for _ in range(40):
        await edit(house, anna, films["C"], move=Move(films["B"].id))
        await edit(house, anna, films["B"], move=Move(films["C"].id))
    assert await titles(house, anna, room) == "ABC"


async def test_a_rename_and_a_move_may_come_together(house: House, anna: AccountActor, room: RoomId) -> None:
    films = await house.films(anna, room, "AB")
    changed = await edit(house, anna, films["B"], title="b", move=Move(films["A"].id), expected_version=1)
    assert (changed.title, await titles(house, anna, room)) == ("b", "bA")
    assert house.state.items[room][changed.id] == changed


async def test_an_edit_of_an_older_version_gets_the_item_as_it_is_now(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    film = await house.film(anna, room)
    now = await edit(house, anna, film, title="First", expected_version=1)
    with pytest.raises(VersionConflict) as conflict:
        await edit(house, anna, film, title="Second", expected_version=1)
    assert conflict.value.current == now


async def test_an_edit_that_changes_nothing_tells_nobody(house: House, anna: AccountActor, room: RoomId) -> None:
    film = await house.film(anna, room)
    told = len(house.told)
    assert await edit(house, anna, film) == film
    assert await edit(house, anna, film, move=Move(film.id)) == film
    assert len(house.told) == told


@pytest.mark.parametrize("missing", ["moved", "target"])
async def test_what_is_not_there_can_not_be_moved_nor_moved_to(
    house: House, anna: AccountActor, room: RoomId, missing: str
) -> None:
    film, gone = await house.film(anna, room), await house.film(anna, room)
    await house.application.items.delete(anna, room, gone.id)
    moving, before = (gone, film) if missing == "moved" else (film, gone)
    with pytest.raises(NotFound, match="item"):
        await edit(house, anna, moving, move=Move(before.id))


async def test_a_member_changes_only_what_they_added_themselves(
    house: House, anna: AccountActor, bert: AccountActor, room: RoomId
) -> None:
    annas, berts = await house.film(anna, room, "A"), await house.film(bert, room, "B")
    await edit(house, bert, berts, title="b")
    await edit(house, bert, berts, move=Move(annas.id))
    assert await titles(house, bert, room) == "bA"
    for act, permission in [
        (edit(house, bert, annas, title="a"), "delete_media"),
        (edit(house, bert, annas, move=Move(berts.id)), "reorder_media"),
        (house.application.items.delete(bert, room, annas.id), "delete_media"),
    ]:
        with pytest.raises(Denied) as refused:
            await act
        assert refused.value.permission == permission
    await house.application.items.delete(bert, room, berts.id)
    assert await titles(house, anna, room) == "A"


async def test_what_the_room_grants_reaches_the_items_of_others(
    house: House, anna: AccountActor, bert: AccountActor, room: RoomId
) -> None:
    films = await house.films(anna, room, "AB")
    await house.allow(anna, room, bert, Permission.REORDER_MEDIA)
    await edit(house, bert, films["B"], move=Move(films["A"].id))
    assert await titles(house, anna, room) == "BA"
    await house.allow(anna, room, bert, Permission.DELETE_MEDIA)
    await house.application.items.delete(bert, room, films["A"].id)
    assert await titles(house, anna, room) == "B"


async def test_who_may_not_manage_own_media_any_more_may_still_take_it_away(
    house: House, anna: AccountActor, bert: AccountActor, room: RoomId
) -> None:
    film = await house.film(bert, room, "B")
    await house.forbid(anna, room, bert, Permission.MANAGE_OWN_MEDIA)
    for act in (house.film(bert, room), edit(house, bert, film, title="b"), edit(house, bert, film, move=Move(None))):
        with pytest.raises(Denied) as refused:
            await act
        assert refused.value.permission == "manage_own_media"
    await house.application.items.delete(bert, room, film.id)
    assert await titles(house, anna, room) == ""


async def test_guests_add_nothing(house: House, room: RoomId) -> None:
    with pytest.raises(Denied, match="add items"):
        await house.film(await house.guest(room), room)


async def test_removing_what_plays_stops_it(house: House, anna: AccountActor, room: RoomId) -> None:
    films = await house.films(anna, room, "AB")
    await house.do(anna, room, Select(films["A"].id))
    await house.application.items.delete(anna, room, films["B"].id)
    assert house.shown(room) == "A"
    await house.application.items.delete(anna, room, films["A"].id)
    playback = house.playback(room)
    assert (playback.item, playback.reason, playback.changed_by) == (None, Reason.ITEM_REMOVED, anna.ref)
    assert house.events(room)[-2:] == [PlaybackChanged(playback, None), LibraryChanged(None)]
    with pytest.raises(NotFound):
        await house.application.items.delete(anna, room, films["A"].id)


async def test_a_player_may_tell_how_long_an_item_is(house: House, anna: AccountActor, room: RoomId) -> None:
    film = await house.film(anna, room, duration=None)
    before = (await house.do(anna, room, Select(film.id))).playback
    await lasts(house, anna, film, 90.0)
    item, playback = house.state.items[room][film.id], house.playback(room)
    assert (item.duration, item.version) == (90.0, 2)
    assert playback == before.with_duration(90.0)
    assert house.events(room)[-2:] == [PlaybackChanged(playback, item), LibraryChanged(None)]


async def test_a_duration_of_what_does_not_play_leaves_the_playback_alone(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    shown, other = await house.film(anna, room, duration=None), await house.film(anna, room, duration=None)
    before = (await house.do(anna, room, Select(shown.id))).playback
    await lasts(house, anna, other, 90.0)
    assert house.playback(room) == before
    assert house.state.items[room][other.id].duration == 90.0


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan"), float("inf"), 1e9])
async def test_a_duration_that_is_none_is_not_believed(
    house: House, anna: AccountActor, room: RoomId, seconds: float
) -> None:
    film = await house.film(anna, room, duration=None)
    await lasts(house, anna, film, seconds)
    assert house.state.items[room][film.id] == film


async def test_a_known_duration_a_live_item_and_a_guests_word_stay_as_they_are(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    known = await house.film(anna, room, duration=60.0)
    live = await house.film(anna, room, kind="live", duration=None)
    unknown = await house.film(anna, room, duration=None)
    await lasts(house, anna, known, 90.0)
    await lasts(house, anna, live, 90.0)
    await lasts(house, await house.guest(room), unknown, 90.0)
    assert [house.state.items[room][item.id] for item in (known, live, unknown)] == [known, live, unknown]
