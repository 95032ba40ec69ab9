"""Revoking: makes the tokens of sessions that have ended worthless at once, and ends their connections."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from synctv.application.ports.revocations import Revocations, Revoked
from synctv.application.ports.short_lived import ShortLived
from synctv.domain.accounts.account import Account
from synctv.domain.errors import Unavailable
from synctv.domain.ids import SessionId

log = logging.getLogger(__name__)

LEEWAY_SECONDS = 120.0
"""Clocks of replicas may differ by 60 s in either direction."""


def denied_key(session_id: SessionId) -> str:
    """The short-lived key that says that a session was ended, kept while one of its access tokens may hold."""
    return f"ended-session:{session_id}"


@dataclass(frozen=True, slots=True)
class Revoking:
    """Called after the commit. Storage has the truth by then, so what can't be told now is only later known elsewhere.

    `access_seconds` is how long an access token holds.
    """

    short_lived: ShortLived
    revocations: Revocations
    access_seconds: float

    async def session(self, account: Account, session_id: SessionId, reason: str) -> None:
        """One session of the account has ended."""
        try:
            await self.short_lived.put(denied_key(session_id), b"1", self.access_seconds + LEEWAY_SECONDS)
        except Unavailable:
            log.warning("The end of a session could not be noted on the deny list; storage knows it")
        await self._tell(Revoked(account.id, session_id, account.session_generation, reason))

    async def everything(
        self, account: Account, reason: str, *, kept: SessionId | None = None, banned: bool = False
    ) -> None:
        """Every session of the account but `kept` has ended: its session generation was raised to what it is now."""
        await self._tell(Revoked(account.id, None, account.session_generation, reason, banned=banned, kept=kept))

    async def _tell(self, revoked: Revoked) -> None:
        try:
            await self.revocations.publish(revoked)
        except Unavailable:
            log.warning("Other processes could not be told that a session ended; they find out by looking")
