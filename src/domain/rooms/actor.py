"""Whoever acts in a room: an account or a guest."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from synctv.domain.accounts.account import GlobalRole
from synctv.domain.errors import Invalid
from synctv.domain.ids import AccountId, GuestId, RoomId, SessionId
from synctv.domain.text import has_visible, one_line

DISPLAY_NAME_LENGTH = (1, 32)
FORMER_NAME = "(former account)"
"""What is left of the name of an account that was purged, in what others keep of it. No account is called so."""


class ActorKind(StrEnum):
    """Which of the two."""

    ACCOUNT = "account"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class ActorRef:
    """How an actor is remembered in what it did: its id and the name that it had then."""

    id: str
    name: str
    kind: ActorKind


@dataclass(frozen=True, slots=True)
class AccountActor:
    """A signed-in person, as proven by an access token. `generation` is the one of the account that the token is of."""

    id: AccountId
    name: str
    role: GlobalRole
    session_id: SessionId
    generation: int

    @property
    def ref(self) -> ActorRef:
        """The reference that is stored with what they do."""
        return ActorRef(self.id, self.name, ActorKind.ACCOUNT)


@dataclass(frozen=True, slots=True)
class GuestActor:
    """A visitor of one room; lives only in a token, which holds while the room's guest version is unchanged."""

    id: GuestId
    name: str
    room_id: RoomId
    guest_version: int

    @property
    def ref(self) -> ActorRef:
        """The reference that is stored with what they do."""
        return ActorRef(self.id, self.name, ActorKind.GUEST)


Actor = AccountActor | GuestActor


def valid_display_name(text: str, path: str = "displayName") -> str:
    """A guest's name without surrounding or doubled white space, or `Invalid`."""
    name = one_line(text)
    low, high = DISPLAY_NAME_LENGTH
    if not (low <= len(name) <= high and has_visible(name)):
        raise Invalid.field(path, f"A name has {low} to {high} visible characters.", "length")
    return name
