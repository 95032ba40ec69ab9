"""Talking in a room."""

from __future__ import annotations

import asyncio

import pytest

from synctv.application.chat.conversation import MessagePage, NewMessage
from synctv.application.limits.limits import Category, Rate
from synctv.application.playback.commands import Pause, Select
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.rooms.lifecycle import RoomEdit
from synctv.domain.chat.message import Message
from synctv.domain.errors import Denied, Invalid, NotFound, RateLimited
from synctv.domain.ids import MessageId, RoomId
from synctv.domain.rooms.actor import AccountActor, Actor
from synctv.domain.rooms.events import ChatChanged, ChatPosted
from synctv.domain.rooms.permissions import Permission, PermissionChange, RoleChanges
from synctv.domain.rooms.settings import RoomSettings
from tests.application.house import House, furnished
from tests.applications import PLENTY


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


@pytest.fixture
async def room(house: House, anna: AccountActor) -> RoomId:
    return await house.room(anna)


@pytest.fixture
async def bert(house: House, room: RoomId) -> AccountActor:
    return await house.member("Bert", room)


async def say(house: House, actor: Actor, room: RoomId, text: str, client_id: str = "") -> Message:
    return await house.application.chat.send(actor, room, NewMessage(client_id or f"client {text.strip()}", text))


def texts(page: MessagePage) -> list[str]:
    return [message.text for message in page.messages]


async def test_a_message_says_who_wrote_what_and_when(house: House, bert: AccountActor, room: RoomId) -> None:
    message = await say(house, bert, room, "  Hello \n")
    assert (message.text, message.author, message.sent_at) == ("Hello", bert.ref, house.clock.now())
    assert (message.item_id, message.position, message.version, message.deleted) == (None, None, 1, False)
    assert house.events(room)[-1] == ChatPosted(message)
    assert message.seq == len(house.events(room))


async def test_a_message_keeps_where_the_film_was(house: House, anna: AccountActor, room: RoomId) -> None:
    film = await house.film(anna, room)
    await house.do(anna, room, Select(film.id))
    await house.do(anna, room, Pause(at=42.5))
    message = await say(house, anna, room, "Look!")
    assert (message.item_id, message.position) == (film.id, 42.5)


async def test_sending_again_returns_the_first_message(house: House, anna: AccountActor, room: RoomId) -> None:
    first = await say(house, anna, room, "Hello", "one")
    house.clock.advance(60.0)
    assert await say(house, anna, room, "Hello", "one") == first
    assert await say(house, anna, room, "Something else", "one") == first
    assert len(house.events(room)) == 1


async def test_sending_again_at_the_same_moment_makes_one_message(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    sent = await asyncio.gather(*(say(house, anna, room, "Hello", "one") for _ in range(5)))
    assert len({message.id for message in sent}) == 1
    assert len(house.events(room)) == 1


async def test_client_ids_of_different_people_and_rooms_do_not_meet(
    house: House, anna: AccountActor, bert: AccountActor, room: RoomId
) -> None:
    other = await house.room(anna)
    sent = [
        await say(house, anna, room, "Hello", "one"),
        await say(house, bert, room, "Hello", "one"),
        await say(house, anna, other, "Hello", "one"),
    ]
    assert len({message.id for message in sent}) == 3


async def test_a_reply_names_a_message_of_the_same_room(house: House, anna: AccountActor, room: RoomId) -> None:
    first, other = await say(house, anna, room, "Hello"), await house.room(anna)
    reply = await house.application.chat.send(anna, room, NewMessage("reply", "Yes", first.id))
    assert reply.reply_to == first.id
    for where, to in [(other, first.id), (room, MessageId("msg_00000000000000000000000000"))]:
        with pytest.raises(NotFound, match="message"):
            await house.application.chat.send(anna, where, NewMessage("another", "Yes", to))


@pytest.mark.parametrize(
    "new, path",
    [(NewMessage("one", " "), "text"), (NewMessage("one", "x" * 4_001), "text"), (NewMessage("", "Hello"), "clientId")],
)
async def test_what_is_no_message_is_refused_and_named(
    house: House, anna: AccountActor, room: RoomId, new: NewMessage, path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await house.application.chat.send(anna, room, new)
    assert [error.path for error in refused.value.errors] == [path]
    assert house.events(room) == []


async def test_pages_lead_back_to_the_first_message_without_gaps_or_repeats(
    house: House, anna: AccountActor, bert: AccountActor, room: RoomId
) -> None:
    written = []
    for n in range(11):
        written.append((await say(house, anna, room, f"{n}")).text)
        await house.film(anna, room)  # other events take numbers in between
    found, before = list[str](), None
    while True:
        page = await house.application.chat.page(bert, room, before=before, limit=3)
        found = texts(page) + found
        if not page.has_more:
            break
        before = page.messages[0].seq
    assert found == written


async def test_pages_lead_on_to_the_newest_message_without_gaps_or_repeats(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    written = [(await say(house, anna, room, f"{n}")).text for n in range(9)]
    found, after = list[str](), 0
    while True:
        page = await house.application.chat.page(anna, room, after=after, limit=3)
        found += texts(page)
        if not page.has_more:
            break
        after = page.messages[-1].seq
    assert found == written
    rest = await house.application.chat.page(anna, room, after=page.messages[-1].seq)
    assert (rest.messages, rest.has_more) == ([], False)


async def test_without_a_side_a_page_holds_the_newest(house: House, anna: AccountActor, room: RoomId) -> None:
    for n in range(5):
        await say(house, anna, room, f"{n}")
    page = await house.application.chat.page(anna, room, limit=2)
    assert (texts(page), page.has_more) == (["3", "4"], True)
    whole = await house.application.chat.page(anna, room, limit=5)
    assert (len(whole.messages), whole.has_more) == (5, False)


async def test_deleting_hides_the_text_and_keeps_the_place(
    house: House, anna: AccountActor, bert: AccountActor, room: RoomId
) -> None:
    first, second = await say(house, bert, room, "Rash"), await say(house, anna, room, "Hm")
    hidden = await house.application.chat.delete(bert, room, first.id)
    assert (hidden.text, hidden.deleted, hidden.seq) == ("", True, first.seq)
    assert (await house.application.chat.page(anna, room)).messages == [hidden, second]
    assert house.events(room)[-1] == ChatChanged(hidden)


async def test_deleting_twice_deletes_once(house: House, anna: AccountActor, room: RoomId) -> None:
    message = await say(house, anna, room, "Rash")
    deleted = await asyncio.gather(*(house.application.chat.delete(anna, room, message.id) for _ in range(3)))
    assert {one.version for one in deleted} == {2}
    assert len(house.events(room)) == 2


async def test_a_deleted_message_does_not_come_back_when_it_is_sent_again(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    message = await say(house, anna, room, "Rash", "one")
    hidden = await house.application.chat.delete(anna, room, message.id)
    assert await say(house, anna, room, "Rash", "one") == hidden


async def test_only_who_may_deletes_what_others_wrote(
    house: House, anna: AccountActor, bert: AccountActor, room: RoomId
) -> None:
    annas, berts = await say(house, anna, room, "A"), await say(house, bert, room, "B")
    with pytest.raises(Denied) as refused:
        await house.application.chat.delete(bert, room, annas.id)
    assert refused.value.permission == "delete_chat_messages"
    assert (await house.application.chat.delete(anna, room, berts.id)).deleted
    await house.allow(anna, room, bert, Permission.DELETE_CHAT_MESSAGES)
    assert (await house.application.chat.delete(bert, room, annas.id)).deleted


async def test_a_message_of_another_room_can_not_be_deleted_from_here(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    message = await say(house, anna, await house.room(anna), "Elsewhere")
    with pytest.raises(NotFound, match="message"):
        await house.application.chat.delete(anna, room, message.id)


async def test_a_chat_that_is_off_takes_nothing_from_anybody_and_can_be_read(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    await say(house, anna, room, "Before")
    edit = RoomEdit(settings=lambda _: RoomSettings(chat_enabled=False))
    await house.application.rooms.edit(anna, room, edit, None)
    with pytest.raises(Denied, match="switched off"):
        await say(house, anna, room, "After")
    assert texts(await house.application.chat.page(anna, room)) == ["Before"]


async def test_reading_and_writing_are_permissions_of_their_own(
    house: House, anna: AccountActor, bert: AccountActor, room: RoomId
) -> None:
    await house.forbid(anna, room, bert, Permission.SEND_CHAT_MESSAGES)
    with pytest.raises(Denied, match="write in this chat"):
        await say(house, bert, room, "Hello")
    assert (await house.application.chat.page(bert, room)).messages == []
    await house.forbid(anna, room, bert, Permission.VIEW_CHAT_HISTORY)
    await say(house, bert, room, "Hello")
    with pytest.raises(Denied, match="read this chat"):
        await house.application.chat.page(bert, room)


async def test_a_guest_who_is_let_into_the_chat_deletes_only_their_own_words(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    chat = RoleChanges(guest=PermissionChange(added=frozenset({Permission.SEND_CHAT_MESSAGES})))
    edit = RoomEdit(settings=lambda _: RoomSettings(permissions=chat))
    await house.application.rooms.edit(anna, room, edit, None)
    guest, namesake = await house.guest(room), await house.guest(room)
    message = await say(house, guest, room, "Hello")
    assert message.author == guest.ref
    with pytest.raises(Denied):
        await house.application.chat.delete(namesake, room, message.id)
    assert (await house.application.chat.delete(guest, room, message.id)).deleted


async def test_flooding_is_slowed_down(passwords: PasswordHasher) -> None:
    house = furnished(passwords, rates={**PLENTY, Category.WRITE: Rate(2, 10.0)})
    anna = await house.account("Anna")
    room = await house.room(anna)
    for n in range(2):
        await say(house, anna, room, f"{n}")
    with pytest.raises(RateLimited) as refused:
        await say(house, anna, room, "2")
    house.clock.advance(refused.value.retry_after)
    await say(house, anna, room, "2")
