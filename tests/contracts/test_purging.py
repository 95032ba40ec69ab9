"""What every storage promises about forgetting accounts for good."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.domain.accounts.account import Account
from synctv.domain.errors import NotFound
from synctv.domain.ids import AccountId
from synctv.domain.rooms.actor import FORMER_NAME
from synctv.domain.rooms.events import RoomDeleted
from synctv.domain.rooms.room import RoomStatus
from tests.builders import (
    NOW,
    a_credential,
    a_folder,
    a_history_entry,
    a_membership,
    a_message,
    a_passkey,
    a_playback,
    a_room,
    a_session,
    an_account,
    an_account_id,
    an_item,
    at,
    the_actor,
)
from tests.contracts.storage import Storage

NO_IDS = ["", "nonsense", "usr_", "room_01h455vb4pex5vsknk084sn02q", "usr_\0"]


async def closed(storage: Storage, when: float = 0, **changes: object) -> Account:
    """A new account that was closed at an instant."""
    return await storage.add_account(an_account(closed_at=at(when), **changes))


async def purged(storage: Storage, account: Account, limit: int = 100) -> int:
    """Purges an account; in how many steps."""
    for step in range(1, 100):
        async with storage.transactions.write() as tx:
            if await tx.purging.purge(account.id, limit):
                return step
    raise AssertionError("There is no end to it.")


async def test_the_account_that_was_closed_first_is_purged_first(storage: Storage) -> None:
    await storage.add_account()
    later, first = await closed(storage, 20), await closed(storage, 10)
    async with storage.transactions.write() as tx:
        assert await tx.purging.due(at(10)) is None
        assert await tx.purging.due(at(11)) == first
        assert await tx.purging.due(at(99)) == first
        assert await tx.purging.purge(first.id, 100)
        assert await tx.purging.due(at(99)) == later


async def test_of_those_who_purge_at_once_each_gets_another_account(storage: Storage) -> None:
    accounts = {(await closed(storage, second)).id for second in range(3)}

    async def purge() -> AccountId | None:
        async with storage.transactions.write() as tx:
            found = await tx.purging.due(at(99))
            if found is None:
                return None
            await asyncio.sleep(0)
            assert await tx.purging.purge(found.id, 100)
            return found.id

    purged: set[AccountId | None] = set()
    while purged < accounts:
        purged |= {one for one in await asyncio.gather(*(purge() for _ in range(4))) if one is not None}
    assert purged == accounts


@pytest.mark.parametrize("text", NO_IDS)
async def test_only_a_closed_account_can_be_purged(storage: Storage, text: str) -> None:
    account = await storage.add_account()
    async with storage.transactions.write() as tx:
        for id in (AccountId(text), an_account_id(), account.id):
            with pytest.raises(NotFound, match="account"):
                await tx.purging.purge(id, 100)
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(account.id) == account


async def test_a_purged_account_takes_what_is_its_own_with_it(storage: Storage) -> None:
    account, other = await closed(storage, email="a@example.org"), await storage.add_account()
    room, kept = await storage.add_room(a_room(account, status=RoomStatus.CLOSED)), await storage.add_room()
    deleted = await storage.add_room(a_room(account, status=RoomStatus.DELETED))
    session, passkey, credential = a_session(account), a_passkey(account), a_credential(account)
    async with storage.transactions.write() as tx:
        await tx.sessions.add(session)
        await tx.passkeys.add(passkey)
        await tx.credentials.add(credential)
        for one in (room, kept):
            await tx.memberships.save(a_membership(one, account))
            await tx.memberships.save(a_membership(one, other))
            await tx.library.add(an_item(one.id))
            await tx.folders.add(a_folder(one.id))
            await tx.chat.add(a_message(one.id, 1))
            await tx.playbacks.add(one.id, a_playback())
            await tx.playbacks.add_history(one.id, a_history_entry(), keep=10, since=at(-10))
            await tx.events.append(one.id, lambda _: RoomDeleted(), NOW)
    assert await purged(storage, account)
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(account.id, even_closed=True) is None
        assert await tx.sessions.get(session.id) is None
        assert await tx.passkeys.by_credential(passkey.credential_id) is None
        assert await tx.credentials.get(credential.id) is None
        assert (await tx.rooms.get(room.id), await tx.rooms.get(deleted.id)) == (None, None)
        assert await tx.memberships.get(room.id, other.id) is None
        assert await tx.library.total(room.id) == 0
        assert await tx.chat.before(room.id, None, 10) == []
        assert await tx.playbacks.get(room.id) is None
        assert await tx.rooms.get(kept.id) == kept
        assert await tx.memberships.get(kept.id, other.id) is not None
        assert await tx.library.total(kept.id) == 1
        assert len(await tx.chat.before(kept.id, None, 10)) == 1
    await storage.add_account(an_account(username=account.username, email="a@example.org"))


async def test_what_a_purged_account_left_in_rooms_of_others_has_no_name(storage: Storage) -> None:
    account, other = await closed(storage), await storage.add_account()
    room = await storage.add_room(a_room(other))
    mine, theirs = the_actor(account), the_actor(other)
    item, message = an_item(room.id, added_by=mine), a_message(room.id, 1, author=mine)
    folder, untouched = a_folder(room.id, added_by=mine), a_message(room.id, 2, author=theirs)
    played = a_history_entry(played_by=mine)
    async with storage.transactions.write() as tx:
        await tx.library.add(item)
        await tx.folders.add(folder)
        await tx.chat.add(message)
        await tx.chat.add(untouched)
        await tx.playbacks.add(room.id, a_playback(changed_by=mine))
        await tx.playbacks.add_history(room.id, played, keep=10, since=at(-10))
    await purged(storage, account)
    nobody = replace(mine, name=FORMER_NAME)
    async with storage.transactions.read() as tx:
        assert await tx.library.get(room.id, item.id) == replace(item, added_by=nobody)
        assert await tx.folders.get(room.id, folder.id) == replace(folder, added_by=nobody)
        assert list(await tx.chat.before(room.id, None, 10)) == [replace(message, author=nobody), untouched]
        playback = await tx.playbacks.get(room.id)
        assert playback is not None
        assert playback.changed_by == nobody
        assert list(await tx.playbacks.history(room.id, 10)) == [replace(played, played_by=nobody)]


async def test_an_account_that_left_a_lot_is_purged_in_steps(storage: Storage) -> None:
    account = await closed(storage)
    own, room = await storage.add_room(a_room(account)), await storage.add_room()
    messages = [a_message(one.id, seq, author=the_actor(account)) for one in (own, room) for seq in range(1, 8)]
    async with storage.transactions.write() as tx:
        for message in messages:
            await tx.chat.add(message)
    await purged(storage, account, limit=3)
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(account.id, even_closed=True) is None
        assert {one.author.name for one in await tx.chat.before(room.id, None, 10)} == {FORMER_NAME}
        assert await tx.chat.before(own.id, None, 10) == []
