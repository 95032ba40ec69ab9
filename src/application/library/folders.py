"""The folders of a room's library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synctv.application.library.places import Into, own, require_to_change, tell
from synctv.application.playback.control import PlaybackControl
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.providers import Browses, Provider
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.application.rooms.access import Access
from synctv.domain.errors import Invalid, NotFound, VersionConflict
from synctv.domain.ids import FolderId, RoomId
from synctv.domain.library.folder import DynamicSource, Folder, FolderTree, valid_dynamic
from synctv.domain.library.item import MediaItem, valid_title
from synctv.domain.library.order import place_before, rank_at_end
from synctv.domain.rooms.actor import Actor
from synctv.domain.rooms.permissions import Permission


@dataclass(frozen=True, slots=True)
class FolderPage:
    """What is in a folder: the folders in it, and one page of its items, from an offset on.

    `way` are the folders that lead to it from the top, itself last. `next_offset` is None at the end.
    """

    way: Sequence[Folder]
    folders: Sequence[Folder]
    items: Sequence[MediaItem]
    next_offset: int | None
    total: int


@dataclass(frozen=True, slots=True)
class MoveFolder:
    """To right ahead of another folder in the same one, or to the end (None)."""

    before: FolderId | None


@dataclass(frozen=True, slots=True)
class LibraryFolders:
    """Makes, shows, changes, empties and removes folders."""

    transactions: Transactions
    access: Access
    providers: Mapping[str, Provider]
    playback: PlaybackControl
    clock: Clock
    ids: Ids

    async def list(
        self, actor: Actor, room_id: RoomId, folder_id: FolderId | None, *, offset: int, limit: int
    ) -> FolderPage:
        """What is in a folder, in its order. Raises `NotFound` for a folder that isn't there."""
        async with self.transactions.read() as tx:
            (await self.access.standing(tx, actor, room_id)).require(Permission.BROWSE_LIBRARY)
            tree = FolderTree(await tx.folders.of_room(room_id))
            way = tree.way_to(folder_id)
            total = await tx.library.count(room_id, folder_id)
            items = await tx.library.in_order(room_id, folder_id, offset=offset, limit=limit)
        following = offset + len(items)
        return FolderPage(way, tree.inside(folder_id), items, following if following < total else None, total)

    async def create(self, actor: Actor, room_id: RoomId, title: str, parent_id: FolderId | None) -> Folder:
        """Makes an empty folder, the last one of its parent.

        Raises `Denied`, `Invalid`, `NotFound` for the parent, and `QuotaExceeded`.
        """
        return await self._add(actor, room_id, title, parent_id, None)

    async def create_dynamic(
        self, actor: Actor, room_id: RoomId, title: str, parent_id: FolderId | None, source: DynamicSource
    ) -> Folder:
        """The same for a folder whose content comes live from a provider.

        That the credential is the actor's own, and that the path leads somewhere, is the caller's to know.
        """
        if not isinstance(self.providers.get(source.provider), Browses):
            known = ", ".join(sorted(name for name, one in self.providers.items() if isinstance(one, Browses)))
            raise Invalid.field("provider", f"This provider shows no folders. These do: {known or 'none'}.", "choice")
        return await self._add(actor, room_id, title, parent_id, valid_dynamic(source))

    async def edit(
        self,
        actor: Actor,
        room_id: RoomId,
        folder_id: FolderId,
        *,
        title: str | None,
        move: MoveFolder | None,
        into: Into | None,
        expected_version: int | None,
    ) -> Folder:
        """Renames and moves a folder with all that is in it: one's own, or any with the permission to.

        `into` comes first, so that `move` means a place of the parent that the folder is in afterwards. No change, no
        event.
        """
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id, lock=True)
            standing.require(Permission.BROWSE_LIBRARY)
            tree = FolderTree(await tx.folders.of_room(room_id))
            before = folder = tree.get(folder_id)
            if expected_version is not None and expected_version != folder.version:
                raise VersionConflict("folder", folder)
            if title is not None:
                require_to_change(standing, folder, Permission.DELETE_MEDIA)
                folder = await self._save(tx, folder.renamed(valid_title(title)))
            if move is not None or into is not None:
                require_to_change(standing, folder, Permission.REORDER_MEDIA)
                folder = await self._move(tx, tree, folder, move, into)
            if folder is not before:
                await tell(tx, room_id, (before.parent_id, folder.parent_id, folder.id), self.clock.now())
            return folder

    async def delete(self, actor: Actor, room_id: RoomId, folder_id: FolderId) -> None:
        """Removes a folder with all that is in it; what plays from there stops.

        Nobody needs a permission where they added the folder and everything in it themselves.
        """
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id, lock=True)
            tree = FolderTree(await tx.folders.of_room(room_id))
            folder = tree.get(folder_id)
            gone = [folder, *tree.below(folder_id)]
            ids = [one.id for one in gone]
            all_own = all(own(standing, one) for one in gone)
            if not all_own or await tx.library.others_in(room_id, ids, actor.id):
                standing.require(Permission.DELETE_MEDIA)
            await tx.library.delete_in(room_id, ids)
            await tx.folders.delete(room_id, ids)
            await self.playback.items_removed(tx, room_id, actor)
            await tell(tx, room_id, (folder.parent_id, *ids), self.clock.now())

    async def clear(self, actor: Actor, room_id: RoomId, folder_id: FolderId | None) -> None:
        """Removes all that is in a folder, and leaves the folder. None is the top one. Nothing there, no event."""
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id, lock=True)
            standing.require(Permission.CLEAR_MEDIA)
            tree = FolderTree(await tx.folders.of_room(room_id))
            tree.must_have(folder_id)
            ids = [one.id for one in tree.below(folder_id)]
            if await tx.library.delete_in(room_id, (folder_id, *ids)) or ids:
                await tx.folders.delete(room_id, ids)
                await self.playback.items_removed(tx, room_id, actor)
                await tell(tx, room_id, (folder_id, *ids), self.clock.now())

    async def _add(
        self, actor: Actor, room_id: RoomId, title: str, parent_id: FolderId | None, dynamic: DynamicSource | None
    ) -> Folder:
        title = valid_title(title)
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id, lock=True)
            standing.require(Permission.MANAGE_OWN_MEDIA)
            tree = FolderTree(await tx.folders.of_room(room_id))
            tree.must_take(parent_id)
            tree.must_have_room()
            folder = Folder(
                id=FolderId(self.ids.new("list")),
                room_id=room_id,
                parent_id=parent_id,
                title=title,
                dynamic=dynamic,
                added_by=actor.ref,
                added_at=self.clock.now(),
                rank=rank_at_end(tree.inside(parent_id)),
                version=1,
            )
            await tx.folders.add(folder)
            await tell(tx, room_id, (parent_id,), self.clock.now())
            return folder

    async def _move(
        self, tx: Transaction, tree: FolderTree, folder: Folder, move: MoveFolder | None, into: Into | None
    ) -> Folder:
        parent = folder.parent_id if into is None else into.folder_id
        before = move.before if move else None
        if parent != folder.parent_id:
            tree.must_take(parent, folder.id)
        elif move is None or before == folder.id:
            return folder
        # The folder itself may have been renamed since the tree was read.
        siblings = {one.id: one for one in tree.inside(parent) if one.id != folder.id}
        if before is not None and before not in siblings:
            raise NotFound("folder")
        for id, rank in place_before(list(siblings.values()), folder.id, before).items():
            saved = await self._save(tx, siblings.get(id, folder).moved(rank, parent))
            folder = saved if saved.id == folder.id else folder
        return folder

    async def _save(self, tx: Transaction, folder: Folder) -> Folder:
        await tx.folders.update(folder, folder.version - 1)
        return folder
