"""A room: the place where people watch together."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum

from synctv.domain.errors import Invalid, NotFound
from synctv.domain.ids import AccountId, Micros, RoomId
from synctv.domain.rooms.actor import ActorRef
from synctv.domain.rooms.settings import RoomSettings
from synctv.domain.text import has_visible, one_line, without_control

NAME_LENGTH = (1, 80)
DESCRIPTION_LENGTH = 2_000
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 8


class Visibility(StrEnum):
    """Whether a room shows in the list of rooms, or only to who has its link or code."""

    PUBLIC = "public"
    UNLISTED = "unlisted"


class RoomStatus(StrEnum):
    """Whether people may be in it. A `closed` one is hidden with its owner's account, and comes back with it."""

    ACTIVE = "active"
    BANNED = "banned"
    DELETED = "deleted"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Room:
    """A room. `guest_version` is raised to end every guest's access at once."""

    id: RoomId
    code: str
    name: str
    description: str
    visibility: Visibility
    password_hash: str | None
    owner: ActorRef
    settings: RoomSettings
    status: RoomStatus
    guest_version: int
    created_at: Micros
    version: int

    @property
    def owner_id(self) -> AccountId:
        """The account that created it."""
        return AccountId(self.owner.id)

    @property
    def admits_guests(self) -> bool:
        """Whether a guest may be inside, as far as the room decides it."""
        return self.settings.allow_guests and self.password_hash is None and self.status is RoomStatus.ACTIVE

    @property
    def open_to_all(self) -> bool:
        """Whether an account that opens the room becomes a member without asking."""
        settings = self.settings
        asks = self.password_hash is not None or settings.require_approval
        return self.visibility is Visibility.PUBLIC and settings.auto_join and not asks

    def must_be_open(self) -> None:
        """Raises `NotFound` for a room that is banned or deleted: it is then unavailable for everybody."""
        if self.status is not RoomStatus.ACTIVE:
            raise NotFound("room")

    def changed(
        self,
        *,
        name: str,
        description: str,
        visibility: Visibility,
        password_hash: str | None,
        settings: RoomSettings,
    ) -> Room:
        """The room with what people may edit. Losing the right to have guests ends the guests' access."""
        room = replace(
            self,
            name=name,
            description=description,
            visibility=visibility,
            password_hash=password_hash,
            settings=settings,
            version=self.version + 1,
        )
        return room.without_guests() if self.admits_guests and not room.admits_guests else room

    def without_guests(self) -> Room:
        """The room with every guest token issued so far made worthless."""
        return replace(self, guest_version=self.guest_version + 1)

    def deleted(self) -> Room:
        """The room, hidden from everybody."""
        return replace(self, status=RoomStatus.DELETED, version=self.version + 1)

    def closed(self) -> Room:
        """The room, hidden from everybody for as long as its owner's account is closed."""
        return replace(self, status=RoomStatus.CLOSED, version=self.version + 1)

    def reopened(self) -> Room:
        """The room after its owner's account came back."""
        return replace(self, status=RoomStatus.ACTIVE, version=self.version + 1)


def valid_room_name(text: str, path: str = "name") -> str:
    """The name without surrounding or doubled white space, or `Invalid`."""
    name = one_line(text)
    low, high = NAME_LENGTH
    if not (low <= len(name) <= high and has_visible(name)):
        raise Invalid.field(path, f"A room's name has {low} to {high} characters.", "length")
    return name


def name_key(text: str) -> str:
    """What searching by name compares: it takes no notice of case, nor of how a character is composed."""
    return unicodedata.normalize("NFKC", text).casefold()


def valid_description(text: str, path: str = "description") -> str:
    """The description without surrounding white space, or `Invalid`."""
    description = without_control(text, keep="\n\t").strip()
    if len(description) > DESCRIPTION_LENGTH:
        raise Invalid.field(path, f"A description has at most {DESCRIPTION_LENGTH:,} characters.", "length")
    return description


def room_code(random: int) -> str:
    """An invite code of 8 characters without look-alikes, from at least 40 random bits."""
    characters = []
    for _ in range(CODE_LENGTH):
        random, digit = divmod(random, len(CODE_ALPHABET))
        characters.append(CODE_ALPHABET[digit])
    return "".join(characters)


def normal_code(text: str) -> str | None:
    """What a person typed as an invite code, in its normal form; None when it can't be one."""
    code = text.strip().replace("-", "").replace(" ", "").upper()
    fits = len(code) == CODE_LENGTH and all(character in CODE_ALPHABET for character in code)
    return code if fits else None
