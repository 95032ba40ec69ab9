"""Transactions over the memory store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from synctv.adapters.memory.accounts import MemoryAccounts, MemorySignInSessions
from synctv.adapters.memory.audit import MemoryAuditLog
from synctv.adapters.memory.chat import MemoryChat
from synctv.adapters.memory.credentials import MemoryCredentialStore
from synctv.adapters.memory.events import MemoryRoomEvents
from synctv.adapters.memory.factors import MemoryPasskeys, MemoryRecoveryCodes, MemoryTotpSecrets
from synctv.adapters.memory.folders import MemoryFolders
from synctv.adapters.memory.identities import MemoryIdentities, MemoryIdentityProviders
from synctv.adapters.memory.library import MemoryLibrary
from synctv.adapters.memory.mail import MemoryOutbox
from synctv.adapters.memory.playback import MemoryPlaybacks
from synctv.adapters.memory.policies import MemoryPolicies
from synctv.adapters.memory.purging import MemoryPurging
from synctv.adapters.memory.rooms import MemoryMemberships, MemoryRooms
from synctv.adapters.memory.store import MemoryStore, View
from synctv.application.ports.transaction import Committed, Transaction, Transactions


class MemoryTransaction(Transaction):
    """The repositories over one view of the store."""

    def __init__(self, view: View) -> None:
        self.accounts = MemoryAccounts(view)
        self.sessions = MemorySignInSessions(view)
        self.passkeys = MemoryPasskeys(view)
        self.totp_secrets = MemoryTotpSecrets(view)
        self.recovery_codes = MemoryRecoveryCodes(view)
        self.identities = MemoryIdentities(view)
        self.identity_providers = MemoryIdentityProviders(view)
        self.credentials = MemoryCredentialStore(view)
        self.purging = MemoryPurging(view)
        self.policies = MemoryPolicies(view)
        self.audit = MemoryAuditLog(view)
        self.outbox = MemoryOutbox(view)
        self.rooms = MemoryRooms(view)
        self.memberships = MemoryMemberships(view)
        self.library = MemoryLibrary(view)
        self.folders = MemoryFolders(view)
        self.playbacks = MemoryPlaybacks(view)
        self.chat = MemoryChat(view)
        self.events = MemoryRoomEvents(view)


class MemoryTransactions(Transactions):
    """Writers take turns, each on a copy that its commit makes the store's; readers keep the state they began with."""

    def __init__(self, store: MemoryStore, committed: Committed) -> None:
        self._store = store
        self._committed = committed

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction that may write. Raises `RuntimeError` inside another one of the same task."""
        async with self._store.change() as view:
            yield MemoryTransaction(view)
        if view.appended:
            self._committed(view.appended)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """The state as it is now, for as long as the block lasts."""
        view = View(self._store.state, writable=False)
        try:
            yield MemoryTransaction(view)
        finally:
            view.end()

    async def ping(self) -> None:
        """This storage always answers."""
