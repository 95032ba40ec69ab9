"""Identity: who a token belongs to, as of now."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.accounts.revoking import denied_key
from synctv.application.ports.clock import Clock
from synctv.application.ports.short_lived import ShortLived
from synctv.application.ports.tokens import AccessClaims, AccessTokens
from synctv.application.ports.transaction import Transactions
from synctv.domain.accounts.account import Account
from synctv.domain.errors import TokenExpired, Unavailable
from synctv.domain.ids import AccountId, SessionId
from synctv.domain.rooms.actor import AccountActor, Actor


@dataclass(frozen=True, slots=True)
class Identity:
    """Tells who is asking."""

    transactions: Transactions
    tokens: AccessTokens
    short_lived: ShortLived
    clock: Clock

    async def of(self, token: str) -> Actor:
        """The actor that an access or guest token stands for.

        Raises `Unauthenticated` or `TokenExpired` for a token that does not hold (any more), and `Banned`. Whether a
        guest may still be in its room is for the room to say.
        """
        claims = self.tokens.verify(token, self.clock.now())
        if not isinstance(claims, AccessClaims):
            return claims.guest
        return await self.by_session(claims.account_id, claims.session_id, claims.generation)

    async def by_session(self, account_id: AccountId, session_id: SessionId, generation: int) -> AccountActor:
        """The actor that a session of an account stands for, at this generation. Raises as `of` does."""
        if await self._denied(session_id):
            raise _ended()
        async with self.transactions.read() as tx:
            account = await tx.accounts.get(account_id)
            session = await tx.sessions.get(session_id)
        if account is not None:
            account.must_be_active(self.clock.now())
        over = session is None or session.ended_at is not None
        if over or account is None or account.session_generation != generation:
            raise _ended()
        return AccountActor(account.id, account.username, account.role, session_id, generation)

    async def _denied(self, session_id: SessionId) -> bool:
        # Only the quick answer, which costs no query; the session itself is the true one.
        try:
            return await self.short_lived.get(denied_key(session_id)) is not None
        except Unavailable:
            return False

    async def account(self, actor: AccountActor) -> Account:
        """The actor's own account."""
        async with self.transactions.read() as tx:
            account = await tx.accounts.get(actor.id)
        if account is None:
            raise TokenExpired("This account is gone.")
        return account


def _ended() -> TokenExpired:
    return TokenExpired("This session has ended. Sign in again.")
