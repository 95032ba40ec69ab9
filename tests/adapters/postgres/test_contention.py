"""Whoever works through a table in steps leaves alone what somebody else holds, and waits for nobody."""

from __future__ import annotations

import pytest

from synctv.adapters.postgres.database import Database, DatabaseLimits
from synctv.adapters.postgres.mail import PostgresMailQueue
from synctv.adapters.postgres.transaction import PostgresTransactions
from tests.builders import a_mail, a_session, an_account, an_audit_entry, at

pytestmark = pytest.mark.postgres

IMPATIENT = DatabaseLimits(statement=2.0)


async def test_a_letter_that_somebody_is_just_taking_is_neither_waited_for_nor_taken_twice(migrated_url: str) -> None:
    held, free = a_mail(), a_mail()
    async with Database.open(migrated_url) as other, Database.open(migrated_url, IMPATIENT) as database:
        async with PostgresTransactions(database, lambda _: None).write() as tx:
            await tx.outbox.add(held)
            await tx.outbox.add(free)
        queue = PostgresMailQueue(database)
        async with other.transaction(writable=True) as queries:
            await queries.rows("SELECT FROM outgoing_mail ORDER BY id LIMIT 1 FOR UPDATE")
            assert [lease.mail for lease in await queue.lease(at(1), at(9), 2)] == [free]
        assert [lease.mail for lease in await queue.lease(at(1), at(9), 2)] == [held]


async def test_pruning_leaves_what_is_in_use_to_the_next_time(migrated_url: str) -> None:
    account = an_account()
    sessions = [a_session(account, ended_at=at(second)) for second in (1, 2)]
    entries = [an_audit_entry(at=at(second)) for second in (1, 2)]
    async with Database.open(migrated_url) as other, Database.open(migrated_url, IMPATIENT) as database:
        transactions = PostgresTransactions(database, lambda _: None)
        async with transactions.write() as tx:
            await tx.accounts.add(account)
            for session, entry in zip(sessions, entries, strict=True):
                await tx.sessions.add(session)
                await tx.audit.append(entry)
        async with other.transaction(writable=True) as queries:
            await queries.rows("SELECT FROM sign_in_sessions ORDER BY ended_at LIMIT 1 FOR UPDATE")
            await queries.rows("SELECT FROM audit_log ORDER BY at LIMIT 1 FOR UPDATE")
            async with transactions.write() as tx:
                assert await tx.sessions.prune(at(9), 1) == 1
                assert await tx.audit.prune(at(9), 1) == 1
                assert await tx.sessions.get(sessions[0].id) == sessions[0]
        async with transactions.write() as tx:
            assert await tx.sessions.prune(at(9), 9) == 1
            assert await tx.audit.prune(at(9), 9) == 1
