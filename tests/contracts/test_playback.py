"""What every storage promises about playbacks, their history and the answers to commands."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.domain.errors import AlreadyExists, NotFound, VersionConflict
from synctv.domain.ids import RoomId
from synctv.domain.playback.history import HistoryEntry
from synctv.domain.playback.playback import CurrentItem, Holding, Paused, Playback, Playing, Reason, nothing_yet
from synctv.domain.rooms.room import Room
from tests.builders import NOW, a_history_entry, a_playback, a_room_id, an_account, an_item_id, at, the_actor
from tests.contracts.storage import Storage


async def with_playback(storage: Storage, playback: Playback) -> Room:
    """A room that shows this."""
    room = await storage.add_room()
    async with storage.transactions.write() as tx:
        await tx.playbacks.add(room.id, playback)
    return room


@pytest.mark.parametrize(
    "playback",
    [
        nothing_yet(NOW),
        a_playback(),
        a_playback(motion=Paused(0.1 + 0.2), rate=0.25, changed_by=the_actor(an_account()), reason=Reason.ITEM_REMOVED),
        a_playback(motion=Holding(1e-9, at(8)), item=CurrentItem(an_item_id(), None, live=True), changed_by=None),
        a_playback(motion=Playing(2_678_400.0, at(0.4)), version=1 << 40, operation_id="é" * 128, rate=1 / 3),
    ],
    ids=["nothing", "playing", "paused", "holding", "extremes"],
)
async def test_a_playback_comes_back_as_it_was_stored(storage: Storage, playback: Playback) -> None:
    room = await with_playback(storage, playback)
    async with storage.transactions.write() as tx:
        assert await tx.playbacks.get(room.id) == playback
        assert await tx.playbacks.get(room.id, lock=True) == playback
        await tx.playbacks.remember(room.id, "operation", playback, forget_before=NOW)
        assert await tx.playbacks.answer(room.id, "operation") == playback


async def test_a_room_without_a_playback_has_none(storage: Storage) -> None:
    room = await storage.add_room()
    async with storage.transactions.write() as tx:
        for id in (room.id, a_room_id(), RoomId("nonsense"), RoomId("room_\0")):
            assert await tx.playbacks.get(id) is None
            assert await tx.playbacks.get(id, lock=True) is None
            assert await tx.playbacks.answer(id, "operation") is None
            assert not await tx.playbacks.history(id, 10)


async def test_a_playback_is_added_once_and_to_a_room(storage: Storage) -> None:
    room = await with_playback(storage, nothing_yet(NOW))
    async with storage.transactions.write() as tx:
        with pytest.raises(AlreadyExists):
            await tx.playbacks.add(room.id, nothing_yet(NOW))
    with pytest.raises(NotFound, match="room"):
        async with storage.transactions.write() as tx:
            await tx.playbacks.add(a_room_id(), nothing_yet(NOW))


async def test_an_update_replaces_the_playback(storage: Storage) -> None:
    room = await with_playback(storage, nothing_yet(NOW))
    shown, stopped = a_playback(version=2), replace(nothing_yet(at(1)), version=3)
    async with storage.transactions.write() as tx:
        await tx.playbacks.update(room.id, shown, 1)
        assert await tx.playbacks.get(room.id) == shown
        await tx.playbacks.update(room.id, stopped, 2)
    async with storage.transactions.read() as tx:
        assert await tx.playbacks.get(room.id) == stopped


async def test_a_stale_update_conflicts_and_shows_what_is_stored(storage: Storage) -> None:
    playback = a_playback(version=5)
    room = await with_playback(storage, playback)
    async with storage.transactions.write() as tx:
        for stale in (0, 4, 6, 10**30):
            with pytest.raises(VersionConflict) as error:
                await tx.playbacks.update(room.id, a_playback(version=9), stale)
            assert error.value.current == playback
        with pytest.raises(VersionConflict) as error:
            await tx.playbacks.update(a_room_id(), a_playback(), 1)
        assert error.value.current is None


async def test_of_two_writers_of_one_version_the_second_loses(storage: Storage) -> None:
    room = await with_playback(storage, a_playback())

    async def write(position: float) -> float:
        async with storage.transactions.write() as tx:
            await tx.playbacks.update(room.id, a_playback(version=2, motion=Paused(position)), 1)
        return position

    results = await asyncio.gather(*(write(number) for number in range(5)), return_exceptions=True)
    winners = [result for result in results if isinstance(result, float | int)]
    assert len(winners) == 1
    assert {type(result) for result in results if isinstance(result, Exception)} == {VersionConflict}
    async with storage.transactions.read() as tx:
        found = await tx.playbacks.get(room.id)
    assert found is not None
    assert found.motion == Paused(winners[0])


async def test_changes_with_a_lock_happen_one_after_the_other(storage: Storage) -> None:
    room = await with_playback(storage, a_playback())

    async def write() -> None:
        async with storage.transactions.write() as tx:
            found = await tx.playbacks.get(room.id, lock=True)
            assert found is not None
            await asyncio.sleep(0)
            await tx.playbacks.update(room.id, replace(found, version=found.version + 1), found.version)

    await asyncio.gather(*(write() for _ in range(12)))
    async with storage.transactions.read() as tx:
        found = await tx.playbacks.get(room.id)
    assert found is not None
    assert found.version == 13


async def test_a_lock_on_one_room_holds_up_no_other(storage: Storage) -> None:
    one, other = await with_playback(storage, a_playback()), await with_playback(storage, a_playback())
    async with storage.transactions.write() as tx:
        assert await tx.playbacks.get(one.id, lock=True) is not None
        assert await tx.playbacks.get(other.id, lock=True) is not None


async def test_the_first_answer_to_an_operation_stays(storage: Storage) -> None:
    room, other = await storage.add_room(), await storage.add_room()
    first = a_playback(version=2)
    async with storage.transactions.write() as tx:
        await tx.playbacks.remember(room.id, "a", first, forget_before=NOW)
        await tx.playbacks.remember(room.id, "a", a_playback(version=3), forget_before=NOW)
        await tx.playbacks.remember(room.id, "b", a_playback(version=4), forget_before=NOW)
    async with storage.transactions.read() as tx:
        assert await tx.playbacks.answer(room.id, "a") == first
        assert await tx.playbacks.answer(other.id, "a") is None
        assert await tx.playbacks.answer(room.id, "c") is None
        assert await tx.playbacks.answer(room.id, "x" * 1_000_000) is None


async def test_old_answers_are_forgotten_in_their_room(storage: Storage) -> None:
    room, other = await storage.add_room(), await storage.add_room()
    again = a_playback(changed_at=at(21))
    async with storage.transactions.write() as tx:
        for id in (room.id, other.id):
            await tx.playbacks.remember(id, "old", a_playback(changed_at=at(0)), forget_before=at(-10))
            await tx.playbacks.remember(id, "older", a_playback(changed_at=at(1)), forget_before=at(-10))
            await tx.playbacks.remember(id, "young", a_playback(changed_at=at(10)), forget_before=at(-10))
        await tx.playbacks.remember(room.id, "new", a_playback(changed_at=at(20)), forget_before=at(10))
        await tx.playbacks.remember(other.id, "old", again, forget_before=at(10))
    async with storage.transactions.read() as tx:
        names = ("old", "older", "young", "new")
        kept = [name for name in names if await tx.playbacks.answer(room.id, name) is not None]
        kept_there = [name for name in names if await tx.playbacks.answer(other.id, name) is not None]
        assert await tx.playbacks.answer(other.id, "old") == again
    assert kept == ["young", "new"]
    assert kept_there == ["old", "young"]


async def played(storage: Storage, room: Room, *entries: HistoryEntry, keep: int = 100) -> None:
    async with storage.transactions.write() as tx:
        for entry in entries:
            await tx.playbacks.add_history(room.id, entry, keep=keep, since=NOW)


async def test_the_history_is_told_from_the_oldest_of_the_newest_entries(storage: Storage) -> None:
    room, other = await storage.add_room(), await storage.add_room()
    # The same item twice, by nobody, and out of the order of time: the order is that of choosing.
    first = a_history_entry(played_at=at(9))
    entries = [first, a_history_entry(played_by=None), a_history_entry(item_id=first.item_id, title="")]
    await played(storage, room, *entries)
    await played(storage, other, a_history_entry())
    async with storage.transactions.read() as tx:
        assert list(await tx.playbacks.history(room.id, 100)) == entries
        assert list(await tx.playbacks.history(room.id, 2)) == entries[1:]
        assert not await tx.playbacks.history(room.id, 0)


async def test_the_history_keeps_only_the_newest_entries(storage: Storage) -> None:
    room = await storage.add_room()
    entries = [a_history_entry() for _ in range(6)]
    await played(storage, room, *entries, keep=3)
    async with storage.transactions.read() as tx:
        assert list(await tx.playbacks.history(room.id, 100)) == entries[3:]
    await played(storage, room, last := a_history_entry(), keep=1)
    async with storage.transactions.read() as tx:
        assert list(await tx.playbacks.history(room.id, 100)) == [last]


async def test_the_history_drops_what_is_old(storage: Storage) -> None:
    room, other = await storage.add_room(), await storage.add_room()
    old, young, new = (
        a_history_entry(played_at=at(0)),
        a_history_entry(played_at=at(5)),
        a_history_entry(played_at=at(9)),
    )
    await played(storage, room, old, young)
    await played(storage, other, old)
    async with storage.transactions.write() as tx:
        await tx.playbacks.add_history(room.id, new, keep=100, since=at(5))
    async with storage.transactions.read() as tx:
        assert list(await tx.playbacks.history(room.id, 100)) == [young, new]
        assert list(await tx.playbacks.history(other.id, 100)) == [old]


async def test_answers_and_history_need_a_room(storage: Storage) -> None:
    with pytest.raises(NotFound, match="room"):
        async with storage.transactions.write() as tx:
            await tx.playbacks.remember(a_room_id(), "a", a_playback(), forget_before=NOW)
    with pytest.raises(NotFound, match="room"):
        async with storage.transactions.write() as tx:
            await tx.playbacks.add_history(a_room_id(), a_history_entry(), keep=3, since=NOW)
