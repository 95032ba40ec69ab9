"""The journal: writes the audit log, in the transaction of what it tells of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synctv.application.accounts.client import Client
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.transaction import Transaction
from synctv.domain.accounts.account import Account
from synctv.domain.audit.entry import Action, AuditEntry, Party
from synctv.domain.ids import AuditId, SessionId

NOWHERE = Client("", "")
"""Where the operator's command and the server itself act from."""
UNKNOWN = Party("unknown", "", "")
"""Whoever is meant by a name that nobody has. It is not written down: now and then somebody types a password there."""
USER_AGENT_LENGTH = 300
ADDRESS_LENGTH = 64


def party(account: Account) -> Party:
    """An account as the log names it."""
    return Party("account", account.id, account.username)


@dataclass(frozen=True, slots=True)
class Journal:
    """Adds entries."""

    clock: Clock
    ids: Ids

    async def note(
        self,
        tx: Transaction,
        action: Action,
        target: Account | Party,
        client: Client = NOWHERE,
        *,
        by: Account | Party | None = None,
        reason: str = "",
        session: SessionId | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Notes that `by` did this to `target`, or without `by` that the target did it to itself."""
        whom = party(target) if isinstance(target, Account) else target
        who = party(by) if isinstance(by, Account) else by or whom
        entry = AuditEntry(
            id=AuditId(self.ids.new("aud")),
            at=self.clock.now(),
            action=action,
            actor=who,
            target=whom,
            reason=reason,
            address=client.address[:ADDRESS_LENGTH],
            user_agent=client.user_agent[:USER_AGENT_LENGTH],
            session_id=session,
            detail=detail or {},
        )
        await tx.audit.append(entry)
