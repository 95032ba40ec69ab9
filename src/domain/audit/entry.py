"""The audit log: who did what to whom, why, when and from where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from synctv.domain.ids import AuditId, Micros, SessionId


class Action(StrEnum):
    """What was done. The names are stored: they stay."""

    SIGNED_UP = "signed_up"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SESSION_ENDED = "session_ended"
    ALL_SESSIONS_ENDED = "all_sessions_ended"
    REFRESH_REUSED = "refresh_reused"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an action, no secret
    PASSWORD_REMOVED = "password_removed"  # noqa: S105 - as above
    PASSWORD_RESET = "password_reset"  # noqa: S105 - as above
    RESET_REQUIRED = "reset_required"
    EMAIL_CHANGED = "email_changed"
    EMAIL_REMOVED = "email_removed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_RENAMED = "passkey_renamed"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_COPIED = "passkey_copied"
    TOTP_ENABLED = "totp_enabled"
    TOTP_REMOVED = "totp_removed"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_REPLACED = "recovery_codes_replaced"
    TWO_FACTOR_ENABLED = "two_factor_enabled"
    TWO_FACTOR_DISABLED = "two_factor_disabled"
    FACTORS_RESET = "factors_reset"
    IDENTITY_LINKED = "identity_linked"
    IDENTITY_UNLINKED = "identity_unlinked"
    ACCOUNT_CREATED = "account_created"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_RESTORED = "account_restored"
    ACCOUNT_PURGED = "account_purged"
    ACCOUNT_EXPORTED = "account_exported"
    SIGN_UP_APPROVED = "sign_up_approved"
    SIGN_UP_REJECTED = "sign_up_rejected"
    ROLE_CHANGED = "role_changed"
    BANNED = "banned"
    UNBANNED = "unbanned"
    POLICY_CHANGED = "policy_changed"
    PROVIDER_CHANGED = "provider_changed"
    PROVIDER_REMOVED = "provider_removed"
    CREDENTIAL_ADDED = "credential_added"
    CREDENTIAL_REMOVED = "credential_removed"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in the log, under the name of that time. `kind` is `account`, `guest`, `operator`, `server` …"""

    kind: str
    id: str
    name: str


OPERATOR = Party("operator", "", "operator")
"""Whoever has the machine and uses the command."""
SERVER = Party("server", "", "server")
"""The server itself, by its settings or its own rules."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that was done. `detail` holds short plain values, never a secret."""

    id: AuditId
    at: Micros
    action: Action
    actor: Party
    target: Party
    reason: str = ""
    address: str = ""
    user_agent: str = ""
    session_id: SessionId | None = None
    detail: Mapping[str, str] = field(default_factory=dict)
