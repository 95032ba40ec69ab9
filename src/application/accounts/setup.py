"""First start: whoever opens the one-time link that the server prints becomes root."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from synctv.application.accounts.client import Client
from synctv.application.accounts.journal import NOWHERE, Journal
from synctv.application.accounts.passwords import Passwords
from synctv.application.accounts.sessions import Sessions, SignedIn
from synctv.application.operation.egress import Egress
from synctv.application.ports.accounts import EVERY_ACCOUNT
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.short_lived import ShortLived
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import Account, GlobalRole, PasswordRecords, valid_username
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.passwords import PasswordPolicy, valid_credentials
from synctv.domain.audit.entry import SERVER, Action
from synctv.domain.errors import Conflict, Denied, Unavailable
from synctv.domain.ids import AccountId

TOKEN_TTL = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Setup:
    """Creates the first account."""

    transactions: Transactions
    passwords: Passwords
    sessions: Sessions
    egress: Egress
    journal: Journal
    short_lived: ShortLived
    clock: Clock
    ids: Ids

    async def required(self) -> bool:
        """Whether there is no account yet."""
        async with self.transactions.read() as tx:
            return await tx.accounts.count(EVERY_ACCOUNT) == 0

    async def invite(self) -> str | None:
        """A new one-time token for `complete`, valid for a week; None when setup is done already."""
        if not await self.required():
            return None
        token = self.ids.secret()
        await self.short_lived.put(_key(token), b"1", TOKEN_TTL)
        return token

    async def complete(
        self, token: str, username: str, password: str, client: Client, *, allow_home_network: bool = False
    ) -> SignedIn:
        """Creates root and signs it in, and lets the server call what is in networks of homes where that is wanted.

        Raises `Denied` for a wrong token and `Conflict` when there is an account.
        """
        name, secret = valid_credentials(PasswordPolicy(), username, password)
        if await self.short_lived.get(_key(token)) is None:
            raise Denied("This setup link is not valid any more. Use the one that the server printed last.")
        account_id = AccountId(self.ids.new("usr"))
        records = await self.passwords.records(account_id, secret)
        async with self.transactions.write() as tx:
            account = await self._first(tx, account_id, name, records, client)
            if allow_home_network:
                await self.egress.allow_home(tx, account, client)
            signed_in = await self.sessions.begin(tx, account, client, frozenset({Factor.PASSWORD}))
        if allow_home_network:
            with suppress(Unavailable):  # every process looks again by itself
                await self.egress.apply()
        with suppress(Unavailable):  # there is an account now, so the link leads nowhere anyway
            await self.short_lived.delete(_key(token))
        return signed_in

    async def create_root(self, username: str, password: str) -> bool:
        """Creates root without the link, from the operator's settings; False when there is an account already."""
        if not await self.required():
            return False
        name = valid_username(username, "bootstrap.root_username")
        secret = PasswordPolicy().check(password, "bootstrap.root_password")
        account_id = AccountId(self.ids.new("usr"))
        records = await self.passwords.records(account_id, secret)
        try:
            async with self.transactions.write() as tx:
                await self._first(tx, account_id, name, records, NOWHERE)
        except Conflict:
            return False
        return True

    async def _first(
        self, tx: Transaction, account_id: AccountId, username: str, records: PasswordRecords, client: Client
    ) -> Account:
        if not await tx.accounts.lock_first():
            raise Conflict("This server has been set up already. Sign in instead.")
        account = Account(account_id, username, GlobalRole.ROOT, self.clock.now(), password=records)
        await tx.accounts.add(account)
        detail = {"role": account.role.value}
        await self.journal.note(tx, Action.ACCOUNT_CREATED, account, client, by=SERVER, detail=detail)
        return account


def _key(token: str) -> str:
    return "setup:" + sha256(token.encode("utf-8", "replace")).hexdigest()
