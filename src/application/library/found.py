"""Items made of what providers found."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.ports.providers import ResolvedSource
from synctv.domain.ids import CredentialId, FolderId, ItemId, Micros, RoomId
from synctv.domain.library.item import MediaItem, Origin, valid_cover
from synctv.domain.rooms.actor import ActorRef


@dataclass(frozen=True, slots=True)
class Behalf:
    """Where items come from, and on whose behalf they are fetched: with a login of who counts as having added them."""

    provider: str
    credential_id: CredentialId | None
    added_by: ActorRef
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an item goes."""

    room_id: RoomId
    folder_id: FolderId | None
    rank: int


def item_of(id: ItemId, found: ResolvedSource, behalf: Behalf, spot: Spot, now: Micros) -> MediaItem:
    """A new item."""
    return MediaItem(
        id=id,
        room_id=spot.room_id,
        folder_id=spot.folder_id,
        title=found.title,
        provider=behalf.provider,
        kind=found.kind,
        source=found.source,
        duration=found.duration,
        added_by=behalf.added_by,
        added_at=now,
        rank=spot.rank,
        version=1,
        credential_id=behalf.credential_id,
        cover=valid_cover(found.cover),
        origin=behalf.origin,
    )
