"""The audit log over management."""

from __future__ import annotations

from synctv.application.application import Application
from synctv.application.operation.operators import PAGE_SIZE
from synctv.domain.audit.entry import Action, AuditEntry, Party
from synctv.domain.ids import AuditId
from synctv.entrypoints.management.decoding import choice_or_none
from synctv.entrypoints.wire.synctv import v1 as wire


async def list_audit(application: Application, message: wire.ListAuditRequest) -> wire.ListAuditResponse:
    """One page of the log."""
    page = await application.audit.list(
        message.name or None,
        choice_or_none(Action, message.action, "action"),
        AuditId(message.before) if message.before else None,
        message.limit or PAGE_SIZE,
    )
    return wire.ListAuditResponse(entries=[_entry(entry) for entry in page.entries], next_before=page.next_before or "")


def _entry(entry: AuditEntry) -> wire.OperatedAuditEntry:
    return wire.OperatedAuditEntry(
        id=entry.id,
        at=entry.at,
        action=entry.action.value,
        actor=_party(entry.actor),
        target=_party(entry.target),
        reason=entry.reason,
        address=entry.address,
        user_agent=entry.user_agent,
        session_id=entry.session_id or "",
        detail=dict(entry.detail),
    )


def _party(party: Party) -> wire.AuditParty:
    return wire.AuditParty(kind=party.kind, id=party.id, name=party.name)
