"""A media item: one entry of a room's library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from synctv.domain.errors import Invalid
from synctv.domain.ids import CredentialId, FolderId, ItemId, Micros, RoomId
from synctv.domain.rooms.actor import ActorRef
from synctv.domain.text import has_visible, one_line

TITLE_LENGTH = (1, 200)
MAX_ITEMS = 5_000
"""In all folders of a room."""
COVER_LENGTH = 2_000
MAX_DURATION_SECONDS = 60 * 60 * 24 * 31.0


class MediaKind(StrEnum):
    """What kind of thing plays. A live item has no position that could be shared."""

    VIDEO = "video"
    AUDIO = "audio"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an item was chosen: in a dynamic folder of its room, at the provider's `path` of it or of one within."""

    folder_id: FolderId
    path: str


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One entry. `source` is the provider's own description of it; `duration` is in seconds, None while unknown.

    `rank` orders the items of a folder; see `synctv.domain.library.order`. `credential_id` is the login on whose behalf
    it is fetched, of whoever added it; it may be gone by now. `cover` is the address of a picture. `origin` is where it
    was chosen, if that was a dynamic folder, which may be gone, too.
    """

    id: ItemId
    room_id: RoomId
    folder_id: FolderId | None
    title: str
    provider: str
    kind: MediaKind
    source: Mapping[str, object]
    duration: float | None
    added_by: ActorRef
    added_at: Micros
    rank: int
    version: int
    credential_id: CredentialId | None = None
    cover: str | None = None
    origin: Origin | None = None

    def renamed(self, title: str) -> MediaItem:
        """The item under another title."""
        return replace(self, title=title, version=self.version + 1)

    def moved(self, rank: int, folder_id: FolderId | None) -> MediaItem:
        """The item at another place, of this folder."""
        return replace(self, rank=rank, folder_id=folder_id, version=self.version + 1)

    def lasting(self, duration: float) -> MediaItem:
        """The item with the duration that was learned from a player."""
        return replace(self, duration=duration, version=self.version + 1)


def valid_title(text: str, path: str = "title") -> str:
    """The title without surrounding or doubled white space, or `Invalid`."""
    title = one_line(text)
    low, high = TITLE_LENGTH
    if not (low <= len(title) <= high and has_visible(title)):
        raise Invalid.field(path, f"A title has {low} to {high} characters.", "length")
    return title


def valid_cover(address: str | None) -> str | None:
    """The address of a cover that pages may show: http(s), with a host, without white space; else None."""
    if address is None or len(address) > COVER_LENGTH or not address.isprintable() or " " in address:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.hostname and parts.username is None else None
