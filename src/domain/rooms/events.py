"""Room events: every committed change of a room, numbered without gaps per room."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from synctv.domain.chat.message import Message
from synctv.domain.ids import AccountId, FolderId, Micros, RoomId
from synctv.domain.library.item import MediaItem
from synctv.domain.playback.playback import Playback


@dataclass(frozen=True, slots=True)
class PlaybackChanged:
    """The playback is now this. `item` is the whole item that plays."""

    playback: Playback
    item: MediaItem | None


@dataclass(frozen=True, slots=True)
class ChatPosted:
    """Somebody wrote a message."""

    message: Message


@dataclass(frozen=True, slots=True)
class ChatChanged:
    """A message became another version, or was deleted."""

    message: Message


@dataclass(frozen=True, slots=True)
class LibraryChanged:
    """Items of a folder, folders in it or the folder itself were added, moved, renamed or removed."""

    folder_id: FolderId | None


class MemberChange(StrEnum):
    """What happened to a membership."""

    JOINED = "joined"
    REQUESTED = "requested"
    REJECTED = "rejected"
    LEFT = "left"
    KICKED = "kicked"
    ACCESS = "access"


@dataclass(frozen=True, slots=True)
class MemberChanged:
    """One membership changed; its holder's permissions may have changed with it."""

    account_id: AccountId
    change: MemberChange


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """The name, the settings or anything else that a person may edit; everybody's permissions may have changed."""

    guest_version: int


@dataclass(frozen=True, slots=True)
class RoomDeleted:
    """The room is gone."""


RoomEvent = PlaybackChanged | ChatPosted | ChatChanged | LibraryChanged | MemberChanged | RoomChanged | RoomDeleted


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event with its place in the room's order: the first one has `seq` 1 and none is ever missing."""

    room_id: RoomId
    seq: int
    at: Micros
    event: RoomEvent
