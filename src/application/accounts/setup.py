"""First start: whoever opens the one-time link that the server prints becomes root."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from synctv.application.accounts.sessions import Client, Sessions, SignedIn
from synctv.application.limits.limits import Category, Limits
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.short_lived import ShortLived
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import (
    Account,
    AccountStatus,
    GlobalRole,
    valid_credentials,
    valid_password,
    valid_username,
)
from synctv.domain.errors import Conflict, Denied
from synctv.domain.ids import AccountId

TOKEN_TTL = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Setup:
    """Creates the first account."""

    transactions: Transactions
    passwords: PasswordHasher
    sessions: Sessions
    short_lived: ShortLived
    limits: Limits
    clock: Clock
    ids: Ids

    async def required(self) -> bool:
        """Whether there is no account yet."""
        async with self.transactions.read() as tx:
            return await tx.accounts.count() == 0

    async def invite(self) -> str | None:
        """A new one-time token for `complete`, valid for a week; None when setup is done already."""
        if not await self.required():
            return None
        token = self.ids.secret()
        await self.short_lived.put(_key(token), b"1", TOKEN_TTL)
        return token

    async def complete(self, token: str, username: str, password: str, client: Client) -> SignedIn:
        """Creates root and signs it in. Raises `Denied` for a wrong token and `Conflict` when there is an account."""
        await self.limits.check(Category.AUTH, f"{client.address}:setup")
        name, secret = valid_credentials(username, password)
        if await self.short_lived.get(_key(token)) is None:
            raise Denied("This setup link is not valid any more. Use the one that the server printed last.")
        password_hash = await self.passwords.hash(secret)
        async with self.transactions.write() as tx:
            account = await self._first(tx, name, password_hash)
            signed_in = await self.sessions.begin(tx, account, client)
        await self.short_lived.delete(_key(token))
        return signed_in

    async def create_root(self, username: str, password: str) -> bool:
        """Creates root without the link, from the operator's settings; False when there is an account already."""
        if not await self.required():
            return False
        name = valid_username(username, "bootstrap.root_username")
        password_hash = await self.passwords.hash(valid_password(password, "bootstrap.root_password"))
        try:
            async with self.transactions.write() as tx:
                await self._first(tx, name, password_hash)
        except Conflict:
            return False
        return True

    async def _first(self, tx: Transaction, username: str, password_hash: str) -> Account:
        if not await tx.accounts.lock_first():
            raise Conflict("This server has been set up already. Sign in instead.")
        account = Account(
            id=AccountId(self.ids.new("usr")),
            username=username,
            role=GlobalRole.ROOT,
            status=AccountStatus.ACTIVE,
            password_hash=password_hash,
            session_generation=1,
            created_at=self.clock.now(),
            version=1,
        )
        await tx.accounts.add(account)
        return account


def _key(token: str) -> str:
    return "setup:" + sha256(token.encode()).hexdigest()
