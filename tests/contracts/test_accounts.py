"""What every storage promises about accounts and sign-in sessions."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.domain.accounts.account import AccountStatus, GlobalRole
from synctv.domain.errors import AlreadyExists, NotFound, VersionConflict
from synctv.domain.ids import AccountId, SessionId
from tests.builders import a_session, an_account, an_account_id, at
from tests.contracts.storage import Storage

NO_IDS = ["", "nonsense", "usr_", "room_01h455vb4pex5vsknk084sn02q", "usr_01H455VB4PEX5VSKNK084SN02Q", "usr_\0"]


async def test_an_account_comes_back_as_it_was_stored(storage: Storage) -> None:
    account = await storage.add_account(
        an_account(role=GlobalRole.ROOT, status=AccountStatus.BANNED, password_hash=None, session_generation=7)
    )
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(account.id) == account


async def test_an_account_that_is_not_there_is_none(storage: Storage) -> None:
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(an_account_id()) is None
        assert await tx.accounts.by_username("nobody") is None


@pytest.mark.parametrize("text", NO_IDS)
async def test_what_is_no_id_is_not_found(storage: Storage, text: str) -> None:
    await storage.add_account()
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(AccountId(text)) is None
        assert await tx.sessions.get(SessionId(text)) is None
        if text != "room_01h455vb4pex5vsknk084sn02q":
            assert list(await tx.accounts.list(after=AccountId(text), limit=10)) == []


@pytest.mark.parametrize(
    "name, typed", [("Anna", "aNNA"), ("Straße", "STRASSE"), ("Ünal", "U\u0308nal"), ("wide", "\uff57ide")]
)
async def test_names_are_compared_without_case_and_composition(storage: Storage, name: str, typed: str) -> None:
    account = await storage.add_account(an_account(username=name))
    async with storage.transactions.read() as tx:
        assert await tx.accounts.by_username(typed) == account
    with pytest.raises(AlreadyExists) as error:
        await storage.add_account(an_account(username=typed))
    assert error.value.what == "username"


async def test_of_two_who_take_a_name_at_once_one_gets_it(storage: Storage) -> None:
    results = await asyncio.gather(
        *(storage.add_account(an_account(username="wanted")) for _ in range(5)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["Account", *["AlreadyExists"] * 4]


async def test_an_update_replaces_the_account(storage: Storage) -> None:
    account = await storage.add_account()
    changed = replace(
        account, username="another", role=GlobalRole.ADMIN, session_generation=2, password_hash="x", version=2
    )
    async with storage.transactions.write() as tx:
        await tx.accounts.update(changed, 1)
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(account.id) == changed
        assert await tx.accounts.by_username("another") == changed
        assert await tx.accounts.by_username(account.username) is None


async def test_a_stale_update_conflicts_and_shows_what_is_stored(storage: Storage) -> None:
    account = await storage.add_account()
    async with storage.transactions.write() as tx:
        for stale in (0, 2, 10**30):
            with pytest.raises(VersionConflict) as error:
                await tx.accounts.update(replace(account, version=3), stale)
            assert error.value.current == account


async def test_updating_an_account_that_is_not_there_conflicts_with_nothing(storage: Storage) -> None:
    async with storage.transactions.write() as tx:
        with pytest.raises(VersionConflict) as error:
            await tx.accounts.update(an_account(), 1)
    assert error.value.current is None


async def test_an_update_can_not_take_the_name_of_another(storage: Storage) -> None:
    account, other = await storage.add_account(), await storage.add_account()
    with pytest.raises(AlreadyExists, match="username"):
        async with storage.transactions.write() as tx:
            await tx.accounts.update(replace(account, username=other.username.upper(), version=2), 1)
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(account.id) == account


async def test_accounts_are_listed_by_id_in_pages(storage: Storage) -> None:
    accounts = [await storage.add_account() for _ in range(5)]
    async with storage.transactions.read() as tx:
        assert list(await tx.accounts.list(after=None, limit=2)) == accounts[:2]
        assert list(await tx.accounts.list(after=accounts[1].id, limit=2)) == accounts[2:4]
        assert list(await tx.accounts.list(after=accounts[3].id, limit=100)) == accounts[4:]
        assert list(await tx.accounts.list(after=accounts[4].id, limit=2)) == []
        assert list(await tx.accounts.list(after=None, limit=0)) == []
        assert await tx.accounts.count() == 5


async def test_a_page_may_start_at_an_account_that_is_gone(storage: Storage) -> None:
    first, missing, last = an_account(), an_account(), an_account()
    await storage.add_account(first)
    await storage.add_account(last)
    async with storage.transactions.read() as tx:
        assert list(await tx.accounts.list(after=missing.id, limit=10)) == [last]


async def test_of_those_who_want_to_be_the_first_account_one_is(storage: Storage) -> None:
    async def set_up() -> bool:
        async with storage.transactions.write() as tx:
            first = await tx.accounts.lock_first()
            if first:
                await tx.accounts.add(an_account(role=GlobalRole.ROOT))
            return first

    assert sorted(await asyncio.gather(*(set_up() for _ in range(5)))) == [False, False, False, False, True]


async def test_a_session_comes_back_as_it_was_stored(storage: Storage) -> None:
    session = a_session(
        await storage.add_account(), refresh_digest=bytes([0, 255, 39, 92]), user_agent="", address="::1"
    )
    async with storage.transactions.write() as tx:
        await tx.sessions.add(session)
    async with storage.transactions.read() as tx:
        assert await tx.sessions.get(session.id) == session


async def test_an_update_replaces_the_session(storage: Storage) -> None:
    session = a_session(await storage.add_account())
    ended = session.rotated(b"another", at(5), at(500)).ended(at(6))
    async with storage.transactions.write() as tx:
        await tx.sessions.add(session)
        await tx.sessions.update(ended)
    async with storage.transactions.read() as tx:
        assert await tx.sessions.get(session.id) == ended


async def test_a_session_belongs_to_an_account_and_is_added_once(storage: Storage) -> None:
    session = a_session(await storage.add_account())
    with pytest.raises(NotFound, match="account"):
        async with storage.transactions.write() as tx:
            await tx.sessions.add(a_session(an_account()))
    async with storage.transactions.write() as tx:
        with pytest.raises(NotFound, match="session"):
            await tx.sessions.update(session)
        await tx.sessions.add(session)
        with pytest.raises(AlreadyExists):
            await tx.sessions.add(session)


async def test_refreshing_with_a_lock_happens_one_after_the_other(storage: Storage) -> None:
    session = a_session(await storage.add_account(), refresh_digest=b"0")
    async with storage.transactions.write() as tx:
        await tx.sessions.add(session)

    async def refresh() -> None:
        async with storage.transactions.write() as tx:
            found = await tx.sessions.get(session.id, lock=True)
            assert found is not None
            await asyncio.sleep(0)
            digest = str(int(found.refresh_digest) + 1).encode()
            await tx.sessions.update(found.rotated(digest, at(1), at(100)))

    await asyncio.gather(*(refresh() for _ in range(8)))
    async with storage.transactions.read() as tx:
        found = await tx.sessions.get(session.id)
    assert found is not None
    assert found.refresh_digest == b"8"
