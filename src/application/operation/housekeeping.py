"""Housekeeping: forgets what was kept long enough."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.ports.clock import Clock
from synctv.application.ports.transaction import Transactions
from synctv.domain.ids import seconds_after

EVERY_SECONDS = 3_600.0
BATCH = 1_000
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days sessions that are over, and the audit log, are kept."""

    sessions: float = 30.0
    audit: float = 365.0


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """Runs at every replica: two that meet share the work."""

    transactions: Transactions
    clock: Clock
    retention: Retention

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
        return max(sessions, entries) >= BATCH
