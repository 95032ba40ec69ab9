"""What every storage promises about its transactions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from synctv.application.ports.accounts import EVERY_ACCOUNT, AccountFilter
from synctv.application.ports.audit import AuditFilter
from synctv.application.ports.transaction import Transaction
from synctv.domain.accounts.account import Ban
from synctv.domain.accounts.email import EmailRules
from synctv.domain.accounts.identities import Endpoints, ProviderKind
from synctv.domain.accounts.policy import AccountPolicy
from synctv.domain.audit.entry import Party
from synctv.domain.errors import AlreadyExists, Invalid
from synctv.domain.rooms.events import LibraryChanged, RoomEvent
from tests.builders import (
    NOW,
    a_history_entry,
    a_mail,
    a_membership,
    a_message,
    a_passkey,
    a_playback,
    a_room,
    a_session,
    a_totp_secret,
    an_account,
    an_audit_entry,
    an_identity,
    an_identity_provider,
    an_item,
)
from tests.contracts.storage import Storage

EVERY_ENTRY = AuditFilter()


def something_happened(_seq: int) -> RoomEvent:
    return LibraryChanged(None)


async def test_what_was_written_is_there_after_the_block(storage: Storage) -> None:
    account = an_account()
    async with storage.transactions.write() as tx:
        await tx.accounts.add(account)
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(account.id) == account


async def test_a_writer_sees_its_own_writes(storage: Storage) -> None:
    account = an_account()
    async with storage.transactions.write() as tx:
        await tx.accounts.add(account)
        assert await tx.accounts.get(account.id) == account
        assert await tx.accounts.count(EVERY_ACCOUNT) == 1


async def test_an_exception_rolls_back_all_repositories(storage: Storage) -> None:
    room, account = await storage.add_room(), an_account()
    session, item, message = a_session(account), an_item(room.id), a_message(room.id, 1)

    async def write_everything_and_fail() -> None:
        async with storage.transactions.write() as tx:
            await tx.accounts.add(account)
            await tx.sessions.add(session)
            await tx.rooms.update(replace(room, name="Another", version=2), 1)
            await tx.memberships.save(a_membership(room, account))
            await tx.library.add(item)
            await tx.playbacks.add(room.id, a_playback())
            await tx.playbacks.add_history(room.id, a_history_entry(), keep=10, since=NOW)
            await tx.playbacks.remember(room.id, "operation", a_playback(), forget_before=NOW)
            await tx.chat.add(message)
            await tx.events.append(room.id, something_happened, NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_everything_and_fail()
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(account.id) is None
        assert await tx.accounts.by_username(account.username) is None
        assert await tx.sessions.get(session.id) is None
        assert await tx.rooms.get(room.id) == room
        assert await tx.memberships.get(room.id, account.id) is None
        assert await tx.library.get(room.id, item.id) is None
        assert await tx.playbacks.get(room.id) is None
        assert not await tx.playbacks.history(room.id, 10)
        assert await tx.playbacks.answer(room.id, "operation") is None
        assert await tx.chat.get(room.id, message.id) is None
        assert await tx.events.last_seq(room.id) == 0
    assert storage.told == []


async def test_an_exception_rolls_back_all_that_signs_in(storage: Storage) -> None:
    account, provider = await storage.add_account(an_account(email="anna@example.org")), an_identity_provider()
    passkey, identity = a_passkey(account), an_identity(account, provider)

    async def write_everything_and_fail() -> None:
        async with storage.transactions.write() as tx:
            await tx.passkeys.add(passkey)
            await tx.totp_secrets.save(a_totp_secret(account))
            await tx.recovery_codes.replace(account.id, [b"code"])
            await tx.identity_providers.save(provider)
            await tx.identities.add(identity)
            await tx.policies.set_accounts(AccountPolicy(email_required=True), 0)
            await tx.audit.append(an_audit_entry())
            await tx.outbox.add(a_mail())
            await tx.accounts.update(replace(account, email="anna@example.net", version=2), 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_everything_and_fail()
    async with storage.transactions.read() as tx:
        assert await tx.passkeys.by_credential(passkey.credential_id) is None
        assert await tx.totp_secrets.get(account.id) is None
        assert await tx.recovery_codes.left(account.id) == 0
        assert await tx.identity_providers.get(provider.slug) is None
        assert await tx.identities.find(identity.provider, identity.subject) is None
        assert (await tx.policies.accounts()).version == 0
        assert not await tx.audit.list(EVERY_ENTRY, before=None, limit=10)
        assert await tx.accounts.by_email("anna@example.org") == account
        assert await tx.accounts.by_email("anna@example.net") is None
    assert await storage.mail_queue.waiting() == 0


async def test_a_cancellation_rolls_back(storage: Storage) -> None:
    account, written = an_account(), asyncio.Event()

    async def write_and_wait() -> None:
        async with storage.transactions.write() as tx:
            await tx.accounts.add(account)
            written.set()
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        writer = group.create_task(write_and_wait())
        await written.wait()
        writer.cancel()
    async with storage.transactions.write() as tx:
        assert await tx.accounts.get(account.id) is None
        await tx.accounts.add(account)


async def test_waiting_for_another_writer_can_be_cancelled(storage: Storage) -> None:
    room = await storage.add_room()
    locked, waiting = asyncio.Event(), asyncio.Event()
    finish = asyncio.Event()

    async def hold() -> None:
        async with storage.transactions.write() as tx:
            await tx.rooms.get(room.id, lock=True)
            locked.set()
            await finish.wait()

    async def wait() -> None:
        waiting.set()
        async with storage.transactions.write() as tx:
            await tx.rooms.get(room.id, lock=True)

    async with asyncio.TaskGroup() as group:
        group.create_task(hold())
        await locked.wait()
        waiter = group.create_task(wait())
        await waiting.wait()
        waiter.cancel()
        finish.set()
    async with storage.transactions.write() as tx:
        assert await tx.rooms.get(room.id, lock=True) == room


async def test_readers_do_not_see_what_is_not_committed(storage: Storage) -> None:
    account = an_account()
    async with storage.transactions.write() as tx:
        await tx.accounts.add(account)
        async with storage.transactions.read() as reader:
            assert await reader.accounts.get(account.id) is None
            assert await reader.accounts.count(EVERY_ACCOUNT) == 0


async def test_a_reader_keeps_its_view_while_others_commit(storage: Storage) -> None:
    room = await storage.add_room()
    async with storage.transactions.read() as reader:
        assert await reader.rooms.get(room.id) == room
        async with storage.transactions.write() as tx:
            await tx.rooms.update(replace(room, name="Renamed", version=2), 1)
            await tx.library.add(an_item(room.id))
        assert await reader.rooms.get(room.id) == room
        assert await reader.library.count(room.id, None) == 0


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_repositories_are_of_no_use_after_the_end(storage: Storage, kind: str) -> None:
    begin = storage.transactions.read if kind == "read" else storage.transactions.write
    async with begin() as tx:
        pass
    with pytest.raises(RuntimeError, match="ended"):
        await tx.accounts.count(EVERY_ACCOUNT)


async def test_repositories_are_of_no_use_after_a_rollback(storage: Storage) -> None:
    with pytest.raises(ZeroDivisionError):
        async with storage.transactions.write() as tx:
            raise ZeroDivisionError
    with pytest.raises(RuntimeError, match="ended"):
        await tx.accounts.add(an_account())


Write = Callable[[Transaction], Awaitable[object]]
ACCOUNT = an_account()
ROOM = a_room(ACCOUNT)
ITEM = an_item(ROOM.id)
PASSKEY = a_passkey(ACCOUNT)
PROVIDER = an_identity_provider()
IDENTITY = an_identity(ACCOUNT, PROVIDER)
WRITES: dict[str, Write] = {
    "add an account": lambda tx: tx.accounts.add(an_account()),
    "update an account": lambda tx: tx.accounts.update(ACCOUNT, 1),
    "lock an account": lambda tx: tx.accounts.get(ACCOUNT.id, lock=True),
    "remove an account": lambda tx: tx.accounts.remove(ACCOUNT.id),
    "lock the first account": lambda tx: tx.accounts.lock_first(),
    "add a session": lambda tx: tx.sessions.add(a_session(ACCOUNT)),
    "lock a session": lambda tx: tx.sessions.get(a_session(ACCOUNT).id, lock=True),
    "prune sessions": lambda tx: tx.sessions.prune(NOW, 10),
    "add a passkey": lambda tx: tx.passkeys.add(PASSKEY),
    "lock a passkey": lambda tx: tx.passkeys.by_credential(PASSKEY.credential_id, lock=True),
    "remove a passkey": lambda tx: tx.passkeys.remove(ACCOUNT.id, PASSKEY.id),
    "save an authenticator app": lambda tx: tx.totp_secrets.save(a_totp_secret(ACCOUNT)),
    "lock an authenticator app": lambda tx: tx.totp_secrets.get(ACCOUNT.id, lock=True),
    "remove an authenticator app": lambda tx: tx.totp_secrets.remove(ACCOUNT.id),
    "replace recovery codes": lambda tx: tx.recovery_codes.replace(ACCOUNT.id, [b"code"]),
    "use a recovery code": lambda tx: tx.recovery_codes.use(ACCOUNT.id, b"code", NOW),
    "save a provider": lambda tx: tx.identity_providers.save(PROVIDER),
    "lock a provider": lambda tx: tx.identity_providers.get(PROVIDER.slug, lock=True),
    "remove a provider": lambda tx: tx.identity_providers.remove(PROVIDER.slug),
    "link an identity": lambda tx: tx.identities.add(IDENTITY),
    "unlink an identity": lambda tx: tx.identities.remove(ACCOUNT.id, IDENTITY.id),
    "set the rules on accounts": lambda tx: tx.policies.set_accounts(AccountPolicy(), 0),
    "append to the audit log": lambda tx: tx.audit.append(an_audit_entry()),
    "prune the audit log": lambda tx: tx.audit.prune(NOW, 10),
    "put a letter in": lambda tx: tx.outbox.add(a_mail()),
    "add a room": lambda tx: tx.rooms.add(a_room(ACCOUNT)),
    "update a room": lambda tx: tx.rooms.update(ROOM, 1),
    "lock a room": lambda tx: tx.rooms.get(ROOM.id, lock=True),
    "save a membership": lambda tx: tx.memberships.save(a_membership(ROOM, ACCOUNT)),
    "add an item": lambda tx: tx.library.add(ITEM),
    "delete an item": lambda tx: tx.library.delete(ROOM.id, ITEM.id),
    "add a playback": lambda tx: tx.playbacks.add(ROOM.id, a_playback()),
    "lock a playback": lambda tx: tx.playbacks.get(ROOM.id, lock=True),
    "remember an answer": lambda tx: tx.playbacks.remember(ROOM.id, "x", a_playback(), forget_before=NOW),
    "add to the history": lambda tx: tx.playbacks.add_history(ROOM.id, a_history_entry(), keep=9, since=NOW),
    "add a message": lambda tx: tx.chat.add(a_message(ROOM.id, 1)),
    "append an event": lambda tx: tx.events.append(ROOM.id, something_happened, NOW),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
async def test_writing_in_a_read_is_an_error(storage: Storage, write: Write) -> None:
    async with storage.transactions.write() as tx:
        await tx.accounts.add(ACCOUNT)
        await tx.rooms.add(ROOM)
        await tx.identity_providers.save(PROVIDER)
    async with storage.transactions.read() as reader:
        with pytest.raises(RuntimeError, match="only reads"):
            await write(reader)


async def test_a_commit_tells_its_events_in_their_order(storage: Storage) -> None:
    one, other = await storage.add_room(), await storage.add_room()
    async with storage.transactions.write() as tx:
        first = await tx.events.append(one.id, something_happened, NOW)
        second = await tx.events.append(other.id, something_happened, NOW)
        third = await tx.events.append(one.id, something_happened, NOW)
        assert storage.told == []
    assert [list(events) for events in storage.told] == [[first, second, third]]
    async with storage.transactions.write() as tx:
        await tx.accounts.add(an_account())
    assert len(storage.told) == 1


async def test_a_refused_duplicate_does_not_spoil_the_transaction(storage: Storage) -> None:
    taken = await storage.add_account()
    free = an_account()
    async with storage.transactions.write() as tx:
        with pytest.raises(AlreadyExists):
            await tx.accounts.add(an_account(username=taken.username))
        await tx.accounts.add(free)
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(free.id) == free


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d of an emoji"], ids=["nul", "surrogate"])
async def test_text_that_can_not_be_stored_is_invalid_wherever_it_is(storage: Storage, text: str) -> None:
    room, account = await storage.add_room(), await storage.add_account()
    ban = Ban(reason=text, by="operator", at=NOW, until=None)
    endpoints = Endpoints("https://a.example", "https://b.example", "https://c.example", subject=text)
    oauth2 = an_identity_provider(kind=ProviderKind.OAUTH2, issuer=None, endpoints=endpoints)
    writes: list[Write] = [
        lambda tx: tx.accounts.add(an_account(username=text)),
        lambda tx: tx.accounts.update(replace(account, ban=ban, version=2), 1),
        lambda tx: tx.sessions.add(a_session(account, user_agent=text)),
        lambda tx: tx.passkeys.add(a_passkey(account, name=text)),
        lambda tx: tx.passkeys.add(a_passkey(account, transports=("usb", text))),
        lambda tx: tx.identity_providers.save(an_identity_provider(name=text)),
        lambda tx: tx.identity_providers.save(oauth2),
        lambda tx: tx.policies.set_accounts(AccountPolicy(email_rules=EmailRules(frozenset({text}))), 0),
        lambda tx: tx.audit.append(an_audit_entry(target=Party("account", "", text))),
        lambda tx: tx.audit.append(an_audit_entry(detail={"why": text})),
        lambda tx: tx.rooms.add(a_room(ACCOUNT, description=text)),
        lambda tx: tx.library.add(an_item(room.id, title=text)),
        lambda tx: tx.library.add(an_item(room.id, source={"headers": [{"name": text}]})),
        lambda tx: tx.chat.add(a_message(room.id, 1, text=text)),
        lambda tx: tx.playbacks.remember(room.id, text, a_playback(), forget_before=NOW),
    ]
    for write in writes:
        with pytest.raises(Invalid, match="NUL"):
            async with storage.transactions.write() as tx:
                await write(tx)


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d of an emoji"], ids=["nul", "surrogate"])
async def test_text_that_can_not_be_stored_is_not_found(storage: Storage, text: str) -> None:
    room = await storage.add_room()
    async with storage.transactions.read() as tx:
        assert await tx.accounts.by_username(text) is None
        assert await tx.accounts.by_email(text) is None
        assert not await tx.accounts.list(AccountFilter(text), after=None, limit=10)
        assert await tx.identities.find(text, text) is None
        assert await tx.identity_providers.get(text) is None
        assert not await tx.audit.list(AuditFilter(party=text), before=None, limit=10)
        assert await tx.rooms.by_code(text) is None
        assert await tx.playbacks.answer(room.id, text) is None
        assert await tx.chat.by_client_id(room.id, text, text) is None
    async with storage.transactions.write() as tx:
        assert not await tx.identity_providers.remove(text)


async def test_odd_text_comes_back_as_it_was(storage: Storage) -> None:
    text = "e\u0301 \u202e עברית 👩‍👩‍👧‍👦 'quoted' \"double\" \\ %s $1 {} \u2028\t\x7f\x01 \U0010ffff"
    room = await storage.add_room()
    item = an_item(room.id, title=text, source={text: [text, {"deep": text}, 1.5, 10, None, True]})
    message = a_message(room.id, 1, text=text, client_id=text)
    async with storage.transactions.write() as tx:
        await tx.library.add(item)
        await tx.chat.add(message)
    async with storage.transactions.read() as tx:
        assert await tx.library.get(room.id, item.id) == item
        assert await tx.chat.by_client_id(room.id, message.author.id, text) == message


async def test_it_answers(storage: Storage) -> None:
    await storage.transactions.ping()
