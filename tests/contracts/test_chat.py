"""What every storage promises about chat messages."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.domain.chat.message import Message
from synctv.domain.errors import AlreadyExists, NotFound, VersionConflict
from synctv.domain.ids import MessageId, RoomId
from synctv.domain.rooms.room import Room
from tests.builders import IDS, a_guest, a_message, a_room_id, an_account, an_item_id, the_actor
from tests.contracts.storage import Storage


async def with_messages(storage: Storage, *seqs: int) -> tuple[Room, list[Message]]:
    """A room, and messages with these numbers, which are stored in this order."""
    room = await storage.add_room()
    messages = [a_message(room.id, seq) for seq in seqs]
    async with storage.transactions.write() as tx:
        for message in messages:
            await tx.chat.add(message)
    return room, messages


async def test_a_message_comes_back_as_it_was_stored(storage: Storage) -> None:
    room, (first,) = await with_messages(storage, 1)
    answer = a_message(
        room.id,
        1 << 40,
        author=the_actor(an_account()),
        text="two\nlines",
        reply_to=first.id,
        item_id=an_item_id(),
        position=0.1 + 0.2,
        version=3,
        deleted=True,
    )
    async with storage.transactions.write() as tx:
        await tx.chat.add(answer)
    async with storage.transactions.read() as tx:
        assert await tx.chat.get(room.id, first.id) == first
        assert await tx.chat.get(room.id, answer.id) == answer
        assert await tx.chat.by_client_id(room.id, answer.author.id, answer.client_id) == answer


async def test_a_message_may_be_long(storage: Storage) -> None:
    room = await storage.add_room()
    message = a_message(room.id, 1, text="🎬" * 500_000)
    async with storage.transactions.write() as tx:
        await tx.chat.add(message)
    async with storage.transactions.read() as tx:
        assert await tx.chat.get(room.id, message.id) == message


async def test_a_message_is_found_only_in_its_room(storage: Storage) -> None:
    room, (message,) = await with_messages(storage, 1)
    other = await storage.add_room()
    async with storage.transactions.read() as tx:
        assert await tx.chat.get(other.id, message.id) is None
        assert await tx.chat.get(room.id, MessageId(IDS.new("msg"))) is None
        assert await tx.chat.get(room.id, MessageId("nonsense")) is None
        assert await tx.chat.get(RoomId("nonsense"), message.id) is None


async def test_what_an_author_sent_is_found_by_its_own_id(storage: Storage) -> None:
    room, (message,) = await with_messages(storage, 1)
    other = await storage.add_room()
    async with storage.transactions.read() as tx:
        find = tx.chat.by_client_id
        assert await find(room.id, message.author.id, message.client_id) == message
        assert await find(room.id, a_guest().id, message.client_id) is None
        assert await find(room.id, message.author.id, "another") is None
        assert await find(other.id, message.author.id, message.client_id) is None
        assert await find(room.id, message.author.id, "x" * 1_000_000) is None


async def test_sending_the_same_again_is_refused_and_leaves_the_transaction_usable(storage: Storage) -> None:
    room, (message,) = await with_messages(storage, 1)
    again = a_message(room.id, 2, author=message.author, client_id=message.client_id)
    by_another = a_message(room.id, 3, client_id=message.client_id)
    async with storage.transactions.write() as tx:
        for duplicate in (again, replace(by_another, id=message.id), replace(by_another, seq=message.seq)):
            with pytest.raises(AlreadyExists):
                await tx.chat.add(duplicate)
        await tx.chat.add(by_another)
    async with storage.transactions.read() as tx:
        assert list(await tx.chat.after(room.id, 0, 10)) == [message, by_another]


async def test_of_two_that_send_the_same_at_once_one_is_stored(storage: Storage) -> None:
    room, author = await storage.add_room(), a_guest()

    async def send(seq: int) -> None:
        async with storage.transactions.write() as tx:
            await tx.chat.add(a_message(room.id, seq, author=author, client_id="same"))

    results = await asyncio.gather(send(1), send(2), return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [AlreadyExists]


async def test_a_message_needs_a_room(storage: Storage) -> None:
    with pytest.raises(NotFound, match="room"):
        async with storage.transactions.write() as tx:
            await tx.chat.add(a_message(a_room_id(), 1))


async def test_a_deleted_message_keeps_its_place(storage: Storage) -> None:
    room, messages = await with_messages(storage, 1, 2, 3)
    hidden = messages[1].hidden()
    async with storage.transactions.write() as tx:
        await tx.chat.update(hidden, 1)
    async with storage.transactions.read() as tx:
        assert await tx.chat.get(room.id, hidden.id) == hidden
        assert list(await tx.chat.before(room.id, None, 10)) == [messages[0], hidden, messages[2]]


async def test_a_stale_update_conflicts_and_shows_what_is_stored(storage: Storage) -> None:
    room, (message,) = await with_messages(storage, 1)
    async with storage.transactions.write() as tx:
        for stale in (0, 2, 10**30):
            with pytest.raises(VersionConflict) as error:
                await tx.chat.update(message.hidden(), stale)
            assert error.value.current == message
        with pytest.raises(VersionConflict) as error:
            await tx.chat.update(a_message(room.id, 2), 1)
        assert error.value.current is None


async def test_messages_are_paged_back_from_the_newest(storage: Storage) -> None:
    room, messages = await with_messages(storage, 2, 3, 5, 8, 13)
    async with storage.transactions.read() as tx:
        before = tx.chat.before
        assert list(await before(room.id, None, 2)) == messages[3:]
        assert list(await before(room.id, 8, 2)) == messages[1:3]
        assert list(await before(room.id, 4, 10)) == messages[:2]
        assert list(await before(room.id, 2, 10)) == []
        assert list(await before(room.id, -(10**30), 10)) == []
        assert list(await before(room.id, 10**30, 10)) == messages
        assert list(await before(room.id, None, 0)) == []
        assert list(await before(a_room_id(), None, 10)) == []


async def test_messages_are_paged_on_from_a_number(storage: Storage) -> None:
    room, messages = await with_messages(storage, 13, 2, 8, 3, 5)
    in_order = sorted(messages, key=lambda message: message.seq)
    async with storage.transactions.read() as tx:
        after = tx.chat.after
        assert list(await after(room.id, 0, 2)) == in_order[:2]
        assert list(await after(room.id, 3, 2)) == in_order[2:4]
        assert list(await after(room.id, 13, 2)) == []
        assert list(await after(room.id, 10**30, 2)) == []
        assert list(await after(room.id, 0, 0)) == []
        assert list(await after(a_room_id(), 0, 10)) == []


async def test_what_somebody_wrote_anywhere_comes_in_pages(storage: Storage) -> None:
    author, rooms = the_actor(an_account()), [await storage.add_room() for _ in range(2)]
    messages = [a_message(rooms[seq % 2].id, seq, author=author) for seq in range(1, 6)]
    async with storage.transactions.write() as tx:
        for message in messages:
            await tx.chat.add(message)
        await tx.chat.add(a_message(rooms[0].id, 10, author=the_actor(an_account())))
        await tx.chat.add(a_message(rooms[0].id, 11, author=author, text="", deleted=True))
    async with storage.transactions.read() as tx:
        assert list(await tx.chat.written_by(author.id, after=None, limit=3)) == messages[:3]
        assert list(await tx.chat.written_by(author.id, after=messages[2].id, limit=3)) == messages[3:]
        assert list(await tx.chat.written_by(author.id, after=messages[4].id, limit=3)) == []
        assert list(await tx.chat.written_by(author.id, after=MessageId("nonsense"), limit=3)) == []
        assert list(await tx.chat.written_by("nobody", after=None, limit=3)) == []
