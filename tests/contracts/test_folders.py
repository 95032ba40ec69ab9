"""What every storage promises about folders."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.domain.errors import AlreadyExists, Invalid, NotFound, VersionConflict
from synctv.domain.ids import CredentialId, FolderId
from synctv.domain.library.folder import DynamicSource, Folder
from synctv.domain.rooms.room import Room
from tests.builders import IDS, a_folder, a_folder_id, a_room_id
from tests.contracts.storage import Storage

CREDENTIAL = CredentialId(IDS.new("cred"))


async def with_folders(storage: Storage, *ranks: int) -> tuple[Room, list[Folder]]:
    """A room, and folders with these ranks, which are stored in this order."""
    room = await storage.add_room()
    folders = [a_folder(room.id, rank=rank) for rank in ranks]
    async with storage.transactions.write() as tx:
        for folder in folders:
            await tx.folders.add(folder)
    return room, folders


@pytest.mark.parametrize(
    "dynamic",
    [
        None,
        DynamicSource("webdav", "/films/2024 (\N{CLAPPER BOARD})", CREDENTIAL),
        DynamicSource("alist", "", None),
        DynamicSource("alist", "x" * 2_000, CREDENTIAL),
    ],
)
async def test_a_folder_comes_back_as_it_was_stored(storage: Storage, dynamic: DynamicSource | None) -> None:
    room, (parent,) = await with_folders(storage, 0)
    folder = a_folder(room.id, parent_id=parent.id, dynamic=dynamic, rank=-(1 << 60), title="  S 1 ")
    async with storage.transactions.write() as tx:
        await tx.folders.add(folder)
        assert await tx.folders.get(room.id, folder.id) == folder
    async with storage.transactions.read() as tx:
        assert await tx.folders.get(room.id, folder.id) == folder
        assert list(await tx.folders.of_room(room.id)) == [folder, parent]


async def test_a_folder_is_found_only_in_its_room(storage: Storage) -> None:
    room, (folder,) = await with_folders(storage, 0)
    other = await storage.add_room()
    async with storage.transactions.read() as tx:
        assert await tx.folders.get(other.id, folder.id) is None
        assert await tx.folders.get(room.id, a_folder_id()) is None
        assert await tx.folders.get(room.id, FolderId("nonsense")) is None
        assert await tx.folders.get(room.id, FolderId("list_\0")) is None
        assert list(await tx.folders.of_room(other.id)) == []
        assert list(await tx.folders.of_room(a_room_id())) == []


async def test_a_folder_is_added_once_and_to_a_room(storage: Storage) -> None:
    _, (folder,) = await with_folders(storage, 0)
    async with storage.transactions.write() as tx:
        with pytest.raises(AlreadyExists):
            await tx.folders.add(folder)
    with pytest.raises(NotFound, match="room"):
        async with storage.transactions.write() as tx:
            await tx.folders.add(a_folder(a_room_id()))


async def test_text_that_can_not_be_stored_is_refused(storage: Storage) -> None:
    room = await storage.add_room()
    for folder in (a_folder(room.id, title="a\0b"), a_folder(room.id, dynamic=DynamicSource("x", "\ud800", None))):
        with pytest.raises(Invalid):
            async with storage.transactions.write() as tx:
                await tx.folders.add(folder)


async def test_folders_are_in_the_order_of_rank_and_id(storage: Storage) -> None:
    room, folders = await with_folders(storage, 5, -5, 0, 5)
    async with storage.transactions.read() as tx:
        assert list(await tx.folders.of_room(room.id)) == [folders[1], folders[2], folders[0], folders[3]]


async def test_an_update_replaces_the_folder(storage: Storage) -> None:
    room, (folder, other) = await with_folders(storage, 0, 1)
    changed = folder.renamed("New").moved(9, other.id)
    async with storage.transactions.write() as tx:
        await tx.folders.update(changed, 1)
    async with storage.transactions.read() as tx:
        assert list(await tx.folders.of_room(room.id)) == [other, changed]


async def test_a_stale_update_conflicts_and_shows_what_is_stored(storage: Storage) -> None:
    _, (folder,) = await with_folders(storage, 0)
    async with storage.transactions.write() as tx:
        for stale in (0, 2, 10**30):
            with pytest.raises(VersionConflict) as error:
                await tx.folders.update(folder.renamed("New"), stale)
            assert error.value.current == folder
        with pytest.raises(VersionConflict) as error:
            await tx.folders.update(replace(folder, id=a_folder_id()), 1)
        assert error.value.current is None


async def test_of_two_updates_of_one_version_the_second_loses(storage: Storage) -> None:
    _, (folder,) = await with_folders(storage, 0)

    async def rename(title: str) -> None:
        async with storage.transactions.write() as tx:
            await tx.folders.update(folder.renamed(title), 1)

    results = await asyncio.gather(rename("one"), rename("other"), return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [VersionConflict]


async def test_deleted_folders_are_as_good_as_gone(storage: Storage) -> None:
    room, (one, other, kept) = await with_folders(storage, 0, 1, 2)
    async with storage.transactions.write() as tx:
        await tx.folders.delete(a_room_id(), [kept.id])
        await tx.folders.delete(room.id, [])
        for _ in range(2):
            await tx.folders.delete(room.id, {one.id, other.id, a_folder_id(), FolderId("nonsense")})
        with pytest.raises(VersionConflict) as error:
            await tx.folders.update(one.renamed("New"), 1)
    assert error.value.current is None
    async with storage.transactions.read() as tx:
        assert await tx.folders.get(room.id, one.id) is None
        assert list(await tx.folders.of_room(room.id)) == [kept]


async def test_what_is_rolled_back_was_never_there(storage: Storage) -> None:
    room, (folder,) = await with_folders(storage, 0)

    async def change_and_fail() -> None:
        async with storage.transactions.write() as tx:
            await tx.folders.add(a_folder(room.id))
            await tx.folders.delete(room.id, [folder.id])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await change_and_fail()
    async with storage.transactions.read() as tx:
        assert list(await tx.folders.of_room(room.id)) == [folder]
