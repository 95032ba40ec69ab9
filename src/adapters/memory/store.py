"""What the memory storage holds: one immutable state, replaced as a whole by each commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Container, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from synctv.adapters.text import must_be_storable
from synctv.application.ports.mail import QueuedMail
from synctv.application.ports.policies import StoredEgress, StoredPolicy
from synctv.domain.accounts.account import Account
from synctv.domain.accounts.factors import Passkey, TotpSecret
from synctv.domain.accounts.identities import IdentityProvider, LinkedIdentity
from synctv.domain.accounts.policy import AccountPolicy
from synctv.domain.accounts.session import SignInSession
from synctv.domain.audit.entry import AuditEntry
from synctv.domain.chat.message import Message
from synctv.domain.delivery.egress import EgressRules
from synctv.domain.errors import NotFound
from synctv.domain.ids import (
    AccountId,
    AuditId,
    CredentialId,
    FolderId,
    IdentityId,
    ItemId,
    MailId,
    MessageId,
    Micros,
    PasskeyId,
    RoomId,
    SessionId,
)
from synctv.domain.library.credential import Credential
from synctv.domain.library.folder import Folder
from synctv.domain.library.item import MediaItem
from synctv.domain.playback.history import HistoryEntry
from synctv.domain.playback.playback import Playback
from synctv.domain.rooms.events import LoggedEvent
from synctv.domain.rooms.membership import Membership
from synctv.domain.rooms.room import Room

_Outer = TypeVar("_Outer")
_Inner = TypeVar("_Inner")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class RoomLog:
    """A room's events, oldest first. `last_seq` counts those too that were dropped."""

    last_seq: int = 0
    events: tuple[LoggedEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """The answer to an operation, and when it was given."""

    playback: Playback
    at: Micros


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A letter in the outbox. The lease with this number holds it until an instant; nobody does where that is None."""

    mail: QueuedMail
    due_at: Micros
    lease_number: int = 0
    leased_until: Micros | None = None


DEFAULT_POLICY = StoredPolicy(AccountPolicy(), 0)
DEFAULT_EGRESS = StoredEgress(EgressRules(), 0)


@dataclass(frozen=True, slots=True)
class State:
    """Everything stored, at one moment. Nothing in it is ever changed in place, so holding it is a snapshot."""

    accounts: Mapping[AccountId, Account] = field(default_factory=dict)
    usernames: Mapping[str, AccountId] = field(default_factory=dict)
    emails: Mapping[str, AccountId] = field(default_factory=dict)
    sessions: Mapping[SessionId, SignInSession] = field(default_factory=dict)
    passkeys: Mapping[PasskeyId, Passkey] = field(default_factory=dict)
    totp_secrets: Mapping[AccountId, TotpSecret] = field(default_factory=dict)
    unused_codes: Mapping[AccountId, frozenset[bytes]] = field(default_factory=dict)
    identities: Mapping[IdentityId, LinkedIdentity] = field(default_factory=dict)
    identity_providers: Mapping[str, IdentityProvider] = field(default_factory=dict)
    credentials: Mapping[CredentialId, Credential] = field(default_factory=dict)
    account_policy: StoredPolicy = DEFAULT_POLICY
    egress: StoredEgress = DEFAULT_EGRESS
    audit: Mapping[AuditId, AuditEntry] = field(default_factory=dict)
    outbox: Mapping[MailId, OutgoingMail] = field(default_factory=dict)
    rooms: Mapping[RoomId, Room] = field(default_factory=dict)
    codes: Mapping[str, RoomId] = field(default_factory=dict)
    memberships: Mapping[RoomId, Mapping[AccountId, Membership]] = field(default_factory=dict)
    items: Mapping[RoomId, Mapping[ItemId, MediaItem]] = field(default_factory=dict)
    folders: Mapping[RoomId, Mapping[FolderId, Folder]] = field(default_factory=dict)
    playbacks: Mapping[RoomId, Playback] = field(default_factory=dict)
    answers: Mapping[RoomId, Mapping[str, GivenAnswer]] = field(default_factory=dict)
    history: Mapping[RoomId, tuple[HistoryEntry, ...]] = field(default_factory=dict)
    messages: Mapping[RoomId, Mapping[MessageId, Message]] = field(default_factory=dict)
    logs: Mapping[RoomId, RoomLog] = field(default_factory=dict)
    unpublished: Mapping[tuple[RoomId, int], LoggedEvent] = field(default_factory=dict)


class View:
    """The state as one transaction sees it: the snapshot that it began with, and its own changes."""

    def __init__(self, state: State, *, writable: bool) -> None:
        self._state = state
        self._writable = writable
        self._ended = False
        self.appended: list[LoggedEvent] = []

    @property
    def state(self) -> State:
        """What is stored, as of this transaction. Raises `RuntimeError` after its end."""
        self._must_be_open()
        return self._state

    def change(self, state: State) -> None:
        """Makes this the state, for this transaction at first. Raises `RuntimeError` where only reading is allowed."""
        self.must_be_writable()
        self._state = state

    def must_be_writable(self) -> None:
        """Raises `RuntimeError` in a transaction that only reads or has ended."""
        self._must_be_open()
        if not self._writable:
            raise RuntimeError("This transaction only reads: begin one with write().")

    def must_have_room(self, room_id: RoomId) -> None:
        """Raises `NotFound` where something would belong to no room."""
        if room_id not in self.state.rooms:
            raise NotFound("room")

    def must_have_account(self, account_id: AccountId) -> None:
        """Raises `NotFound` where something would belong to no account."""
        if account_id not in self.state.accounts:
            raise NotFound("account")

    def end(self) -> State:
        """Makes the transaction unusable and returns what it leads to."""
        self._ended = True
        return self._state

    def _must_be_open(self) -> None:
        if self._ended:
            raise RuntimeError("This transaction has ended: its repositories can't be used any more.")


class MemoryStore:
    """The storage of one process. It is gone when the process ends."""

    def __init__(self) -> None:
        self.state = State()
        self._writing = asyncio.Lock()
        self._writer: asyncio.Task[Any] | None = None

    @asynccontextmanager
    async def change(self) -> AsyncIterator[View]:
        """One writer at a time; leaving the block makes its state the store's, an exception leaves the store alone.

        Raises `RuntimeError` when the caller writes already, since it would wait for itself forever.
        """
        if self._writer is not None and self._writer is asyncio.current_task():
            raise RuntimeError("This task is inside a write transaction already.")
        async with self._writing:
            view = View(self.state, writable=True)
            self._writer = asyncio.current_task()
            try:
                yield view
            finally:
                self._writer = None
                left = view.end()
            self.state = left


def with_entry(table: Mapping[_Outer, _Value], key: _Outer, value: _Value) -> Mapping[_Outer, _Value]:
    """The table with one value added or replaced. Raises `Invalid` for a value that no storage takes."""
    must_be_storable(value)
    return {**table, key: value}


def without(table: Mapping[_Outer, _Value], dropped: Container[_Outer]) -> Mapping[_Outer, _Value]:
    """The table without the values under these keys."""
    return {key: value for key, value in table.items() if key not in dropped}


def with_part(
    table: Mapping[_Outer, Mapping[_Inner, _Value]], outer: _Outer, inner: _Inner, value: _Value
) -> Mapping[_Outer, Mapping[_Inner, _Value]]:
    """The same for a table of tables."""
    return {**table, outer: with_entry(table.get(outer, {}), inner, value)}
