"""What every storage promises about logins at provider servers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from synctv.domain.accounts.account import Account
from synctv.domain.errors import AlreadyExists, NotFound, VersionConflict
from synctv.domain.ids import AccountId, CredentialId
from synctv.domain.library.credential import LABEL_LENGTH, SERVER_LENGTH, Credential, CredentialState
from tests.builders import a_credential, an_account, an_account_id, at
from tests.contracts.storage import Storage


async def with_credential(storage: Storage, account: Account | None = None, **changes: Any) -> Credential:
    """A stored credential, of an account of its own unless one is given."""
    credential = a_credential(account or await storage.add_account(), **changes)
    async with storage.transactions.write() as tx:
        await tx.credentials.add(credential)
    return credential


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"server": "", "label": "", "state": CredentialState.UNKNOWN, "checked_at": at(5), "version": 9},
        {"sealed": bytes(range(256)) * 300, "label": "Ünal 🎬", "state": CredentialState.REFUSED},
        {"provider": "p" * 64, "server": "\U0001f3ac" * SERVER_LENGTH, "label": "\U0001f3ac" * LABEL_LENGTH},
    ],
    ids=["usual", "empty", "big", "longest"],
)
async def test_a_credential_comes_back_as_it_was_stored(storage: Storage, changes: dict[str, Any]) -> None:
    credential = await with_credential(storage, **changes)
    async with storage.transactions.read() as tx:
        assert await tx.credentials.get(credential.id) == credential
        assert list(await tx.credentials.of_account(credential.owner)) == [credential]
        assert list(await tx.credentials.page(None, 10)) == [credential]


async def test_what_is_no_credential_is_not_found(storage: Storage) -> None:
    await with_credential(storage)
    async with storage.transactions.read() as tx:
        for id in ("nonsense", "cred_\0", a_credential(an_account()).id):
            assert await tx.credentials.get(CredentialId(id)) is None
        for owner in (an_account_id(), AccountId("nonsense")):
            assert not await tx.credentials.of_account(owner)


async def test_a_credential_belongs_to_an_account(storage: Storage) -> None:
    with pytest.raises(NotFound, match="account"):
        await with_credential(storage, an_account())


async def test_an_account_is_known_once_under_one_label_at_one_server(storage: Storage) -> None:
    account, other = await storage.add_account(), await storage.add_account()
    first = await with_credential(storage, account)
    async with storage.transactions.write() as tx:
        for again in (first, replace(a_credential(account), server=first.server)):
            with pytest.raises(AlreadyExists) as error:
                await tx.credentials.add(again)
            assert error.value.what == "sign-in"
    same = {"provider": first.provider, "server": first.server, "label": first.label}
    for change in ({"provider": "other"}, {"server": "https://other.example"}, {"label": "Anna"}):
        await with_credential(storage, account, **{**same, **change})
    await with_credential(storage, other, **same)
    async with storage.transactions.read() as tx:
        assert len(await tx.credentials.of_account(account.id)) == 4


async def test_credentials_are_told_oldest_first(storage: Storage) -> None:
    account = await storage.add_account()
    second, first, third = (a_credential(account, created_at=at(seconds)) for seconds in (5, 1, 5))
    async with storage.transactions.write() as tx:
        for credential in (third, second, first):
            await tx.credentials.add(credential)
    async with storage.transactions.read() as tx:
        assert list(await tx.credentials.of_account(account.id)) == [first, second, third]


async def test_an_update_replaces_what_may_change(storage: Storage) -> None:
    credential = await with_credential(storage)
    changed = credential.renewed(b"another", at(9))
    elsewhere = replace(changed, provider="p", server="s", label="l", created_at=at(99), owner=an_account_id())
    async with storage.transactions.write() as tx:
        await tx.credentials.update(elsewhere, credential.version)
    async with storage.transactions.read() as tx:
        assert await tx.credentials.get(credential.id) == changed


@pytest.mark.parametrize("stale", [-1, 0, 2, 10**30])
async def test_nobody_replaces_what_they_have_not_seen(storage: Storage, stale: int) -> None:
    credential = await with_credential(storage)
    async with storage.transactions.write() as tx:
        with pytest.raises(VersionConflict) as error:
            await tx.credentials.update(credential.renewed(b"another", at(9)), stale)
        assert error.value.current == credential
        with pytest.raises(VersionConflict):
            await tx.credentials.update(a_credential(an_account()), 1)
    async with storage.transactions.read() as tx:
        assert await tx.credentials.get(credential.id) == credential


async def test_changing_with_a_lock_happens_one_after_the_other(storage: Storage) -> None:
    credential = await with_credential(storage)

    async def note() -> None:
        async with storage.transactions.write() as tx:
            found = await tx.credentials.get(credential.id, lock=True)
            assert found is not None
            await asyncio.sleep(0)
            await tx.credentials.update(found.found(CredentialState.REFUSED, at(1)), found.version)

    await asyncio.gather(*(note() for _ in range(8)))
    async with storage.transactions.read() as tx:
        found = await tx.credentials.get(credential.id)
        assert found is not None
        assert found.version == 9


async def test_only_a_writer_takes_a_lock(storage: Storage) -> None:
    credential = await with_credential(storage)
    async with storage.transactions.read() as tx:
        with pytest.raises(RuntimeError):
            await tx.credentials.get(credential.id, lock=True)


async def test_the_credential_of_another_account_is_not_removed(storage: Storage) -> None:
    credential, other = await with_credential(storage), await storage.add_account()
    async with storage.transactions.write() as tx:
        assert not await tx.credentials.remove(other.id, credential.id)
        assert not await tx.credentials.remove(credential.owner, CredentialId("nonsense"))
        assert await tx.credentials.remove(credential.owner, credential.id)
        assert not await tx.credentials.remove(credential.owner, credential.id)
    async with storage.transactions.read() as tx:
        assert await tx.credentials.get(credential.id) is None


async def test_credentials_go_with_their_account(storage: Storage) -> None:
    gone, kept = await with_credential(storage), await with_credential(storage)
    async with storage.transactions.write() as tx:
        await tx.accounts.remove(gone.owner)
    async with storage.transactions.read() as tx:
        assert list(await tx.credentials.page(None, 10)) == [kept]


async def test_all_of_them_are_gone_through_in_pages(storage: Storage) -> None:
    stored = sorted([await with_credential(storage) for _ in range(5)], key=lambda credential: credential.id)
    async with storage.transactions.read() as tx:
        first = list(await tx.credentials.page(None, 2))
        second = list(await tx.credentials.page(first[-1].id, 2))
        third = list(await tx.credentials.page(second[-1].id, 2))
        assert [*first, *second, *third] == stored
        assert not await tx.credentials.page(third[-1].id, 2)
        assert not await tx.credentials.page(None, 0)


async def test_resealing_replaces_the_bytes_alone_and_only_those_that_were_read(storage: Storage) -> None:
    credential = await with_credential(storage)
    async with storage.transactions.write() as tx:
        assert await tx.credentials.reseal(credential.id, b"sealed", b"sealed anew")
        assert not await tx.credentials.reseal(credential.id, b"sealed", b"too late")
        assert not await tx.credentials.reseal(CredentialId("nonsense"), b"sealed", b"nobody's")
    async with storage.transactions.read() as tx:
        assert await tx.credentials.get(credential.id) == replace(credential, sealed=b"sealed anew")
