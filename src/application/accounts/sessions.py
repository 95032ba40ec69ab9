"""Sessions: the tokens that a sign-in gives, their refreshing and their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from hmac import compare_digest

from synctv.application.accounts.client import Client
from synctv.application.accounts.journal import ADDRESS_LENGTH, USER_AGENT_LENGTH, Journal
from synctv.application.accounts.revoking import Revoking
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.tokens import AccessClaims, AccessTokens
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import Account
from synctv.domain.accounts.factors import Factors, satisfies_two
from synctv.domain.accounts.session import SignInSession
from synctv.domain.audit.entry import Action
from synctv.domain.errors import MfaRequired, NotFound, TokenExpired, Unauthenticated
from synctv.domain.ids import AccountId, SessionId, is_typeid, seconds_after
from synctv.domain.rooms.actor import AccountActor


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


@dataclass(frozen=True, slots=True)
class Sessions:
    """Begins, refreshes, lists and ends sessions."""

    transactions: Transactions
    tokens: AccessTokens
    revoking: Revoking
    journal: Journal
    clock: Clock
    ids: Ids
    lifetimes: TokenLifetimes

    async def begin(self, tx: Transaction, account: Account, client: Client, methods: Factors) -> SignedIn:
        """Starts a session in the caller's transaction. The account has proven itself, by these methods."""
        now = self.clock.now()
        account.must_be_active(now)
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
            user_agent=client.user_agent[:USER_AGENT_LENGTH],
            address=client.address[:ADDRESS_LENGTH],
            methods=methods,
        )
        await tx.sessions.add(session)
        detail = {"methods": " ".join(sorted(methods))}
        await self.journal.note(tx, Action.SIGNED_IN, account, client, session=session.id, detail=detail)
        return self._signed_in(account, session, secret)

    async def renew(self, tx: Transaction, account: Account, session_id: SessionId) -> SignedIn:
        """New tokens for a session of the account, which lives on while all the account's others have ended.

        The account is locked, and its session generation was just raised by one. Raises `TokenExpired` for a session
        that had not lived until then: else it would rise again.
        """
        session = await self._own_alive(tx, account.id, session_id, account.session_generation - 1)
        return await self._rotate(tx, account, replace(session, generation=account.session_generation))

    async def refresh(self, refresh_token: str, client: Client) -> SignedIn:
        """New tokens for a refresh token, which is used up with this.

        Using one twice ends its session, since one of the two users is a thief. Raises `Unauthenticated`,
        `TokenExpired`, `Banned`, and `MfaRequired` for a session of one factor whose account now asks for two.
        """
        session_id, _, secret = refresh_token.partition(".")
        if not is_typeid(session_id, "ses") or not secret:
            raise _not_valid()
        async with self.transactions.write() as tx:
            session, account = await self._of_refresh(tx, SessionId(session_id))
            newest = compare_digest(session.refresh_digest, _digest(secret))
            if newest:
                # A ban ends sessions, too; its holder is told of the ban.
                account.must_be_active(self.clock.now())
            if not session.alive(self.clock.now(), account.session_generation):
                raise session_ended()
            if newest:
                if account.two_factor and not satisfies_two(session.methods):
                    raise MfaRequired
                return await self._rotate(tx, account, session)
            await tx.sessions.update(session.ended(self.clock.now()))
            await self.journal.note(tx, Action.REFRESH_REUSED, account, client, session=session.id)
        await self.revoking.session(account, session.id, "This session was ended: one of its tokens was used twice.")
        raise Unauthenticated("This refresh token was used before, so its session has been ended. Sign in again.")

    async def list(self, actor: AccountActor) -> Sequence[SignInSession]:
        """The actor's own sessions that are alive, the one that was refreshed last first."""
        async with self.transactions.read() as tx:
            account = await tx.accounts.get(actor.id)
            if account is None:
                return ()
            return await tx.sessions.alive(account.id, account.session_generation, self.clock.now())

    async def sign_out(self, actor: AccountActor, client: Client) -> None:
        """Ends the actor's session; its tokens are worthless at once."""
        await self._end(actor, actor.session_id, client, Action.SIGNED_OUT, "You have signed out.")

    async def end(self, actor: AccountActor, session_id: SessionId, client: Client) -> None:
        """Ends one of the actor's own sessions. Raises `NotFound` for any other."""
        await self._end(actor, session_id, client, Action.SESSION_ENDED, "This session was ended from another device.")

    async def end_all(self, actor: AccountActor, client: Client, *, keep_this: bool) -> None:
        """Ends all of the actor's sessions, or all others. Their tokens are worthless at once.

        The access token of the one that is kept is worthless, too; refreshing gives it another. Raises `TokenExpired`
        for an actor whose own session has ended meanwhile.
        """
        async with self.transactions.write() as tx:
            account = await tx.accounts.get(actor.id, lock=True)
            if account is None:
                raise NotFound("account")
            session = await self._own_alive(tx, account.id, actor.session_id, account.session_generation)
            ended = account.without_sessions().next_version()
            await tx.accounts.update(ended, account.version)
            await self.journal.note(tx, Action.ALL_SESSIONS_ENDED, account, client, session=actor.session_id)
            if keep_this:
                await tx.sessions.update(replace(session, generation=ended.session_generation))
        reason = "All sessions were ended from another device."
        await self.revoking.everything(ended, reason, kept=session.id if keep_this else None)

    async def _end(
        self, actor: AccountActor, session_id: SessionId, client: Client, action: Action, reason: str
    ) -> None:
        async with self.transactions.write() as tx:
            account = await tx.accounts.get(actor.id)
            session = await tx.sessions.get(session_id, lock=True)
            if account is None or session is None or session.account_id != actor.id:
                raise NotFound("session")
            if session.ended_at is None:
                await tx.sessions.update(session.ended(self.clock.now()))
                await self.journal.note(tx, action, account, client, session=session.id)
        await self.revoking.session(account, session.id, reason)

    async def _of_refresh(self, tx: Transaction, session_id: SessionId) -> tuple[SignInSession, Account]:
        # The account first: whoever ends all sessions locks it before a session, too.
        found = await tx.sessions.get(session_id)
        account = await tx.accounts.get(found.account_id, lock=True) if found else None
        session = await tx.sessions.get(session_id, lock=True) if account else None
        if session is None or account is None:
            raise _not_valid()
        return session, account

    async def _own_alive(
        self, tx: Transaction, account_id: AccountId, session_id: SessionId, generation: int
    ) -> SignInSession:
        session = await tx.sessions.get(session_id, lock=True)
        if session is None or session.account_id != account_id or not session.alive(self.clock.now(), generation):
            raise session_ended()
        return session

    async def _rotate(self, tx: Transaction, account: Account, session: SignInSession) -> SignedIn:
        now, secret = self.clock.now(), self.ids.secret()
        rotated = session.rotated(_digest(secret), now, seconds_after(now, self.lifetimes.refresh))
        await tx.sessions.update(rotated)
        return self._signed_in(account, rotated, secret)

    def _signed_in(self, account: Account, session: SignInSession, secret: str) -> SignedIn:
        now = self.clock.now()
        claims = AccessClaims(
            account_id=account.id,
            session_id=session.id,
            generation=session.generation,
            issued_at=now,
            expires_at=seconds_after(now, self.lifetimes.access),
            methods=session.methods,
        )
        return SignedIn(
            access_token=self.tokens.issue(claims),
            refresh_token=f"{session.id}.{secret}",
            expires_in=self.lifetimes.access,
            refresh_expires_in=self.lifetimes.refresh,
            account=account,
        )


def session_ended() -> TokenExpired:
    """The tokens of this session are worth nothing any more."""
    return TokenExpired("This session has ended. Sign in again.")


def _not_valid() -> Unauthenticated:
    return Unauthenticated("This refresh token is not valid. Sign in again.")


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()
