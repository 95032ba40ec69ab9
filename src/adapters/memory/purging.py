"""Forgetting accounts for good, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from synctv.adapters.memory.store import State, View, without
from synctv.application.ports.purging import Purging
from synctv.domain.accounts.account import Account
from synctv.domain.chat.message import Message
from synctv.domain.errors import NotFound
from synctv.domain.ids import AccountId, Micros, RoomId
from synctv.domain.library.folder import Folder
from synctv.domain.library.item import MediaItem
from synctv.domain.playback.history import HistoryEntry
from synctv.domain.playback.playback import Playback
from synctv.domain.rooms.actor import FORMER_NAME, ActorRef

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_Added = TypeVar("_Added", MediaItem, Folder)


class MemoryPurging(Purging):
    """Purging, all at once."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def due(self, before: Micros) -> Account | None:
        """The account that was closed first; writers take turns anyway."""
        self._view.must_be_writable()
        accounts = self._view.state.accounts.values()
        found = [(one.closed_at, one.id, one) for one in accounts if one.closed_at is not None]
        first = min(found, default=None)
        return first[-1] if first is not None and first[0] < before else None

    async def purge(self, account_id: AccountId, limit: int) -> bool:
        """Forgets a closed account for good."""
        self._view.must_be_writable()
        account = self._view.state.accounts.get(account_id)
        if account is None or account.closed_at is None:
            raise NotFound("account")
        self._view.change(_without_everything(self._view.state, account_id))
        return True


def without_account(state: State, account_id: AccountId) -> State:
    """The state without the account, and without what it proves itself with."""
    return replace(
        state,
        accounts=without(state.accounts, {account_id}),
        usernames={name: id for name, id in state.usernames.items() if id != account_id},
        emails={address: id for address, id in state.emails.items() if id != account_id},
        sessions={id: one for id, one in state.sessions.items() if one.account_id != account_id},
        passkeys={id: one for id, one in state.passkeys.items() if one.account_id != account_id},
        totp_secrets=without(state.totp_secrets, {account_id}),
        unused_codes=without(state.unused_codes, {account_id}),
        identities={id: one for id, one in state.identities.items() if one.account_id != account_id},
        credentials={id: one for id, one in state.credentials.items() if one.owner != account_id},
    )


def _without_everything(state: State, account_id: AccountId) -> State:
    rooms = {id for id, room in state.rooms.items() if room.owner_id == account_id}
    return _anonymous(_without_rooms(without_account(state, account_id), rooms), account_id)


def _without_rooms(state: State, rooms: set[RoomId]) -> State:
    return replace(
        state,
        rooms=without(state.rooms, rooms),
        codes={code: id for code, id in state.codes.items() if id not in rooms},
        memberships=without(state.memberships, rooms),
        items=without(state.items, rooms),
        folders=without(state.folders, rooms),
        playbacks=without(state.playbacks, rooms),
        answers=without(state.answers, rooms),
        history=without(state.history, rooms),
        messages=without(state.messages, rooms),
        logs=without(state.logs, rooms),
        unpublished={key: event for key, event in state.unpublished.items() if key[0] not in rooms},
    )


def _anonymous(state: State, account_id: AccountId) -> State:
    def of(actor: ActorRef) -> ActorRef:
        return replace(actor, name=FORMER_NAME) if actor.id == account_id else actor

    def added(one: _Added) -> _Added:
        return replace(one, added_by=of(one.added_by))

    def written(one: Message) -> Message:
        return replace(one, author=of(one.author))

    def changed(one: Playback) -> Playback:
        return replace(one, changed_by=one.changed_by and of(one.changed_by))

    def played(one: HistoryEntry) -> HistoryEntry:
        return replace(one, played_by=one.played_by and of(one.played_by))

    return replace(
        state,
        memberships={id: without(members, {account_id}) for id, members in state.memberships.items()},
        items={id: _each(items, added) for id, items in state.items.items()},
        folders={id: _each(folders, added) for id, folders in state.folders.items()},
        playbacks=_each(state.playbacks, changed),
        history={id: tuple(map(played, entries)) for id, entries in state.history.items()},
        messages={id: _each(messages, written) for id, messages in state.messages.items()},
    )


def _each(table: Mapping[_Key, _Value], change: Callable[[_Value], _Value]) -> Mapping[_Key, _Value]:
    return {key: change(value) for key, value in table.items()}
