"""Sessions: the tokens that a sign-in gives, their refreshing and their end."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.short_lived import ShortLived
from synctv.application.ports.tokens import AccessClaims, AccessTokens
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import Account
from synctv.domain.accounts.session import SignInSession
from synctv.domain.errors import TokenExpired, Unauthenticated
from synctv.domain.ids import SessionId, is_typeid, seconds_after
from synctv.domain.rooms.actor import AccountActor


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from, for the list of sessions."""

    user_agent: str
    address: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in gives. `expires_in` and `refresh_expires_in` are seconds."""

    access_token: str
    refresh_token: str
    expires_in: float
    refresh_expires_in: float
    account: Account


@dataclass(frozen=True, slots=True)
class TokenLifetimes:
    """How long tokens hold, in seconds."""

    access: float = 3_600.0
    refresh: float = 30 * 86_400.0
    guest: float = 4 * 3_600.0


def denied_key(session_id: SessionId) -> str:
    """The short-lived key that says that a session was ended, kept while one of its access tokens may hold."""
    return f"ended-session:{session_id}"


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, refreshes and ends sessions."""

    transactions: Transactions
    tokens: AccessTokens
    short_lived: ShortLived
    clock: Clock
    ids: Ids
    lifetimes: TokenLifetimes

    async def begin(self, tx: Transaction, account: Account, client: Client) -> SignedIn:
        """Starts a session in the caller's transaction. The account has proven itself."""
        account.must_be_active()
        now = self.clock.now()
        secret = self.ids.secret()
        session = SignInSession(
            id=SessionId(self.ids.new("ses")),
            account_id=account.id,
            refresh_digest=_digest(secret),
            generation=account.session_generation,
            created_at=now,
            refreshed_at=now,
            expires_at=seconds_after(now, self.lifetimes.refresh),
            ended_at=None,
            user_agent=client.user_agent[:300],
            address=client.address[:64],
        )
        await tx.sessions.add(session)
        return self._signed_in(account, session, secret)

    async def refresh(self, refresh_token: str) -> SignedIn:
        """New tokens for a refresh token, which is used up with this.

        Using one twice ends its session, since one of the two users is a thief. Raises `Unauthenticated` or
        `TokenExpired`.
        """
        session_id, _, secret = refresh_token.partition(".")
        if not is_typeid(session_id, "ses") or not secret:
            raise Unauthenticated("This refresh token is not valid. Sign in again.")
        async with self.transactions.write() as tx:
            session = await tx.sessions.get(SessionId(session_id), lock=True)
            account = await tx.accounts.get(session.account_id) if session else None
            if session is None or account is None:
                raise Unauthenticated("This refresh token is not valid. Sign in again.")
            now = self.clock.now()
            if not session.alive(now, account.session_generation):
                raise TokenExpired("This session has ended. Sign in again.")
            account.must_be_active()
            if compare_digest(session.refresh_digest, _digest(secret)):
                fresh = self.ids.secret()
                rotated = session.rotated(_digest(fresh), now, seconds_after(now, self.lifetimes.refresh))
                await tx.sessions.update(rotated)
                return self._signed_in(account, rotated, fresh)
            await tx.sessions.update(session.ended(now))
        await self._deny(session.id)
        raise Unauthenticated("This refresh token was used before, so its session has been ended. Sign in again.")

    async def end(self, actor: AccountActor) -> None:
        """Ends the actor's session; its tokens are worthless at once."""
        async with self.transactions.write() as tx:
            session = await tx.sessions.get(actor.session_id, lock=True)
            if session is not None:
                await tx.sessions.update(session.ended(self.clock.now()))
        await self._deny(actor.session_id)

    async def _deny(self, session_id: SessionId) -> None:
        await self.short_lived.put(denied_key(session_id), b"1", self.lifetimes.access + 120.0)

    def _signed_in(self, account: Account, session: SignInSession, secret: str) -> SignedIn:
        now = self.clock.now()
        claims = AccessClaims(
            account_id=account.id,
            session_id=session.id,
            generation=account.session_generation,
            issued_at=now,
            expires_at=seconds_after(now, self.lifetimes.access),
        )
        return SignedIn(
            access_token=self.tokens.issue(claims),
            refresh_token=f"{session.id}.{secret}",
            expires_in=self.lifetimes.access,
            refresh_expires_in=self.lifetimes.refresh,
            account=account,
        )


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
