"""What an older version does with what a newer one has written, while a deployment runs both."""

from __future__ import annotations

import pytest

from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.errors import CannotUseDatabase
from synctv.adapters.postgres.events import PostgresRoomEventLog
from synctv.adapters.postgres.transaction import PostgresTransactions
from synctv.application.ports.audit import AuditFilter
from synctv.application.ports.policies import StoredPolicy
from synctv.domain.accounts.passwords import PasswordPolicy
from synctv.domain.accounts.policy import AccountPolicy, SignUpWay, WaySwitch
from synctv.domain.rooms.events import LibraryChanged
from tests.builders import NOW, a_room, an_account, an_audit_entry, at, the_party

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


async def test_audit_entries_of_a_newer_version_leave_no_hole_in_a_page(database: Database) -> None:
    transactions, anna = PostgresTransactions(database, lambda _: None), the_party(an_account())
    entries = [an_audit_entry(actor=anna, target=anna) for _ in range(4)]
    async with transactions.write() as tx:
        for entry in entries:
            await tx.audit.append(entry)
    async with database.rows() as queries:
        newest = "SELECT id FROM audit_log ORDER BY id DESC LIMIT 2"
        await queries.write(f"UPDATE audit_log SET action = 'of_the_future' WHERE id IN ({newest})")
    async with transactions.read() as tx:
        for filter in (AuditFilter(), AuditFilter(anna.id)):
            assert list(await tx.audit.list(filter, before=None, limit=2)) == [entries[1], entries[0]]


async def store_policy(database: Database, stored: str) -> None:
    async with database.rows() as queries:
        await queries.write("INSERT INTO policies VALUES ('accounts', $1, 3)", stored)


async def test_rules_of_a_newer_version_hold_as_far_as_they_are_known(database: Database) -> None:
    await store_policy(
        database,
        """{
            "sign_up": {"telepathy": {"strength": 9}, "email": {"enabled": true, "quota": 5}},
            "password": {"min_length": 20, "min_entropy": 70},
            "phone_rules": {}
        }""",
    )
    async with PostgresTransactions(database, lambda _: None).read() as tx:
        assert await tx.policies.accounts() == StoredPolicy(
            AccountPolicy(
                sign_up={SignUpWay.EMAIL: WaySwitch(enabled=True, review=True)},
                password=PasswordPolicy(min_length=20),
            ),
            3,
        )


@pytest.mark.parametrize(
    "stored, problem",
    [
        ("[]", "expected an object"),
        ('{"password": {"min_length": "long"}}', "password.min_length: expected an integer"),
        ('{"sign_up": {"email": {"enabled": 1}}}', "sign_up.email.enabled: expected true or false"),
    ],
)
async def test_rules_that_can_not_be_read_are_not_taken_for_others(
    database: Database, stored: str, problem: str
) -> None:
    await store_policy(database, stored)
    with pytest.raises(CannotUseDatabase, match=f"{problem}.*Mend the row 'accounts' of the table policies"):
        async with PostgresTransactions(database, lambda _: None).read() as tx:
            await tx.policies.accounts()
