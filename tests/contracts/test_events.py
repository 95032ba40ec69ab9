"""What every storage promises about the log of room events."""

from __future__ import annotations

import asyncio

import pytest

from synctv.domain.errors import NotFound
from synctv.domain.ids import FolderId, Micros, RoomId
from synctv.domain.playback.playback import Holding
from synctv.domain.rooms.events import (
    ChatChanged,
    ChatPosted,
    LibraryChanged,
    LoggedEvent,
    MemberChange,
    MemberChanged,
    PlaybackChanged,
    RoomChanged,
    RoomDeleted,
    RoomEvent,
)
from synctv.domain.rooms.room import Room
from tests.builders import IDS, NOW, a_message, a_playback, a_room_id, an_account_id, an_item, at
from tests.contracts.storage import Storage

WRITERS = 20


class Refused(Exception):
    """What a writer that changes its mind raises."""


async def append(storage: Storage, room: Room, *instants: Micros) -> list[LoggedEvent]:
    """Events of the room, each in a transaction of its own."""
    logged = []
    for instant in instants:
        async with storage.transactions.write() as tx:
            logged.append(await tx.events.append(room.id, RoomChanged, instant))
    return logged


async def test_every_kind_of_event_comes_back_as_it_was_appended(storage: Storage) -> None:
    room = await storage.add_room()
    message = a_message(room.id, 3, text="é\u2028🎬")
    events: list[RoomEvent] = [
        PlaybackChanged(a_playback(motion=Holding(0.1 + 0.2, at(3))), an_item(room.id, source={"a": [1.5, None]})),
        PlaybackChanged(a_playback(item=None), None),
        ChatPosted(message),
        ChatChanged(message.hidden()),
        LibraryChanged(None),
        LibraryChanged(FolderId(IDS.new("list"))),
        MemberChanged(an_account_id(), MemberChange.KICKED),
        RoomChanged(7),
        RoomDeleted(),
    ]
    logged = []
    async with storage.transactions.write() as tx:
        for number, event in enumerate(events):
            logged.append(await tx.events.append(room.id, lambda _, event=event: event, at(number)))  # type: ignore[misc]
    assert logged == [LoggedEvent(room.id, n + 1, at(n), event) for n, event in enumerate(events)]
    assert list(await storage.log.after(room.id, 0, 100) or ()) == logged


async def test_an_event_is_built_from_its_own_number(storage: Storage) -> None:
    room, other = await storage.add_room(), await storage.add_room()
    async with storage.transactions.write() as tx:
        assert await tx.events.last_seq(room.id) == 0
        first = await tx.events.append(room.id, RoomChanged, NOW)
        second = await tx.events.append(room.id, RoomChanged, NOW)
        elsewhere = await tx.events.append(other.id, RoomChanged, NOW)
        assert await tx.events.last_seq(room.id) == 2
    assert [first.seq, second.seq, elsewhere.seq] == [1, 2, 1]
    assert second == LoggedEvent(room.id, 2, NOW, RoomChanged(2))
    async with storage.transactions.read() as tx:
        assert await tx.events.last_seq(room.id) == 2
        assert await tx.events.last_seq(a_room_id()) == 0
        assert await tx.events.last_seq(RoomId("nonsense")) == 0


async def test_only_rooms_have_events(storage: Storage) -> None:
    with pytest.raises(NotFound, match="room"):
        async with storage.transactions.write() as tx:
            await tx.events.append(a_room_id(), RoomChanged, NOW)


async def test_an_event_that_can_not_be_built_leaves_no_gap(storage: Storage) -> None:
    room = await storage.add_room()

    def refuse(_seq: int) -> RoomEvent:
        raise Refused

    with pytest.raises(Refused):
        async with storage.transactions.write() as tx:
            await tx.events.append(room.id, refuse, NOW)
    (logged,) = await append(storage, room, NOW)
    assert logged.seq == 1


async def test_numbers_are_dense_under_many_writers_of_which_some_roll_back(storage: Storage) -> None:
    room, other = await storage.add_room(), await storage.add_room()

    async def write(number: int) -> None:
        async with storage.transactions.write() as tx:
            await tx.events.append(room.id, lambda _: RoomChanged(number), NOW)
            await asyncio.sleep(0)
            if number % 3 == 0:
                raise Refused
            await tx.events.append(room.id, lambda _: RoomChanged(number), NOW)

    async def write_elsewhere() -> None:
        async with storage.transactions.write() as tx:
            await tx.events.append(other.id, RoomChanged, NOW)

    results = await asyncio.gather(
        *(write(number) for number in range(WRITERS)), *(write_elsewhere() for _ in range(5)), return_exceptions=True
    )
    refused = [result for result in results if result is not None]
    assert [type(result) for result in refused] == [Refused] * 7
    found = await storage.log.after(room.id, 0, 1_000)
    assert found is not None
    assert [logged.seq for logged in found] == list(range(1, 2 * (WRITERS - 7) + 1))
    # Both events of a writer stand together: nobody appends while another one's transaction is open.
    writers = [logged.event.guest_version for logged in found if isinstance(logged.event, RoomChanged)]
    assert writers[::2] == writers[1::2]
    told = [logged for events in storage.told for logged in events if logged.room_id == room.id]
    assert sorted(logged.seq for logged in told) == [logged.seq for logged in found]


async def test_the_log_holds_only_what_is_committed(storage: Storage) -> None:
    room = await storage.add_room()
    async with storage.transactions.write() as tx:
        await tx.events.append(room.id, RoomChanged, NOW)
        assert not await storage.log.after(room.id, 0, 10)
        assert not await storage.log.unpublished(at(10), 10)
    assert len(await storage.log.after(room.id, 0, 10) or ()) == 1


async def test_the_log_is_read_from_a_number_on(storage: Storage) -> None:
    room = await storage.add_room()
    logged = await append(storage, room, *(at(n) for n in range(5)))
    assert list(await storage.log.after(room.id, 0, 2) or ()) == logged[:2]
    assert list(await storage.log.after(room.id, 2, 2) or ()) == logged[2:4]
    assert list(await storage.log.after(room.id, 4, 2) or ()) == logged[4:]
    up_to_date = await storage.log.after(room.id, 5, 2)
    assert up_to_date is not None
    assert list(up_to_date) == []


async def test_the_log_of_a_quiet_room_is_empty(storage: Storage) -> None:
    room = await storage.add_room()
    for id in (room.id, a_room_id(), RoomId("nonsense")):
        found = await storage.log.after(id, 0, 10)
        assert found is not None
        assert list(found) == []


@pytest.mark.parametrize("seq", [-1, 4, 10**30, -(10**30)])
async def test_the_log_does_not_know_what_follows_a_number_that_never_was(storage: Storage, seq: int) -> None:
    room = await storage.add_room()
    await append(storage, room, NOW, NOW, NOW)
    assert await storage.log.after(room.id, seq, 10) is None


async def test_events_are_unpublished_until_they_are_marked(storage: Storage) -> None:
    one, other = await storage.add_room(), await storage.add_room()
    (first,) = await append(storage, one, at(0))
    (second,) = await append(storage, other, at(1))
    third, fourth = await append(storage, one, at(2), at(3))
    assert list(await storage.log.unpublished(at(9), 10)) == [first, second, third, fourth]
    assert list(await storage.log.unpublished(at(9), 2)) == [first, second]
    assert list(await storage.log.unpublished(at(2), 10)) == [first, second]
    assert list(await storage.log.unpublished(at(9), 0)) == []
    await storage.log.mark_published([third, first])
    await storage.log.mark_published([first])
    await storage.log.mark_published([])
    assert list(await storage.log.unpublished(at(9), 10)) == [second, fourth]
    assert len(await storage.log.after(one.id, 0, 10) or ()) == 3


async def test_many_can_mark_the_same_events_at_once(storage: Storage) -> None:
    room = await storage.add_room()
    logged = await append(storage, room, *(at(n) for n in range(10)))
    await asyncio.gather(*(storage.log.mark_published(logged[:: -1 if n % 2 else 1]) for n in range(6)))
    assert list(await storage.log.unpublished(at(99), 100)) == []


async def test_pruning_drops_old_published_events_but_never_the_newest(storage: Storage) -> None:
    room, other = await storage.add_room(), await storage.add_room()
    logged = await append(storage, room, at(0), at(1), at(2), at(3))
    (only,) = await append(storage, other, at(0))
    await storage.log.mark_published([*logged, only])
    assert await storage.log.prune(at(2), 100) == 2
    assert await storage.log.after(room.id, 0, 10) is None
    assert await storage.log.after(room.id, 1, 10) is None
    assert list(await storage.log.after(room.id, 2, 10) or ()) == logged[2:]
    assert list(await storage.log.after(other.id, 0, 10) or ()) == [only]
    assert await storage.log.prune(at(99), 100) == 1
    assert list(await storage.log.after(room.id, 3, 10) or ()) == logged[3:]
    (following,) = await append(storage, room, at(4))
    assert following.seq == 5


async def test_pruning_leaves_what_was_never_published(storage: Storage) -> None:
    room = await storage.add_room()
    logged = await append(storage, room, at(0), at(1), at(2))
    await storage.log.mark_published(logged[1:])
    assert await storage.log.prune(at(99), 100) == 1
    assert list(await storage.log.unpublished(at(99), 10)) == logged[:1]
    # There is a hole now, so nobody is told that this is all that happened.
    assert await storage.log.after(room.id, 0, 10) is None


async def test_pruning_goes_in_steps(storage: Storage) -> None:
    room = await storage.add_room()
    logged = await append(storage, room, *(at(n) for n in range(6)))
    await storage.log.mark_published(logged)
    assert [await storage.log.prune(at(99), 2) for _ in range(4)] == [2, 2, 1, 0]
    assert await storage.log.prune(at(99), 0) == 0
