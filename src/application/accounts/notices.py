"""Notices: letters that tell the holder of an account what was done to it."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.accounts.client import Client
from synctv.application.mail.post import Post
from synctv.application.ports.clock import Clock
from synctv.application.ports.letters import Letter, LetterKind
from synctv.application.ports.transaction import Transaction
from synctv.domain.accounts.account import Account
from synctv.domain.ids import Micros

KEEP_TRYING_SECONDS = 3 * 86_400.0


@dataclass(frozen=True, slots=True)
class Notices:
    """Writes to the account's address, when it has one and the server has mail."""

    post: Post
    clock: Clock

    async def password_changed(self, tx: Transaction, account: Account, client: Client) -> None:
        """The password is another one now."""
        await self._tell(tx, account, LetterKind.PASSWORD_CHANGED, client, {})

    async def factor_changed(
        self, tx: Transaction, account: Account, client: Client, what: str, to: str | None = None
    ) -> None:
        """A way to sign in came or went. `what` is one of the words that the letters know; `to` an address that the
        account had until now."""
        await self._tell(tx, account, LetterKind.FACTOR_CHANGED, client, {"what": what}, to)

    async def closed(self, tx: Transaction, account: Account, client: Client, until: Micros) -> None:
        """The account was closed, and will be purged at an instant."""
        await self._tell(tx, account, LetterKind.ACCOUNT_CLOSED, client, {"until": str(until)})

    async def _tell(
        self,
        tx: Transaction,
        account: Account,
        kind: LetterKind,
        client: Client,
        facts: dict[str, str],
        to: str | None = None,
    ) -> None:
        address = to or account.email
        if address is None or not self.post.open:
            return
        at = str(self.clock.now())
        said = {"username": account.username, "at": at, "address": client.address or "?", **facts}
        letter = Letter(kind, address, client.language_for(account), said)
        await self.post.put(tx, letter, KEEP_TRYING_SECONDS)
