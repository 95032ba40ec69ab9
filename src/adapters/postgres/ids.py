"""Ids in columns: 128-bit UUIDs inside, TypeIDs outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from synctv.domain.ids import (
    AccountId,
    AuditId,
    CredentialId,
    FolderId,
    HistoryId,
    IdentityId,
    ItemId,
    MailId,
    MessageId,
    PasskeyId,
    RoomId,
    SessionId,
    number_of,
    typeid,
)

_Id = TypeVar("_Id", bound=str)


@dataclass(frozen=True, slots=True)
class IdColumn(Generic[_Id]):
    """How one kind of id is stored."""

    prefix: str
    shown_as: Callable[[str], _Id]

    def find(self, id: _Id) -> UUID | None:
        """What to look for; None for a text that no id of this kind has, so that nothing can be found."""
        number = number_of(id, self.prefix)
        return None if number is None else UUID(int=number)

    def find_all(self, ids: Iterable[_Id]) -> list[UUID]:
        """What to look for, without what can't be found."""
        return [found for id in ids if (found := self.find(id)) is not None]

    def store(self, id: _Id) -> UUID:
        """What to store. Raises `ValueError` for what is no id of this kind."""
        found = self.find(id)
        if found is None:
            raise ValueError(f"{id!r:.60} is no id that starts with {self.prefix}_.")
        return found

    def store_optional(self, id: _Id | None) -> UUID | None:
        """The same where there may be none."""
        return None if id is None else self.store(id)

    def show(self, stored: UUID) -> _Id:
        """The id as everybody else knows it."""
        return self.shown_as(typeid(self.prefix, stored.int))

    def show_optional(self, stored: UUID | None) -> _Id | None:
        """The same where there may be none."""
        return None if stored is None else self.show(stored)


ACCOUNT = IdColumn("usr", AccountId)
SESSION = IdColumn("ses", SessionId)
PASSKEY = IdColumn("psk", PasskeyId)
IDENTITY = IdColumn("idn", IdentityId)
AUDIT = IdColumn("aud", AuditId)
MAIL = IdColumn("mail", MailId)
ROOM = IdColumn("room", RoomId)
ITEM = IdColumn("item", ItemId)
FOLDER = IdColumn("list", FolderId)
CREDENTIAL = IdColumn("cred", CredentialId)
MESSAGE = IdColumn("msg", MessageId)
HISTORY = IdColumn("hist", HistoryId)
