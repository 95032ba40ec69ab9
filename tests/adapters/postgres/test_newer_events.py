"""What an older version does with events that a newer one has written, while a deployment runs both."""

from __future__ import annotations

import pytest

from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.events import PostgresRoomEventLog
from synctv.adapters.postgres.transaction import PostgresTransactions
from synctv.domain.rooms.events import LibraryChanged
from tests.builders import NOW, a_room, an_account, at

pytestmark = pytest.mark.postgres


async def test_events_of_a_newer_version_are_left_to_it(database: Database) -> None:
    transactions, log = PostgresTransactions(database, lambda _: None), PostgresRoomEventLog(database)
    owner = an_account()
    room = a_room(owner)
    async with transactions.write() as tx:
        await tx.accounts.add(owner)
        await tx.rooms.add(room)
        known = [await tx.events.append(room.id, lambda _: LibraryChanged(None), NOW) for _ in range(3)]
    async with database.rows() as queries:
        await queries.write("UPDATE room_events SET kind = 'of_the_future' WHERE seq = 2")

    assert list(await log.unpublished(at(1), 10)) == [known[0], known[2]]
    assert list(await log.after(room.id, 0, 1) or ()) == known[:1]
    assert await log.after(room.id, 0, 2) is None
    assert await log.after(room.id, 0, 10) is None
    assert await log.after(room.id, 1, 1) is None
    assert list(await log.after(room.id, 2, 10) or ()) == known[2:]
