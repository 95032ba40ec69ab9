"""What every storage promises about media items."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.domain.errors import AlreadyExists, NotFound, VersionConflict
from synctv.domain.ids import CredentialId, FolderId, ItemId
from synctv.domain.library.item import MediaItem, MediaKind, Origin
from synctv.domain.rooms.room import Room
from tests.builders import IDS, a_folder_id, a_guest, a_room_id, an_account, an_item, an_item_id, the_actor
from tests.contracts.storage import Storage


async def with_items(storage: Storage, *ranks: int) -> tuple[Room, list[MediaItem]]:
    """A room, and items with these ranks, which are stored in this order."""
    room = await storage.add_room()
    items = [an_item(room.id, rank=rank) for rank in ranks]
    async with storage.transactions.write() as tx:
        for item in items:
            await tx.library.add(item)
    return room, items


async def test_an_item_comes_back_as_it_was_stored(storage: Storage) -> None:
    room = await storage.add_room()
    item = an_item(
        room.id,
        folder_id=FolderId(IDS.new("list")),
        kind=MediaKind.LIVE,
        duration=None,
        rank=-(1 << 60),
        source={"url": "x", "headers": {"a": "b"}, "list": [1, 2.5, None, False], "nested": {"deep": []}},
    )
    login = CredentialId(IDS.new("cred"))
    precise = an_item(
        room.id, duration=0.1 + 0.2, rank=1 << 60, source={}, credential_id=login, cover="https://x/ü.png"
    )
    precise = replace(precise, origin=Origin(a_folder_id(), "/Serien/Ü 1"))
    async with storage.transactions.write() as tx:
        await tx.library.add(item)
        await tx.library.add(precise)
    async with storage.transactions.read() as tx:
        assert await tx.library.get(room.id, item.id) == item
        assert await tx.library.get(room.id, precise.id) == precise


async def test_a_source_may_be_big(storage: Storage) -> None:
    room = await storage.add_room()
    item = an_item(room.id, source={"url": "https://media.example/" + "x" * 1_000_000})
    async with storage.transactions.write() as tx:
        await tx.library.add(item)
    async with storage.transactions.read() as tx:
        assert await tx.library.get(room.id, item.id) == item


async def test_an_item_is_found_only_in_its_room(storage: Storage) -> None:
    room, (item,) = await with_items(storage, 0)
    other = await storage.add_room()
    async with storage.transactions.read() as tx:
        assert await tx.library.get(other.id, item.id) is None
        assert await tx.library.get(room.id, an_item_id()) is None
        assert await tx.library.get(room.id, ItemId("nonsense")) is None
        assert await tx.library.get(room.id, ItemId("item_\0")) is None


async def test_an_item_is_added_once_and_to_a_room(storage: Storage) -> None:
    _, (item,) = await with_items(storage, 0)
    async with storage.transactions.write() as tx:
        with pytest.raises(AlreadyExists):
            await tx.library.add(item)
    with pytest.raises(NotFound, match="room"):
        async with storage.transactions.write() as tx:
            await tx.library.add(an_item(a_room_id()))


async def test_items_are_in_the_order_of_rank_and_id(storage: Storage) -> None:
    room, items = await with_items(storage, 5, -5, 0, 5)
    async with storage.transactions.read() as tx:
        assert list(await tx.library.in_order(room.id, None)) == [items[1], items[2], items[0], items[3]]


async def test_items_are_read_in_pages(storage: Storage) -> None:
    room, items = await with_items(storage, *range(5))
    async with storage.transactions.read() as tx:
        in_order = tx.library.in_order
        assert list(await in_order(room.id, None, limit=2)) == items[:2]
        assert list(await in_order(room.id, None, offset=1, limit=3)) == items[1:4]
        assert list(await in_order(room.id, None, offset=3)) == items[3:]
        assert list(await in_order(room.id, None, offset=5, limit=3)) == []
        assert list(await in_order(room.id, None, offset=10**30, limit=3)) == []
        assert list(await in_order(room.id, None, limit=0)) == []


async def test_folders_hold_their_own_items(storage: Storage) -> None:
    room, items = await with_items(storage, 0)
    folder = FolderId(IDS.new("list"))
    inside = an_item(room.id, folder_id=folder)
    async with storage.transactions.write() as tx:
        await tx.library.add(inside)
    async with storage.transactions.read() as tx:
        for held, id in ((items, None), ([inside], folder), ([], FolderId(IDS.new("list"))), ([], FolderId("x"))):
            assert list(await tx.library.in_order(room.id, id)) == held
            assert await tx.library.count(room.id, id) == len(held)
        assert list(await tx.library.in_order(a_room_id(), None)) == []


async def test_an_update_replaces_the_item(storage: Storage) -> None:
    room, (item, _) = await with_items(storage, 0, 1)
    changed = item.renamed("New").moved(9, None).lasting(7.25)
    async with storage.transactions.write() as tx:
        await tx.library.update(changed, 1)
    async with storage.transactions.read() as tx:
        assert await tx.library.get(room.id, item.id) == changed
        assert [found.rank for found in await tx.library.in_order(room.id, None)] == [1, 9]


async def test_a_stale_update_conflicts_and_shows_what_is_stored(storage: Storage) -> None:
    _, (item,) = await with_items(storage, 0)
    async with storage.transactions.write() as tx:
        for stale in (0, 2, 10**30):
            with pytest.raises(VersionConflict) as error:
                await tx.library.update(item.renamed("New"), stale)
            assert error.value.current == item
        with pytest.raises(VersionConflict) as error:
            await tx.library.update(replace(item, id=an_item_id()), 1)
        assert error.value.current is None


async def test_of_two_updates_of_one_version_the_second_loses(storage: Storage) -> None:
    _, (item,) = await with_items(storage, 0)

    async def rename(title: str) -> None:
        async with storage.transactions.write() as tx:
            await tx.library.update(item.renamed(title), 1)

    results = await asyncio.gather(rename("one"), rename("other"), return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [VersionConflict]


async def test_a_deleted_item_is_as_good_as_gone(storage: Storage) -> None:
    room, (item, other) = await with_items(storage, 0, 1)
    async with storage.transactions.write() as tx:
        await tx.library.delete(room.id, item.id)
        await tx.library.delete(room.id, item.id)
        await tx.library.delete(room.id, an_item_id())
        await tx.library.delete(a_room_id(), other.id)
        await tx.library.delete(room.id, ItemId("nonsense"))
        with pytest.raises(VersionConflict) as error:
            await tx.library.update(item.renamed("New"), 1)
    assert error.value.current is None
    async with storage.transactions.read() as tx:
        assert await tx.library.get(room.id, item.id) is None
        assert list(await tx.library.in_order(room.id, None)) == [other]
        assert await tx.library.count(room.id, None) == 1


async def test_an_item_can_change_its_folder(storage: Storage) -> None:
    room, (item, other) = await with_items(storage, 0, 1)
    folder = a_folder_id()
    async with storage.transactions.write() as tx:
        await tx.library.update(item.moved(5, folder), 1)
    async with storage.transactions.read() as tx:
        assert [found.id for found in await tx.library.in_order(room.id, folder)] == [item.id]
        assert list(await tx.library.in_order(room.id, None)) == [other]


async def test_several_items_are_found_at_once_in_whatever_folder(storage: Storage) -> None:
    room, (item, hidden) = await with_items(storage, 0, 1)
    inside, elsewhere = an_item(room.id, folder_id=a_folder_id()), an_item((await storage.add_room()).id)
    async with storage.transactions.write() as tx:
        await tx.library.add(inside)
        await tx.library.add(elsewhere)
        await tx.library.delete(room.id, hidden.id)
    asked = [item.id, inside.id, hidden.id, elsewhere.id, an_item_id(), ItemId("nonsense"), ItemId("item_\0"), item.id]
    async with storage.transactions.read() as tx:
        assert await tx.library.find(room.id, asked) == {item.id: item, inside.id: inside}
        assert await tx.library.find(room.id, []) == {}
        assert await tx.library.find(a_room_id(), [item.id]) == {}


async def test_the_total_counts_all_folders_of_the_room(storage: Storage) -> None:
    room, (item, _) = await with_items(storage, 0, 1)
    await with_items(storage, 0)
    async with storage.transactions.write() as tx:
        await tx.library.add(an_item(room.id, folder_id=a_folder_id()))
        assert await tx.library.total(room.id) == 3
        await tx.library.delete(room.id, item.id)
    async with storage.transactions.read() as tx:
        assert await tx.library.total(room.id) == 2
        assert await tx.library.total(a_room_id()) == 0


async def test_whole_folders_are_emptied_and_the_others_stay(storage: Storage) -> None:
    room, _ = await with_items(storage, 0, 1)
    other_room, _ = await with_items(storage, 0)
    one, other, kept = a_folder_id(), a_folder_id(), a_folder_id()
    async with storage.transactions.write() as tx:
        for folder in (one, one, other, kept):
            await tx.library.add(an_item(room.id, folder_id=folder))
        assert await tx.library.delete_in(room.id, [one, other, FolderId("nonsense")]) == 3
        assert await tx.library.delete_in(room.id, [one, other]) == 0
        assert await tx.library.delete_in(room.id, []) == 0
    counts = {one: 0, other: 0, kept: 1, None: 2}
    async with storage.transactions.write() as tx:
        assert {folder: await tx.library.count(room.id, folder) for folder in counts} == counts
        assert await tx.library.delete_in(room.id, {None, one}) == 2
    async with storage.transactions.read() as tx:
        assert (await tx.library.count(room.id, None), await tx.library.count(room.id, kept)) == (0, 1)
        assert await tx.library.count(other_room.id, None) == 1


async def test_others_are_those_who_added_something_else_that_is_still_there(storage: Storage) -> None:
    room = await storage.add_room()
    anna, bert, folder = a_guest("Anna"), a_guest("Bert"), a_folder_id()
    hers, his = an_item(room.id, folder_id=folder, added_by=anna), an_item(room.id, folder_id=folder, added_by=bert)
    async with storage.transactions.write() as tx:
        await tx.library.add(hers)
        await tx.library.add(an_item(room.id, added_by=bert))
        assert not await tx.library.others_in(room.id, [folder], anna.id)
        assert await tx.library.others_in(room.id, [folder, None], anna.id)
        assert await tx.library.others_in(room.id, [folder], bert.id)
        await tx.library.add(his)
        assert await tx.library.others_in(room.id, [folder], anna.id)
        await tx.library.delete(room.id, his.id)
        assert not await tx.library.others_in(room.id, [folder], anna.id)
        assert not await tx.library.others_in(room.id, [], bert.id)


async def test_what_somebody_added_anywhere_comes_in_pages(storage: Storage) -> None:
    adder, rooms = the_actor(an_account()), [await storage.add_room() for _ in range(2)]
    items = [an_item(rooms[number % 2].id, added_by=adder) for number in range(5)]
    gone = an_item(rooms[0].id, added_by=adder)
    async with storage.transactions.write() as tx:
        for item in (*items, gone, an_item(rooms[0].id)):
            await tx.library.add(item)
        await tx.library.delete(rooms[0].id, gone.id)
    async with storage.transactions.read() as tx:
        assert list(await tx.library.added_by(adder.id, after=None, limit=3)) == items[:3]
        assert list(await tx.library.added_by(adder.id, after=items[2].id, limit=3)) == items[3:]
        assert list(await tx.library.added_by(adder.id, after=ItemId("nonsense"), limit=3)) == []
        assert list(await tx.library.added_by("nobody", after=None, limit=3)) == []
