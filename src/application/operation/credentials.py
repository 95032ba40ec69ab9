"""People's logins at the servers of providers, as the operator sees them: never their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synctv.application.accounts.journal import Journal, party
from synctv.application.library.credential_checks import CredentialChecks
from synctv.application.library.credentials import told_of
from synctv.application.operation.naming import named
from synctv.application.operation.operators import PAGE_SIZE, page_size
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.audit.entry import OPERATOR, Action, Party
from synctv.domain.errors import NotFound
from synctv.domain.ids import AccountId, CredentialId
from synctv.domain.library.credential import Credential


@dataclass(frozen=True, slots=True)
class OperatedCredential:
    """A credential, and the name of whom it belongs to."""

    credential: Credential
    owner: str


@dataclass(frozen=True, slots=True)
class OperatedCredentialPage:
    """One page of credentials; `next_after` is the id to go on after, None on the last page."""

    credentials: Sequence[OperatedCredential]
    next_after: CredentialId | None


@dataclass(frozen=True, slots=True)
class OperatedCredentials:
    """Looks at them, checks and removes them."""

    transactions: Transactions
    checks: CredentialChecks
    journal: Journal

    async def list(
        self, name: str = "", after: CredentialId | None = None, limit: int = PAGE_SIZE
    ) -> OperatedCredentialPage:
        """Those of one account, oldest first and all on one page, or everybody's by id. Raises `NotFound`."""
        size = page_size(limit)
        async with self.transactions.read() as tx:
            if name:
                account = await named(tx, name)
                return OperatedCredentialPage(
                    await self._operated(tx, await tx.credentials.of_account(account.id)), None
                )
            found = await tx.credentials.page(after, size)
            following = found[-1].id if len(found) == size else None
            return OperatedCredentialPage(await self._operated(tx, found), following)

    async def check(self, credential_id: CredentialId) -> OperatedCredential:
        """Asks its server whether it is good. Raises `NotFound`, and what providers raise."""
        async with self.transactions.read() as tx:
            credential = await _found(tx, credential_id)
        checked = await self.checks.now(credential)
        async with self.transactions.read() as tx:
            return (await self._operated(tx, [checked]))[0]

    async def remove(self, credential_id: CredentialId) -> None:
        """Forgets it. What was added with it plays no more. Raises `NotFound`."""
        async with self.transactions.write() as tx:
            credential = await _found(tx, credential_id, lock=True)
            await tx.credentials.remove(credential.owner, credential_id)
            account = await tx.accounts.get(credential.owner)
            target = party(account) if account else Party("account", credential.owner, "")
            await self.journal.note(tx, Action.CREDENTIAL_REMOVED, target, by=OPERATOR, detail=told_of(credential))

    async def _operated(self, tx: Transaction, found: Sequence[Credential]) -> Sequence[OperatedCredential]:
        owners: dict[AccountId, str] = {}
        for owner in dict.fromkeys(credential.owner for credential in found):
            account = await tx.accounts.get(owner)
            owners[owner] = account.username if account else ""
        return [OperatedCredential(self.checks.shown(credential), owners[credential.owner]) for credential in found]


async def _found(tx: Transaction, credential_id: CredentialId, *, lock: bool = False) -> Credential:
    credential = await tx.credentials.get(credential_id, lock=lock)
    if credential is None:
        raise NotFound("sign-in")
    return credential
