"""Signing in with a password."""

from __future__ import annotations

from dataclasses import dataclass, replace

from synctv.application.accounts.sessions import Client, Sessions, SignedIn
from synctv.application.limits.limits import Category, Limits
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.transaction import Transactions
from synctv.domain.errors import InvalidCredentials


@dataclass(frozen=True, slots=True)
class SignIn:
    """Turns a proof of who somebody is into a session."""

    transactions: Transactions
    passwords: PasswordHasher
    sessions: Sessions
    limits: Limits

    async def with_password(self, username: str, password: str, client: Client) -> SignedIn:
        """Signs in. A wrong name and a wrong password look the same, and take the same time.

        Raises `InvalidCredentials`, `Banned` (only to who knows the password), `RateLimited` by the caller's address.
        """
        await self.limits.check(Category.AUTH, client.address)
        async with self.transactions.read() as tx:
            account = await tx.accounts.by_username(username)
        if not await self.passwords.verify(password, account.password_hash if account else None) or account is None:
            raise InvalidCredentials
        stored = account.password_hash or ""
        renewed = await self.passwords.hash(password) if self.passwords.outdated(stored) else None
        async with self.transactions.write() as tx:
            current = await tx.accounts.get(account.id)
            if current is None or current.password_hash != account.password_hash:
                raise InvalidCredentials
            if renewed is not None:
                expected = current.version
                current = replace(current, password_hash=renewed, version=expected + 1)
                await tx.accounts.update(current, expected)
            return await self.sessions.begin(tx, current, client)
