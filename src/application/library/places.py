"""What items and folders have in common: who may change them, where they go, and telling the room."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from synctv.application.ports.transaction import Transaction
from synctv.application.rooms.access import Standing
from synctv.domain.errors import NotFound
from synctv.domain.ids import FolderId, Micros, RoomId
from synctv.domain.library.folder import Folder
from synctv.domain.library.item import MediaItem
from synctv.domain.rooms.events import LibraryChanged, RoomEvent
from synctv.domain.rooms.permissions import Permission


@dataclass(frozen=True, slots=True)
class Into:
    """To the end of a folder (None: the top one), or to nowhere for what is in it already."""

    folder_id: FolderId | None


def own(standing: Standing, entry: MediaItem | Folder) -> bool:
    """Whether the actor added it."""
    return entry.added_by.id == standing.actor.id


def require_to_change(standing: Standing, entry: MediaItem | Folder, permission: Permission) -> None:
    """Raises `Denied` unless the actor has the permission or, for what they added, manages their own."""
    enough = Permission.MANAGE_OWN_MEDIA if own(standing, entry) and not standing.may(permission) else permission
    standing.require(enough)


async def must_be_fillable(tx: Transaction, room_id: RoomId, folder_id: FolderId | None) -> None:
    """Raises `NotFound` and `Invalid` unless items can be put into the folder. The top one takes any."""
    if folder_id is None:
        return
    folder = await tx.folders.get(room_id, folder_id)
    if folder is None:
        raise NotFound("folder")
    folder.must_be_fillable("folderId")


async def tell(tx: Transaction, room_id: RoomId, touched: Iterable[FolderId | None], now: Micros) -> None:
    """Tells the room of each folder in which something is different now, once."""
    for folder_id in dict.fromkeys(touched):
        await tx.events.append(room_id, _changed(folder_id), now)


def _changed(folder_id: FolderId | None) -> Callable[[int], RoomEvent]:
    return lambda _: LibraryChanged(folder_id)
