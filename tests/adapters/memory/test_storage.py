"""The memory storage, where it differs from what every storage promises."""

from __future__ import annotations

import pytest

from synctv.adapters.memory.store import MemoryStore
from synctv.adapters.memory.transaction import MemoryTransactions
from synctv.application.ports.accounts import EVERY_ACCOUNT
from tests.builders import an_account


async def test_a_writer_inside_a_writer_is_told_so_instead_of_waiting_forever() -> None:
    transactions = MemoryTransactions(MemoryStore(), lambda _: None)
    async with transactions.write() as tx:
        with pytest.raises(RuntimeError, match="inside a write transaction"):
            async with transactions.write():
                pass
        await tx.accounts.add(an_account())
    async with transactions.read() as tx:
        assert await tx.accounts.count(EVERY_ACCOUNT) == 1


async def test_several_transactions_share_one_store() -> None:
    store, account = MemoryStore(), an_account()
    async with MemoryTransactions(store, lambda _: None).write() as tx:
        await tx.accounts.add(account)
    async with MemoryTransactions(store, lambda _: None).read() as tx:
        assert await tx.accounts.get(account.id) == account
