"""Sign-in sessions that have connections here: a connection ends with its session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from itertools import islice

from synctv.application.ports.revocations import Revoked
from synctv.application.ports.transaction import Transaction
from synctv.application.realtime.connection import Connection
from synctv.application.realtime.messages import GoodbyeCode
from synctv.application.realtime.services import Services
from synctv.application.realtime.tasks import Tasks
from synctv.domain.accounts.account import Account
from synctv.domain.accounts.session import SignInSession
from synctv.domain.errors import DomainError, TokenExpired, Unavailable
from synctv.domain.ids import AccountId, Micros, SessionId, seconds_after
from synctv.domain.rooms.actor import AccountActor, Actor

log = logging.getLogger(__name__)

LOOK_SECONDS = 30.0
"""Every session is looked up this often, whatever revocations tell."""
RETRY_SECONDS = 1.0
LOOKED_UP_AT_ONCE = 100
"""So many connections share one transaction."""


class ConnectedSessions:
    """Ends the connections of sessions that have ended.

    Revocations tell of it at once. They may get lost, so that storage, which is the truth, is looked at after every gap
    and at regular times. An access token that runs out ends nothing: the connection goes on while its session does.
    """

    def __init__(self, services: Services, tasks: Tasks) -> None:
        self._services = services
        self._tasks = tasks
        self._connections: dict[AccountId, dict[Connection, AccountActor]] = {}
        self._doubted: dict[Connection, AccountActor] = {}
        self._looking = False
        self.news = 0
        """Counts the revocations and the gaps, so that who has looked at storage can tell whether one came since."""

    async def listen(self) -> None:
        """Heeds revocations until cancelled."""
        async with self._services.revocations.subscribe(self._revoked, self._missed):
            self._missed()
            await asyncio.Event().wait()

    async def look_regularly(self) -> None:
        """Looks at storage from time to time, until cancelled."""
        while True:
            await self._pause(LOOK_SECONDS)
            self._doubt(self._all())

    # ------------------------------------------------------------ connections

    async def require(self, tx: Transaction, actor: Actor) -> None:
        """Raises `Unauthenticated`, `Banned` or `Denied` unless the actor's session is alive. Guests have none."""
        if isinstance(actor, AccountActor):
            account, session = await tx.accounts.get(actor.id), await tx.sessions.get(actor.session_id)
            _must_be_alive(account, session, self._services.clock.now())

    def joined(self, connection: Connection, news: int) -> None:
        """Watches a connection whose session was alive when the count of `news` was this."""
        actor = connection.standing.actor
        if isinstance(actor, AccountActor):
            self._connections.setdefault(actor.id, {})[connection] = actor
            if self.news != news:
                self._doubt({connection: actor})

    def left(self, connection: Connection) -> None:
        """Forgets a connection."""
        self._doubted.pop(connection, None)
        actor = connection.standing.actor
        if isinstance(actor, AccountActor):
            theirs = self._connections.get(actor.id, {})
            theirs.pop(connection, None)
            if not theirs:
                self._connections.pop(actor.id, None)

    # ------------------------------------------------------------ what is told

    def _revoked(self, revoked: Revoked) -> None:
        self.news += 1
        for connection, actor in tuple(self._connections.get(revoked.account_id, {}).items()):
            if _concerns(revoked, actor):
                _end(connection, revoked.reason)

    def _missed(self) -> None:
        self.news += 1
        self._doubt(self._all())

    def _all(self) -> Mapping[Connection, AccountActor]:
        return {connection: actor for theirs in self._connections.values() for connection, actor in theirs.items()}

    # ------------------------------------------------------------ what storage says

    def _doubt(self, connections: Mapping[Connection, AccountActor]) -> None:
        self._doubted.update(connections)
        if self._doubted and not self._looking:
            self._looking = True
            self._tasks.start(self._look_until_sure(), "looking at sessions")

    async def _look_until_sure(self) -> None:
        try:
            while self._doubted:
                some = dict(islice(self._doubted.items(), LOOKED_UP_AT_ONCE))
                for connection in some:
                    del self._doubted[connection]
                try:
                    await self._look(some)
                except Exception as error:
                    if not isinstance(error, Unavailable):
                        log.exception("Sessions could not be looked up")
                    self._doubted.update((one, actor) for one, actor in some.items() if not one.transport.closed)
                    await self._pause(RETRY_SECONDS)
        finally:
            self._looking = False

    async def _look(self, connections: Mapping[Connection, AccountActor]) -> None:
        ended = await self._ended({(actor.id, actor.session_id) for actor in connections.values()})
        for connection, actor in connections.items():
            why = ended.get((actor.id, actor.session_id))
            if why is not None:
                _end(connection, str(why))

    async def _ended(
        self, keys: Collection[tuple[AccountId, SessionId]]
    ) -> Mapping[tuple[AccountId, SessionId], DomainError]:
        """Those of these sessions that are not alive, and why."""
        async with self._services.transactions.read() as tx:
            accounts = {one: await tx.accounts.get(one) for one in {account_id for account_id, _ in keys}}
            sessions = {session_id: await tx.sessions.get(session_id) for _, session_id in keys}
        now, ended = self._services.clock.now(), {}
        for account_id, session_id in keys:
            try:
                _must_be_alive(accounts[account_id], sessions[session_id], now)
            except DomainError as error:
                ended[account_id, session_id] = error
        return ended

    async def _pause(self, seconds: float) -> None:
        clock = self._services.clock
        await clock.sleep_until(seconds_after(clock.now(), seconds))


def _end(connection: Connection, why: str) -> None:
    # What it asked for before is not carried out any more either: that looks at memberships, but not at sessions.
    connection.work.clear()
    connection.close(GoodbyeCode.ACCESS_REVOKED, why)


def _concerns(revoked: Revoked, actor: AccountActor) -> bool:
    if revoked.session_id is not None:
        return actor.session_id == revoked.session_id
    return revoked.banned or (actor.generation < revoked.generation and actor.session_id != revoked.kept)


def _must_be_alive(account: Account | None, session: SignInSession | None, now: Micros) -> None:
    over = TokenExpired("This session has ended. Sign in again.")
    if account is None or session is None or session.account_id != account.id:
        raise over
    account.must_be_active(now)
    if not session.alive(now, account.session_generation):
        raise over
