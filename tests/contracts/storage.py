"""The storages that the contract suites run on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synctv.adapters.memory.events import MemoryRoomEventLog
from synctv.adapters.memory.mail import MemoryMailQueue
from synctv.adapters.memory.store import MemoryStore
from synctv.adapters.memory.transaction import MemoryTransactions
from synctv.application.ports.events import RoomEventLog
from synctv.application.ports.mail import MailQueue
from synctv.application.ports.transaction import Transactions
from synctv.domain.accounts.account import Account
from synctv.domain.rooms.events import LoggedEvent
from synctv.domain.rooms.room import Room
from tests.builders import a_room, an_account

if TYPE_CHECKING:
    from tests.servers.postgres import PostgresServer


@dataclass(frozen=True, slots=True)
class Storage:
    """Transactions, the log and the outbox that they write, and what they told of their commits: one entry for each."""

    transactions: Transactions
    log: RoomEventLog
    mail_queue: MailQueue
    told: list[Sequence[LoggedEvent]] = field(default_factory=list)

    async def add_account(self, account: Account | None = None) -> Account:
        """Stores an account."""
        account = account or an_account()
        async with self.transactions.write() as tx:
            await tx.accounts.add(account)
        return account

    async def add_room(self, room: Room | None = None) -> Room:
        """Stores a room, with an owner of its own unless it is given."""
        room = room or a_room(await self.add_account())
        async with self.transactions.write() as tx:
            await tx.rooms.add(room)
        return room


@asynccontextmanager
async def memory_storage() -> AsyncIterator[Storage]:
    """An empty storage in memory."""
    store, told = MemoryStore(), list[Sequence[LoggedEvent]]()
    transactions = MemoryTransactions(store, told.append)
    yield Storage(transactions, MemoryRoomEventLog(store), MemoryMailQueue(store), told)


@asynccontextmanager
async def postgres_storage(server: PostgresServer) -> AsyncIterator[Storage]:
    """An empty database at the newest version."""
    from synctv.adapters.postgres.database import Database
    from synctv.adapters.postgres.events import PostgresRoomEventLog
    from synctv.adapters.postgres.mail import PostgresMailQueue
    from synctv.adapters.postgres.transaction import PostgresTransactions

    told: list[Sequence[LoggedEvent]] = []
    async with server.fresh_database(migrated) as url, Database.open(url) as database:
        transactions = PostgresTransactions(database, told.append)
        yield Storage(transactions, PostgresRoomEventLog(database), PostgresMailQueue(database), told)


async def migrated(url: str) -> None:
    """Brings an empty database to the newest version; passed to `fresh_database`, it happens once per session."""
    from synctv.adapters.postgres.database import Database

    async with Database.open(url) as database:
        await database.migrate()


OpenedStorage = AbstractAsyncContextManager[Storage]
