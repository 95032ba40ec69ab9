"""Housekeeping: forgets what was kept long enough."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.accounts.journal import Journal
from synctv.application.ports.clock import Clock
from synctv.application.ports.transaction import Transactions
from synctv.domain.audit.entry import SERVER, Action
from synctv.domain.ids import seconds_after

EVERY_SECONDS = 3_600.0
BATCH = 1_000
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days sessions that are over, the audit log, and closed accounts are kept."""

    sessions: float = 30.0
    audit: float = 365.0
    accounts: float = 30.0


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """Runs at every replica: two that meet share the work."""

    transactions: Transactions
    clock: Clock
    retention: Retention
    journal: Journal

    async def run(self) -> None:
        """Tidies once an hour, until cancelled. Raises `Unavailable` while storage is away."""
        while True:
            while await self.tidy():
                pass
            await self.clock.sleep_until(seconds_after(self.clock.now(), EVERY_SECONDS))

    async def tidy(self) -> bool:
        """Forgets one batch of each; whether there may be more."""
        now = self.clock.now()
        async with self.transactions.write() as tx:
            sessions = await tx.sessions.prune(seconds_after(now, -self.retention.sessions * DAY), BATCH)
            entries = await tx.audit.prune(seconds_after(now, -self.retention.audit * DAY), BATCH)
        purging = await self._purge()
        return purging or max(sessions, entries) >= BATCH

    async def _purge(self) -> bool:
        """Forgets an account that was closed long enough ago, or a part of it; whether there was one."""
        before = seconds_after(self.clock.now(), -self.retention.accounts * DAY)
        async with self.transactions.write() as tx:
            account = await tx.purging.due(before)
            if account is None:
                return False
            if await tx.purging.purge(account.id, BATCH):
                await self.journal.note(tx, Action.ACCOUNT_PURGED, account, by=SERVER)
        return True
