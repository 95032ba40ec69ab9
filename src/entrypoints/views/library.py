"""Media items and folders."""

from __future__ import annotations

from msgspec import Struct

from synctv.domain.ids import FolderId, ItemId
from synctv.domain.library.folder import Folder
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


class FolderView(Struct, frozen=True, rename="camel"):
    """A folder; `parentId` null: it lies at the top. What a `dynamic` one shows, `provider` tells live.

    Where it is there, and under whose login it is read, stays inside.
    """

    id: FolderId
    parent_id: FolderId | None
    title: str
    dynamic: bool
    provider: str | None
    added_by: ActorView
    added_at: Instant
    version: int

    @classmethod
    def of(cls, folder: Folder) -> FolderView:
        """The view of a folder."""
        return cls(
            id=folder.id,
            parent_id=folder.parent_id,
            title=folder.title,
            dynamic=folder.dynamic is not None,
            provider=folder.dynamic.provider if folder.dynamic else None,
            added_by=ActorView.of(folder.added_by),
            added_at=instant(folder.added_at),
            version=folder.version,
        )
