"""`synctv audit`: what was done, by whom, to whom, when and from where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from synctv.domain.audit.entry import Action
from synctv.entrypoints.cli import completion
from synctv.entrypoints.cli.client import ask
from synctv.entrypoints.cli.output import Column, Record, rfc3339, show_list
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Limit, Output, OutputFormat

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import OperatedAuditEntry

COLUMNS = [
    Column("When", "at"),
    Column("What", "action"),
    Column("By", "actorName"),
    Column("To", "targetName"),
    Column("From", "address"),
    Column("Because", "reason"),
    Column("More", "detail"),
]


def audit(
    account: Annotated[
        str,
        typer.Option(
            "--account",
            help="Only what this account did or what was done to it.",
            metavar="NAME",
            autocompletion=completion.accounts,
        ),
    ] = "",
    action: Annotated[
        Action | None,
        typer.Option("--action", help="Only this action.", metavar="ACTION"),
    ] = None,
    before: Annotated[str, typer.Option("--before", help="Begin after the entry with this id.", metavar="ID")] = "",
    limit: Limit = 50,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Read the audit log, newest first."""
    from synctv.entrypoints.wire.synctv.v1 import ListAuditRequest

    request = ListAuditRequest(name=account, action=action or "", before=before, limit=limit)
    page = ask(data_dir, config, lambda management: management.list_audit(request))
    records = [_record(entry) for entry in page.entries]
    show_list(records, COLUMNS, output, next_cursor=page.next_before, total=None, more="--before")


def _record(entry: OperatedAuditEntry) -> Record:
    actor, target = entry.actor, entry.target
    return {
        "id": entry.id,
        "at": rfc3339(entry.at),
        "action": entry.action,
        "actorKind": actor.kind if actor else None,
        "actorId": actor.id or None if actor else None,
        "actorName": actor.name if actor else None,
        "targetKind": target.kind if target else None,
        "targetId": target.id or None if target else None,
        "targetName": target.name if target else None,
        "reason": entry.reason or None,
        "address": entry.address or None,
        "userAgent": entry.user_agent or None,
        "sessionId": entry.session_id or None,
        "detail": entry.detail,
    }
