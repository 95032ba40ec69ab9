"""How accounts are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synctv.entrypoints.cli.output import Column, Record, rfc3339, show_one
from synctv.entrypoints.cli.parameters import Output

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import OperatedAccount

COLUMNS = [
    Column("Username", "username"),
    Column("Role", "role"),
    Column("Status", "status"),
    Column("Email", "email"),
    Column("Created", "createdAt"),
    Column("Id", "id"),
]
_STANDING = [
    Column("Username", "username"),
    Column("Id", "id"),
    Column("Role", "role"),
    Column("Status", "status"),
    Column("Banned because", "banReason"),
    Column("Banned until", "bannedUntil"),
    Column("Closed", "closedAt"),
    Column("Restorable until", "restorableUntil"),
    Column("Email", "email"),
    Column("Language", "language"),
    Column("Two steps", "twoFactor"),
    Column("Must reset", "mustReset"),
]
DETAILS = [
    *_STANDING,
    Column("Ways to prove", "factors"),
    Column("Linked", "linked"),
    Column("Sessions", "sessions"),
    Column("Created", "createdAt"),
]


def account_record(account: OperatedAccount) -> Record:
    """An account for scripts. `bannedAt` is null without a ban, `bannedUntil` also for one that is for good.
    `closedAt` and `restorableUntil` are null while it is not closed."""
    ban = account.ban
    return {
        "id": account.id,
        "username": account.username,
        "role": account.role,
        "status": account.status,
        "email": account.email or None,
        "language": account.language or None,
        "twoFactor": account.two_factor,
        "mustReset": account.must_reset,
        "bannedAt": rfc3339(ban.at) if ban else None,
        "bannedBy": ban.by if ban else None,
        "banReason": ban.reason if ban else None,
        "bannedUntil": rfc3339(ban.until) if ban and ban.until is not None else None,
        "closedAt": None if account.closed_at is None else rfc3339(account.closed_at),
        "restorableUntil": None if account.restorable_until is None else rfc3339(account.restorable_until),
        "createdAt": rfc3339(account.created_at),
    }


def account_shown(account: OperatedAccount, output: Output) -> None:
    """Prints an account as it stands after a change."""
    show_one(account_record(account), _STANDING, output)
