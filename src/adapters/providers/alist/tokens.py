"""Tokens of accounts that can sign in by themselves, and patience with servers that lock everybody out.

To an Alist server all people of this server are one address, and five wrong passwords from one address lock it out. So
a password that was refused is not tried again for a while, and neither are many new ones.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256

from synctv.adapters.providers.alist.account import Account
from synctv.adapters.providers.alist.answers import LOCKED_OUT_SECONDS, sign_in_again
from synctv.adapters.providers.answers import host_of
from synctv.application.ports.clock import Clock
from synctv.domain.errors import Invalid, UpstreamCredential, UpstreamLimited
from synctv.domain.ids import MICROS, Micros

MAX_ACCOUNTS = 1_000
MAX_SERVERS = 1_000
MAX_REFUSALS = 3
"""So many wrong sign-ins in five minutes; the server itself allows five."""

_PAUSE = int(LOCKED_OUT_SECONDS * MICROS)


@dataclass(slots=True)
class _Entry:
    token: str | None = field(default=None, repr=False)
    refused_at: Micros | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Tokens:
    """What was signed in lately. Forgets what was unused longest."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._refusals: OrderedDict[str, list[Micros]] = OrderedDict()

    async def of(self, account: Account, refused: str | None, sign_in: Callable[[], Awaitable[str]]) -> str:
        """A token of the account, other than the `refused` one. Of those who ask at once, one signs in for all."""
        entry = self._entry(account)
        async with entry.lock:
            if entry.token is not None and entry.token != refused:
                return entry.token
            if entry.refused_at is not None and self._clock.now() - entry.refused_at < _PAUSE:
                raise sign_in_again(account.server)
            entry.token = None
            try:
                entry.token = await sign_in()
            except (UpstreamCredential, Invalid):
                entry.refused_at = self._clock.now()
                raise
            return entry.token

    def must_be_allowed(self, server: str) -> None:
        """Raises `UpstreamLimited` after too many wrong sign-ins to a server."""
        now = self._clock.now()
        recent = [at for at in self._refusals.get(server, []) if now - at < _PAUSE]
        if len(recent) >= MAX_REFUSALS:
            raise UpstreamLimited(host_of(server), (_PAUSE - (now - recent[0])) / MICROS)

    def was_refused(self, server: str) -> None:
        """Notes a wrong sign-in to a server."""
        recent = [*self._refusals.pop(server, []), self._clock.now()]
        self._refusals[server] = recent[-MAX_REFUSALS:]
        if len(self._refusals) > MAX_SERVERS:
            self._refusals.popitem(last=False)

    def _entry(self, account: Account) -> _Entry:
        key = sha256(f"{account.server}\0{account.username}\0{account.hash}".encode()).hexdigest()
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        if len(self._entries) > MAX_ACCOUNTS:
            self._entries.popitem(last=False)
        return entry
