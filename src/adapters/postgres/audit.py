"""The audit log in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from synctv.adapters.postgres.documents import document
from synctv.adapters.postgres.ids import AUDIT, SESSION
from synctv.adapters.postgres.queries import Queries, Row, bigint, select_where
from synctv.adapters.postgres.tables import AuditRow
from synctv.adapters.serialization.codec import decode
from synctv.adapters.text import storable
from synctv.application.ports.audit import AuditFilter, AuditLog
from synctv.domain.audit.entry import Action, AuditEntry, Party
from synctv.domain.ids import AuditId, Micros

_NEWEST = UUID(int=(1 << 128) - 1)
# What a newer version did is left to the processes that run it.
_KNOWN_ACTIONS = [action.value for action in Action]
_DETAIL: Any = Mapping[str, str]
_PRUNE = """
    WITH dropped AS (
        DELETE FROM audit_log WHERE id IN (
            SELECT id FROM audit_log WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED
        )
        RETURNING 1
    )
    SELECT count(*) FROM dropped
"""


class PostgresAuditLog(AuditLog):
    """Entries by id."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def append(self, entry: AuditEntry) -> None:
        """Adds an entry."""
        row = AuditRow(
            id=AUDIT.store(entry.id),
            at=entry.at,
            action=entry.action.value,
            **_party_columns("actor", entry.actor),
            **_party_columns("target", entry.target),
            reason=entry.reason,
            address=entry.address,
            user_agent=entry.user_agent,
            session_id=SESSION.store_optional(entry.session_id),
            detail=document(entry.detail, _DETAIL),
        )
        await self._queries.add(row, "audit entry")

    async def list(self, filter: AuditFilter, *, before: AuditId | None, limit: int) -> Sequence[AuditEntry]:
        """Entries, newest first."""
        start = _NEWEST if before is None else AUDIT.find(before)
        if not storable(filter.party or ""):
            return []
        actions = _KNOWN_ACTIONS if filter.action is None else filter.action.value
        parties = () if filter.party is None else (filter.party,)
        rows = await self._queries.rows(_page(filter), max(limit, 0), start, actions, *parties)
        return [_entry(row) for row in rows]

    async def prune(self, before: Micros, limit: int) -> int:
        """Drops entries made before an instant, the oldest first."""
        self._queries.must_be_writable()
        return int(await self._queries.value(_PRUNE, bigint(before), max(limit, 0)))


def _page(filter: AuditFilter) -> str:
    """SQL whose work is bounded by the limit: each half walks down an index of its own until it has enough."""
    action = "action = ANY($3::text[])" if filter.action is None else "action = $3"
    if filter.party is None:
        return _newest(action)
    acted, suffered = _newest(f"{action} AND actor_id = $4"), _newest(f"{action} AND target_id = $4 AND actor_id <> $4")
    return f"({acted}) UNION ALL ({suffered}) ORDER BY id DESC LIMIT $1"


def _newest(condition: str) -> str:
    return f"{select_where(AuditRow, f'id < $2 AND {condition}')} ORDER BY id DESC LIMIT $1"


def _party_columns(prefix: str, party: Party) -> dict[str, Any]:
    return {f"{prefix}_kind": party.kind, f"{prefix}_id": party.id, f"{prefix}_name": party.name}


def _party(prefix: str, row: Row) -> Party:
    return Party(row[f"{prefix}_kind"], row[f"{prefix}_id"], row[f"{prefix}_name"])


def _entry(row: Row) -> AuditEntry:
    return AuditEntry(
        id=AUDIT.show(row["id"]),
        at=Micros(row["at"]),
        action=Action(row["action"]),
        actor=_party("actor", row),
        target=_party("target", row),
        reason=row["reason"],
        address=row["address"],
        user_agent=row["user_agent"],
        session_id=SESSION.show_optional(row["session_id"]),
        detail=decode(_DETAIL, row["detail"]),
    )
