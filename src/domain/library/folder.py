"""The folders of a room's library: a tree of bounded size, of which the top is no folder itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from synctv.domain.errors import Invalid, NotFound, QuotaExceeded
from synctv.domain.ids import CredentialId, FolderId, Micros, RoomId
from synctv.domain.rooms.actor import ActorRef

MAX_FOLDERS = 500
MAX_DEPTH = 8
"""So many folders at most lie in each other."""
MAX_PATH = 2_000


@dataclass(frozen=True, slots=True)
class DynamicSource:
    """What a dynamic folder shows: a folder of a provider, as the holder of a credential (None: as nobody) sees it.

    `path` is the provider's own and means nothing to anybody else; the empty one is its top.
    """

    provider: str
    path: str
    credential_id: CredentialId | None


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder. `parent_id` None: it lies at the top. What is in a `dynamic` one comes live from a provider."""

    id: FolderId
    room_id: RoomId
    parent_id: FolderId | None
    title: str
    dynamic: DynamicSource | None
    added_by: ActorRef
    added_at: Micros
    rank: int
    version: int

    def renamed(self, title: str) -> Folder:
        """The folder under another title."""
        return replace(self, title=title, version=self.version + 1)

    def moved(self, rank: int, parent_id: FolderId | None) -> Folder:
        """The folder, with everything in it, at another place of this parent."""
        return replace(self, rank=rank, parent_id=parent_id, version=self.version + 1)

    def must_be_fillable(self, path: str) -> None:
        """Raises `Invalid` for this field where a dynamic folder is to hold something of our own."""
        if self.dynamic is not None:
            raise Invalid.field(
                path,
                "This folder shows what a provider has, and nothing can be put into it. Choose another.",
                "dynamic",
            )


@dataclass(frozen=True, slots=True)
class FolderTree:
    """All folders of a room, by rank, then id, and how they lie in each other."""

    folders: Sequence[Folder]

    def get(self, folder_id: FolderId) -> Folder:
        """The folder. Raises `NotFound`."""
        found = next((folder for folder in self.folders if folder.id == folder_id), None)
        if found is None:
            raise NotFound("folder")
        return found

    def must_have(self, folder_id: FolderId | None) -> None:
        """Raises `NotFound` unless the folder is there. The top always is."""
        if folder_id is not None:
            self.get(folder_id)

    def inside(self, parent_id: FolderId | None) -> list[Folder]:
        """The folders right in this one, in their order. None is the top."""
        return [folder for folder in self.folders if folder.parent_id == parent_id]

    def way_to(self, folder_id: FolderId | None) -> list[Folder]:
        """The folders that one goes through from the top, this one last. Raises `NotFound`."""
        way: list[Folder] = []
        while folder_id is not None and len(way) < MAX_DEPTH:
            way.insert(0, self.get(folder_id))
            folder_id = way[0].parent_id
        return way

    def below(self, folder_id: FolderId | None) -> list[Folder]:
        """Everything that lies in this one, however deep, what is nearer first."""
        return [folder for level in self._levels(folder_id) for folder in level]

    def must_take(self, parent_id: FolderId | None, moving: FolderId | None = None) -> None:
        """Raises `Invalid` unless `moving` with all that is in it, or a new folder, may lie in this parent.

        Raises `NotFound` without such a parent.
        """
        way = self.way_to(parent_id)
        if way:
            way[-1].must_be_fillable("parentId")
        if moving is not None and moving in {folder.id for folder in way}:
            raise Invalid.field("parentId", "A folder can't lie in itself. Choose another.", "cycle")
        height = 1 if moving is None else 1 + len(self._levels(moving))
        if len(way) + height > MAX_DEPTH:
            raise Invalid.field(
                "parentId", f"At most {MAX_DEPTH} folders lie in each other. Choose one that is higher up.", "depth"
            )

    def must_have_room(self) -> None:
        """Raises `QuotaExceeded` unless there may be one more."""
        if len(self.folders) >= MAX_FOLDERS:
            raise QuotaExceeded("folders in this room", MAX_FOLDERS)

    def _levels(self, folder_id: FolderId | None) -> list[list[Folder]]:
        levels: list[list[Folder]] = []
        level = self.inside(folder_id)
        while level and len(levels) < MAX_DEPTH:
            levels.append(level)
            above = {folder.id for folder in level}
            level = [folder for folder in self.folders if folder.parent_id in above]
        return levels


def valid_dynamic(source: DynamicSource) -> DynamicSource:
    """The source, or `Invalid`."""
    if len(source.path) > MAX_PATH:
        raise Invalid.field("path", f"A path has at most {MAX_PATH:,} characters.", "length")
    return source
