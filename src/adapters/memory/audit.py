"""The audit log in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from synctv.adapters.memory.paging import page_before
from synctv.adapters.memory.store import View, with_entry, without
from synctv.application.ports.audit import AuditFilter, AuditLog
from synctv.domain.audit.entry import AuditEntry
from synctv.domain.errors import AlreadyExists
from synctv.domain.ids import AuditId, Micros


class MemoryAuditLog(AuditLog):
    """Entries by id."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def append(self, entry: AuditEntry) -> None:
        """Adds an entry."""
        state = self._view.state
        if entry.id in state.audit:
            raise AlreadyExists("audit entry")
        self._view.change(replace(state, audit=with_entry(state.audit, entry.id, entry)))

    async def list(self, filter: AuditFilter, *, before: AuditId | None, limit: int) -> Sequence[AuditEntry]:
        """Entries, newest first."""
        entries = self._view.state.audit.values()
        return page_before(((entry.id, entry) for entry in entries if _takes(filter, entry)), before, limit)

    async def prune(self, before: Micros, limit: int) -> int:
        """Drops entries made before an instant, the oldest first."""
        state = self._view.state
        oldest = sorted(state.audit.values(), key=lambda entry: entry.at)[: max(limit, 0)]
        dropped = {entry.id for entry in oldest if entry.at < before}
        self._view.change(replace(state, audit=without(state.audit, dropped)))
        return len(dropped)


def _takes(filter: AuditFilter, entry: AuditEntry) -> bool:
    return filter.party in (None, entry.actor.id, entry.target.id) and filter.action in (None, entry.action)
