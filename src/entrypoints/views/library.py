"""Media items."""

from __future__ import annotations

from msgspec import Struct

from synctv.domain.ids import FolderId, ItemId
from synctv.domain.library.item import MediaItem, MediaKind
from synctv.entrypoints.views.actors import ActorView
from synctv.entrypoints.views.times import Instant, instant


class ItemView(Struct, frozen=True, rename="camel"):
    """A media item. `duration` is in seconds, null while unknown, `cover` a picture. The source stays inside:
    it may hold secrets."""

    id: ItemId
    folder_id: FolderId | None
    title: str
    provider: str
    kind: MediaKind
    duration: float | None
    added_by: ActorView
    added_at: Instant
    version: int
    cover: str | None

    @classmethod
    def of(cls, item: MediaItem) -> ItemView:
        """The view of an item."""
        return cls(
            id=item.id,
            folder_id=item.folder_id,
            title=item.title,
            provider=item.provider,
            kind=item.kind,
            duration=item.duration,
            added_by=ActorView.of(item.added_by),
            added_at=instant(item.added_at),
            version=item.version,
            cover=item.cover,
        )

    @classmethod
    def maybe(cls, item: MediaItem | None) -> ItemView | None:
        """The same where there may be no item."""
        return None if item is None else cls.of(item)
