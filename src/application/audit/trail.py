"""The audit log, as the operator reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synctv.application.operation.naming import named
from synctv.application.operation.operators import PAGE_SIZE, page_size
from synctv.application.ports.audit import AuditFilter
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.audit.entry import Action, AuditEntry
from synctv.domain.ids import AuditId, is_typeid


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of the log; `next_before` is the id to go on with, None on the last page."""

    entries: Sequence[AuditEntry]
    next_before: AuditId | None


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """Reads the log of the whole server."""

    transactions: Transactions

    async def list(
        self,
        name: str | None = None,
        action: Action | None = None,
        before: AuditId | None = None,
        limit: int = PAGE_SIZE,
    ) -> AuditPage:
        """Entries, newest first: all of them, or those of one account, named by id, username or address.

        Raises `NotFound` for an account that isn't there (by its id, the log of a removed one is read all the same),
        and `Invalid` for a limit beyond 1 to 200.
        """
        size = page_size(limit)
        async with self.transactions.read() as tx:
            wanted = AuditFilter(await _party(tx, name) if name is not None else None, action)
            found = await tx.audit.list(wanted, before=before, limit=size + 1)
        return AuditPage(found[:size], found[size - 1].id if len(found) > size else None)


async def _party(tx: Transaction, name: str) -> str:
    text = name.strip()
    return text if is_typeid(text, "usr") else (await named(tx, text, even_closed=True)).id
