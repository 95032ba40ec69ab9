"""The outbox in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.ids import MAIL
from synctv.adapters.postgres.queries import Queries, Row, bigint
from synctv.adapters.postgres.tables import OutgoingMailRow
from synctv.application.ports.mail import Lease, MailQueue, Outbox, QueuedMail
from synctv.domain.ids import Micros

# Materialized, so that the rows are chosen and locked once, whatever plan the rest gets.
_LEASE = """
    WITH free AS MATERIALIZED (
        SELECT id FROM outgoing_mail WHERE due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
        ORDER BY created_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
    ), held AS (
        UPDATE outgoing_mail SET lease_number = lease_number + 1, leased_until = $2
        FROM free WHERE outgoing_mail.id = free.id
        RETURNING outgoing_mail.*
    )
    SELECT * FROM held ORDER BY created_at, id
"""
_HELD = "id = $1 AND lease_number = $2 AND leased_until IS NOT NULL"
_DONE = f"DELETE FROM outgoing_mail WHERE {_HELD} RETURNING id"  # noqa: S608 - no input in it
_AGAIN = f"""
    UPDATE outgoing_mail SET attempts = attempts + 1, due_at = $3, leased_until = NULL WHERE {_HELD} RETURNING id
"""  # noqa: S608 - see above


class PostgresOutbox(Outbox):
    """The outbox, as a transaction writes it."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def add(self, mail: QueuedMail) -> None:
        """Puts a letter in, due as soon as it was written."""
        row = OutgoingMailRow(
            id=MAIL.store(mail.id),
            sealed=mail.sealed,
            created_at=mail.created_at,
            expires_at=mail.expires_at,
            attempts=mail.attempts,
            for_nobody=mail.for_nobody,
            due_at=mail.created_at,
            lease_number=0,
            leased_until=None,
        )
        await self._queries.add(row, "letter")


class PostgresMailQueue(MailQueue):
    """The committed letters. Each method is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lease(self, now: Micros, until: Micros, limit: int) -> Sequence[Lease]:
        """Letters that are due and that nobody holds; those that others are just taking are theirs."""
        async with self._database.rows() as queries:
            rows = await queries.rows(_LEASE, now, until, max(limit, 0))
        return [Lease(_mail(row), row["lease_number"], Micros(row["leased_until"])) for row in rows]

    async def done(self, lease: Lease) -> bool:
        """Removes the letter."""
        return await self._changed(_DONE, lease)

    async def again(self, lease: Lease, due_at: Micros) -> bool:
        """Notes a failed attempt and gives the letter back."""
        return await self._changed(_AGAIN, lease, bigint(due_at))

    async def waiting(self) -> int:
        """How many letters are in the outbox."""
        async with self._database.rows() as queries:
            return int(await queries.value("SELECT count(*) FROM outgoing_mail"))

    async def _changed(self, statement: str, lease: Lease, *arguments: int) -> bool:
        async with self._database.rows() as queries:
            changed = await queries.write(statement, MAIL.find(lease.mail.id), bigint(lease.number), *arguments)
        return changed is not None


def _mail(row: Row) -> QueuedMail:
    return QueuedMail(
        id=MAIL.show(row["id"]),
        sealed=row["sealed"],
        created_at=Micros(row["created_at"]),
        expires_at=Micros(row["expires_at"]),
        attempts=row["attempts"],
        for_nobody=row["for_nobody"],
    )
