"""Storage of the audit log, inside a transaction: what is done and what is written of it are committed together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from synctv.domain.audit.entry import Action, AuditEntry
from synctv.domain.ids import AuditId, Micros


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries a list holds: those in which `party` (an id) acted or was acted on, and those of an action."""

    party: str | None = None
    action: Action | None = None


class AuditLog(ABC):
    """Entries are only ever added, and dropped when they are old."""

    @abstractmethod
    async def append(self, entry: AuditEntry) -> None:
        """Adds an entry."""

    @abstractmethod
    async def list(self, filter: AuditFilter, *, before: AuditId | None, limit: int) -> Sequence[AuditEntry]:
        """Entries, newest first, from the one after `before` on."""

    @abstractmethod
    async def prune(self, before: Micros, limit: int) -> int:
        """Drops entries made before an instant; how many were dropped."""
