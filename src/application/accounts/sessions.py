"""Sessions: the tokens that a sign-in gives, their refreshing and their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from synctv.application.accounts.client import Client
from synctv.application.accounts.journal import ADDRESS_LENGTH, USER_AGENT_LENGTH, Journal
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.refresh_tokens import RefreshToken, client_digest, digest
from synctv.application.accounts.revoking import Revoking
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.tokens import AccessClaims, AccessTokens
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import Account
from synctv.domain.accounts.factors import Factors, satisfies_two
from synctv.domain.accounts.session import MOST_SESSIONS, Rotation, SignInSession
from synctv.domain.audit.entry import SERVER, Action
from synctv.domain.errors import MfaRequired, NotFound, TokenExpired, Unauthenticated
from synctv.domain.ids import AccountId, SessionId, seconds_after
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
    notices: Notices

    async def begin(self, tx: Transaction, account: Account, client: Client, methods: Factors) -> SignedIn:
        """Starts a session in the caller's transaction. The account has proven itself, by these methods.

        Of more than `MOST_SESSIONS` the ones that were not refreshed for the longest time end.
        """
        now = self.clock.now()
        account.must_be_active(now)
        await self._make_room(tx, account)
        token = RefreshToken(SessionId(self.ids.new("ses")), self.ids.secret(), self.ids.secret())
        session = SignInSession(
            id=token.session_id,
            account_id=account.id,
            refresh_digest=token.digest,
            generation=account.session_generation,
            created_at=now,
            refreshed_at=now,
            expires_at=seconds_after(now, self.lifetimes.refresh),
            ended_at=None,
            user_agent=client.user_agent[:USER_AGENT_LENGTH],
            address=client.address[:ADDRESS_LENGTH],
            methods=methods,
            family_digest=digest(token.family),
        )
        await tx.sessions.add(session)
        detail = {"methods": " ".join(sorted(methods))}
        await self.journal.note(tx, Action.SIGNED_IN, account, client, session=session.id, detail=detail)
        return self._signed_in(account, session, token)

    async def renew(self, tx: Transaction, account: Account, session_id: SessionId) -> SignedIn:
        """New tokens for a session of the account, which lives on while all the account's others have ended.

        The account is locked, and its session generation was just raised by one. Raises `TokenExpired` for a session
        that had not lived until then: else it would rise again.
        """
        session = await self._own_alive(tx, account.id, session_id, account.session_generation - 1)
        token = RefreshToken(session.id, self.ids.secret(), self.ids.secret())
        renewed = replace(session, generation=account.session_generation)
        return await self._rotated(tx, account, renewed, token, None)

    async def refresh(self, refresh_token: str, client: Client) -> SignedIn:
        """New tokens for a refresh token, which is used up with this; the same client may ask again within
        `GRACE_SECONDS`, and gets the same one.

        Using an older one ends its session, since one of the two users is a thief. A token that was never one of the
        session does nothing to it. Raises `Unauthenticated`, `TokenExpired`, `Banned`, and `MfaRequired` for a session
        of one factor whose account now asks for two, which ends with that.
        """
        token = RefreshToken.read(refresh_token)
        if token is None:
            raise _not_valid()
        async with self.transactions.write() as tx:
            session, account = await self._of_refresh(tx, token.session_id)
            newest = token.newest_of(session)
            if not newest and not token.of_family(session):
                raise _not_valid()
            if newest:
                # A ban ends sessions, too; its holder is told of the ban.
                account.must_be_active(self.clock.now())
            if not session.alive(self.clock.now(), account.session_generation):
                raise session_ended()
            repeated = session.repeats(token.digest, client_digest(client), self.clock.now())
            refused = account.two_factor and not satisfies_two(session.methods)
            if (newest or repeated) and not refused:
                return await self._refreshed(tx, account, session, token, client)
            reused = not newest and not repeated
            await self._end_refused(tx, account, session, client, reused=reused)
        if not reused:
            await self.revoking.session(account, session.id, "This account asks for a second step. Sign in again.")
            raise MfaRequired
        await self.revoking.session(account, session.id, "This session was ended: one of its tokens was used twice.")
        raise Unauthenticated("This refresh token was used before, so its session has been ended. Sign in again.")

    async def end_single_factor(
        self, tx: Transaction, account: Account, actor: AccountActor, client: Client
    ) -> Sequence[SessionId]:
        """Ends the account's sessions that were begun with one factor, but for the actor's own. To be told with
        `tell_ended` after the commit."""
        now = self.clock.now()
        alive = await tx.sessions.alive(account.id, account.session_generation, now)
        single = [one for one in alive if one.id != actor.session_id and not satisfies_two(one.methods)]
        for session in single:
            await tx.sessions.update(session.ended(now))
            await self.journal.note(tx, Action.SESSION_ENDED, account, client, session=session.id)
        return [session.id for session in single]

    async def tell_ended(self, account: Account, ended: Sequence[SessionId], reason: str) -> None:
        """Ends the connections of sessions that have ended, at once."""
        for session_id in ended:
            await self.revoking.session(account, session_id, reason)

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

    async def _make_room(self, tx: Transaction, account: Account) -> None:
        now = self.clock.now()
        alive = await tx.sessions.alive(account.id, account.session_generation, now)
        for session in alive[MOST_SESSIONS - 1 :]:
            # Its tokens hold no more with the commit. Its connections end when they look at storage the next time.
            await tx.sessions.update(session.ended(now))
            await self.journal.note(tx, Action.SESSION_ENDED, account, by=SERVER, session=session.id)

    async def _refreshed(
        self, tx: Transaction, account: Account, session: SignInSession, token: RefreshToken, client: Client
    ) -> SignedIn:
        repeated = session.repeats(token.digest, client_digest(client), self.clock.now())
        if repeated:
            return self._signed_in(account, session, token.next(repeated.salt, token.family))
        rotation = Rotation(token.digest, digest(self.ids.secret()), client_digest(client))
        family = token.family if token.of_family(session) else self.ids.secret()
        return await self._rotated(tx, account, session, token.next(rotation.salt, family), rotation)

    async def _end_refused(
        self, tx: Transaction, account: Account, session: SignInSession, client: Client, *, reused: bool
    ) -> None:
        await tx.sessions.update(session.ended(self.clock.now()))
        action = Action.REFRESH_REUSED if reused else Action.SESSION_ENDED
        await self.journal.note(tx, action, account, client, by=None if reused else SERVER, session=session.id)
        if reused:
            await self.notices.factor_changed(tx, account, client, Action.REFRESH_REUSED)

    async def _rotated(
        self,
        tx: Transaction,
        account: Account,
        session: SignInSession,
        token: RefreshToken,
        rotation: Rotation | None,
    ) -> SignedIn:
        now = self.clock.now()
        rotated = session.rotated(token.digest, now, seconds_after(now, self.lifetimes.refresh), rotation)
        rotated = replace(rotated, family_digest=digest(token.family))
        await tx.sessions.update(rotated)
        return self._signed_in(account, rotated, token)

    def _signed_in(self, account: Account, session: SignInSession, token: RefreshToken) -> SignedIn:
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
            refresh_token=str(token),
            expires_in=self.lifetimes.access,
            refresh_expires_in=self.lifetimes.refresh,
            account=account,
        )


def session_ended() -> TokenExpired:
    """The tokens of this session are worth nothing any more."""
    return TokenExpired("This session has ended. Sign in again.")


def _not_valid() -> Unauthenticated:
    return Unauthenticated("This refresh token is not valid. Sign in again.")
