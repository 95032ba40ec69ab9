"""Storage transactions: all or nothing, and the only way to the repositories."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from synctv.application.ports.accounts import Accounts, SignInSessions
from synctv.application.ports.audit import AuditLog
from synctv.application.ports.chat import Chat
from synctv.application.ports.credentials import CredentialStore
from synctv.application.ports.events import RoomEvents
from synctv.application.ports.factors import Passkeys, RecoveryCodes, TotpSecrets
from synctv.application.ports.folders import Folders
from synctv.application.ports.identities import Identities, IdentityProviders
from synctv.application.ports.library import Library
from synctv.application.ports.mail import Outbox
from synctv.application.ports.playback import Playbacks
from synctv.application.ports.policies import Policies
from synctv.application.ports.purging import Purging
from synctv.application.ports.rooms import Memberships, Rooms
from synctv.domain.rooms.events import LoggedEvent

Committed = Callable[[Sequence[LoggedEvent]], None]
"""Told of the events of a transaction right after its commit, in their order. Does not block and does not raise."""


class Transaction(ABC):
    """The repositories, as of one transaction. Usable only inside its `async with`."""

    accounts: Accounts
    sessions: SignInSessions
    passkeys: Passkeys
    totp_secrets: TotpSecrets
    recovery_codes: RecoveryCodes
    identities: Identities
    identity_providers: IdentityProviders
    credentials: CredentialStore
    purging: Purging
    policies: Policies
    audit: AuditLog
    outbox: Outbox
    rooms: Rooms
    memberships: Memberships
    library: Library
    folders: Folders
    playbacks: Playbacks
    chat: Chat
    events: RoomEvents


class Transactions(ABC):
    """Begins transactions.

    Leaving the block commits; an exception, a cancellation included, rolls back everything. A transaction never sees
    half of another one's writes. After a commit the events that were appended go to `Committed`.
    """

    @abstractmethod
    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that may write."""

    @abstractmethod
    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """A consistent view for reading; writing in it is an error."""

    @abstractmethod
    async def ping(self) -> None:
        """Returns when the storage answers; raises `Unavailable` otherwise."""
