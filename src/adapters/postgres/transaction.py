"""Transactions in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from synctv.adapters.postgres.accounts import PostgresAccounts, PostgresSignInSessions
from synctv.adapters.postgres.audit import PostgresAuditLog
from synctv.adapters.postgres.chat import PostgresChat
from synctv.adapters.postgres.credentials import PostgresCredentialStore
from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.events import PostgresRoomEvents
from synctv.adapters.postgres.factors import PostgresPasskeys, PostgresRecoveryCodes, PostgresTotpSecrets
from synctv.adapters.postgres.folders import PostgresFolders
from synctv.adapters.postgres.identities import PostgresIdentities, PostgresIdentityProviders
from synctv.adapters.postgres.library import PostgresLibrary
from synctv.adapters.postgres.mail import PostgresOutbox
from synctv.adapters.postgres.playback import PostgresPlaybacks
from synctv.adapters.postgres.policies import PostgresPolicies
from synctv.adapters.postgres.purging import PostgresPurging
from synctv.adapters.postgres.queries import Queries
from synctv.adapters.postgres.rooms import PostgresMemberships, PostgresRooms
from synctv.application.ports.transaction import Committed, Transaction, Transactions


class PostgresTransaction(Transaction):
    """The repositories over the connection of one transaction, which runs one statement at a time."""

    def __init__(self, queries: Queries, events: PostgresRoomEvents) -> None:
        self.accounts = PostgresAccounts(queries)
        self.sessions = PostgresSignInSessions(queries)
        self.passkeys = PostgresPasskeys(queries)
        self.totp_secrets = PostgresTotpSecrets(queries)
        self.recovery_codes = PostgresRecoveryCodes(queries)
        self.identities = PostgresIdentities(queries)
        self.identity_providers = PostgresIdentityProviders(queries)
        self.credentials = PostgresCredentialStore(queries)
        self.purging = PostgresPurging(queries)
        self.policies = PostgresPolicies(queries)
        self.audit = PostgresAuditLog(queries)
        self.outbox = PostgresOutbox(queries)
        self.rooms = PostgresRooms(queries)
        self.memberships = PostgresMemberships(queries)
        self.library = PostgresLibrary(queries)
        self.folders = PostgresFolders(queries)
        self.playbacks = PostgresPlaybacks(queries)
        self.chat = PostgresChat(queries)
        self.events = events


class PostgresTransactions(Transactions):
    """Transactions of one database.

    Two writers that wait for each other's locks are told apart by the server: one gets `Unavailable` and may try again.
    """

    def __init__(self, database: Database, committed: Committed) -> None:
        self._database = database
        self._committed = committed

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction that may write."""
        async with self._database.transaction(writable=True) as queries:
            events = PostgresRoomEvents(queries)
            yield PostgresTransaction(queries, events)
        if events.appended:
            self._committed(events.appended)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """The database as it is at the first statement."""
        async with self._database.transaction(writable=False) as queries:
            yield PostgresTransaction(queries, PostgresRoomEvents(queries))

    async def ping(self) -> None:
        """Returns when the database answers."""
        await self._database.ping()
