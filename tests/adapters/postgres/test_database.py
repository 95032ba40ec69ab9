"""What a PostgreSQL server does to those who use it: it goes away, comes back, is slow, and prefers one of two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from synctv.adapters.postgres.database import Database, DatabaseLimits
from synctv.adapters.postgres.embedded.server import EmbeddedPostgres
from synctv.adapters.postgres.events import PostgresRoomEventLog
from synctv.adapters.postgres.transaction import PostgresTransactions
from synctv.application.ports.accounts import EVERY_ACCOUNT
from synctv.application.ports.transaction import Transaction
from synctv.domain.errors import Invalid, Unavailable
from synctv.domain.ids import AccountId
from synctv.domain.rooms.events import LoggedEvent
from synctv.domain.rooms.room import Room
from tests.builders import a_message, a_room, an_account
from tests.contracts.storage import migrated
from tests.servers.postgres import PostgresServer
from tests.servers.scratch import scratch_folder

pytestmark = pytest.mark.postgres

ONE_CONNECTION = DatabaseLimits(connections=1, connect=0.2)


def nobody_listens(_events: Sequence[LoggedEvent]) -> None:
    """Takes what is told of commits."""


def transactions_of(database: Database) -> PostgresTransactions:
    return PostgresTransactions(database, nobody_listens)


async def add_two_rooms(transactions: PostgresTransactions) -> tuple[Room, Room]:
    owner = an_account()
    rooms = a_room(owner), a_room(owner)
    async with transactions.write() as tx:
        await tx.accounts.add(owner)
        for room in rooms:
            await tx.rooms.add(room)
    return rooms


@pytest.fixture
async def own_server() -> AsyncIterator[EmbeddedPostgres]:
    """A server that the test may stop."""
    with scratch_folder() as folder:
        async with EmbeddedPostgres(folder / "data") as server:
            yield server


async def test_after_the_server_was_away_everything_works_again_with_the_same_objects(
    own_server: EmbeddedPostgres,
) -> None:
    async with Database.open(own_server.url) as database:
        await database.migrate()
        transactions, log = transactions_of(database), PostgresRoomEventLog(database)
        room, _ = await add_two_rooms(transactions)
        # Several connections at once, so that several broken ones are left in the pool.
        await asyncio.gather(*(log.after(room.id, 0, 10) for _ in range(4)))

        with pytest.raises(Unavailable, match="database"):
            await stop_in_the_middle(own_server, transactions, room)
        for _ in range(6):
            with pytest.raises(Unavailable, match="database"):
                await transactions.ping()
            with pytest.raises(Unavailable, match="database"):
                await log.after(room.id, 0, 10)
            with pytest.raises(Unavailable, match="database"):
                async with transactions.read():
                    pass

        await own_server.start()
        await database.moved(own_server.url)
        await transactions.ping()
        async with transactions.write() as tx:
            assert await tx.rooms.get(room.id, lock=True) == room
            await tx.rooms.update(replace(room, name="Again", version=2), 1)
        assert await log.after(room.id, 0, 10) == []


async def stop_in_the_middle(server: EmbeddedPostgres, transactions: PostgresTransactions, room: Room) -> None:
    async with transactions.write() as tx:
        await tx.rooms.get(room.id, lock=True)
        await server.stop()
        await tx.rooms.update(replace(room, name="Lost", version=2), 1)


async def test_a_killed_connection_is_replaced(migrated_url: str) -> None:
    async with Database.open(migrated_url, ONE_CONNECTION) as database, Database.open(migrated_url) as killer:
        transactions = transactions_of(database)
        await transactions.ping()
        async with killer.rows() as queries:
            await queries.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with suppress(Unavailable):  # unless the end has been noticed before the first use
            await transactions.ping()
        await transactions.ping()


async def test_an_address_where_nobody_is_makes_ports_unavailable() -> None:
    async with Database.open("postgresql://app:secret@127.0.0.1:1/synctv") as database:
        with pytest.raises(Unavailable, match="database"):
            await transactions_of(database).ping()


async def test_waiting_too_long_for_a_lock_is_unavailable_and_leaves_no_harm(migrated_url: str) -> None:
    async with (
        Database.open(migrated_url) as patient,
        Database.open(migrated_url, DatabaseLimits(connections=1, statement=0.05)) as hasty,
    ):
        room, _ = await add_two_rooms(transactions_of(patient))
        async with transactions_of(patient).write() as tx:
            await tx.rooms.get(room.id, lock=True)
            with pytest.raises(Unavailable):
                async with transactions_of(hasty).write() as waiting:
                    await waiting.rooms.get(room.id, lock=True)
        async with transactions_of(hasty).write() as tx:
            assert await tx.rooms.get(room.id, lock=True) == room


async def test_waiting_too_long_for_a_connection_is_unavailable(migrated_url: str) -> None:
    async with Database.open(migrated_url, ONE_CONNECTION) as database:
        transactions = transactions_of(database)
        async with transactions.read():
            with pytest.raises(Unavailable):
                await transactions.ping()
        await transactions.ping()


async def test_of_two_writers_that_wait_for_each_other_one_is_told_to_try_again(database: Database) -> None:
    transactions = transactions_of(database)
    rooms = await add_two_rooms(transactions)
    both_hold_one = asyncio.Barrier(2)

    async def lock(first: Room, second: Room) -> None:
        async with transactions.write() as tx:
            await tx.rooms.get(first.id, lock=True)
            await both_hold_one.wait()
            await tx.rooms.get(second.id, lock=True)

    results = await asyncio.gather(lock(*rooms), lock(*reversed(rooms)), return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [Unavailable]


async def test_a_block_that_swallows_a_failed_statement_can_not_commit(database: Database) -> None:
    transactions = transactions_of(database)
    account = an_account()

    async def swallow(tx: Transaction) -> None:
        await tx.accounts.add(account)
        with pytest.raises(Invalid):
            await tx.rooms.add(a_room(account, name="a\0b"))
        with pytest.raises(Invalid):
            await tx.accounts.count(EVERY_ACCOUNT)

    with pytest.raises(Invalid):
        async with transactions.write() as tx:
            await swallow(tx)
    async with transactions.read() as tx:
        assert await tx.accounts.get(account.id) is None


async def test_a_block_that_swallows_a_timeout_can_not_commit(database: Database) -> None:
    transactions = transactions_of(database)
    room, _ = await add_two_rooms(transactions)
    account = an_account()

    async def give_up_waiting(tx: Transaction) -> None:
        await tx.accounts.add(account)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await tx.rooms.get(room.id, lock=True)

    async with transactions.write() as holder:
        await holder.rooms.get(room.id, lock=True)
        with pytest.raises(Unavailable):
            async with transactions.write() as tx:
                await give_up_waiting(tx)
    async with transactions.read() as tx:
        assert await tx.accounts.get(account.id) is None


async def test_a_cancelled_statement_gives_its_connection_back(migrated_url: str) -> None:
    async with (
        Database.open(migrated_url) as patient,
        Database.open(migrated_url, DatabaseLimits(connections=1)) as database,
    ):
        room, _ = await add_two_rooms(transactions_of(patient))

        async def wait_for_lock() -> None:
            async with transactions_of(database).write() as tx:
                await tx.rooms.get(room.id, lock=True)

        async with transactions_of(patient).write() as tx:
            await tx.rooms.get(room.id, lock=True)
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await wait_for_lock()
        await wait_for_lock()


async def test_repositories_of_one_transaction_may_be_used_at_once(database: Database) -> None:
    transactions = transactions_of(database)
    room, other = await add_two_rooms(transactions)
    async with transactions.read() as tx:
        one, two, accounts = await asyncio.gather(
            tx.rooms.get(room.id), tx.rooms.get(other.id), tx.accounts.count(EVERY_ACCOUNT)
        )
    assert (one, two, accounts) == (room, other, 1)


async def test_storing_what_is_no_id_is_a_mistake_of_the_caller(database: Database) -> None:
    transactions = transactions_of(database)
    room, _ = await add_two_rooms(transactions)
    with pytest.raises(ValueError, match="usr_"):
        async with transactions.write() as tx:
            await tx.accounts.add(an_account(id=AccountId("anna")))
    with pytest.raises(ValueError, match="msg_"):
        async with transactions.write() as tx:
            await tx.chat.add(a_message(room.id, 1, id="item_01h455vb4pex5vsknk084sn02q"))


async def test_a_database_can_move_to_another_address(postgres_server: PostgresServer, migrated_url: str) -> None:
    async with postgres_server.fresh_database(migrated) as other_url, Database.open(migrated_url) as database:
        room, _ = await add_two_rooms(transactions_of(database))
        await database.moved(other_url)
        async with transactions_of(database).read() as tx:
            assert await tx.rooms.get(room.id) is None
        assert not (await database.status()).pending
