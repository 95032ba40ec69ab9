"""Adding what was chosen from a finding: items, or a folder of a provider as a dynamic one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synctv.application.library.findings import Finding, Findings
from synctv.application.library.folders import LibraryFolders
from synctv.application.library.found import Behalf
from synctv.application.library.items import Items
from synctv.application.ports.providers import ListedFolder, ResolvedSource
from synctv.domain.errors import Invalid
from synctv.domain.ids import FolderId, RoomId
from synctv.domain.library.folder import DynamicSource, Folder
from synctv.domain.library.item import MediaItem, Origin
from synctv.domain.rooms.actor import Actor

MAX_CHOSEN = 500


@dataclass(frozen=True, slots=True)
class Adding:
    """Adds without asking the provider again: what it gave is what is added."""

    findings: Findings
    items: Items
    folders: LibraryFolders

    async def add(
        self, actor: Actor, room_id: RoomId, finding_id: str, chosen: Sequence[int], folder_id: FolderId | None
    ) -> Sequence[MediaItem]:
        """The entries with these numbers, in the order of the finding, as items of a folder.

        What is chosen from a dynamic folder counts as added by who made that folder: it plays with their login. Raises
        `FlowOver` for a finding that is no longer known, `Invalid` for what can't be chosen, and what adding raises.
        """
        finding = await self.findings.get(actor, room_id, finding_id)
        behalf = Behalf(finding.provider, finding.credential_id, finding.behalf or actor.ref, _origin(finding))
        return await self.items.add_resolved(actor, room_id, _chosen(finding, chosen), behalf, folder_id)

    async def add_dynamic(
        self,
        actor: Actor,
        room_id: RoomId,
        finding_id: str,
        path: str,
        *,
        title: str | None,
        parent_id: FolderId | None,
    ) -> Folder:
        """A folder that shows live what the provider's folder has.

        The path is one of the finding: a folder that it lists, or one on the way to it. Raises as `add` does.
        """
        finding = await self.findings.get(actor, room_id, finding_id)
        found = finding.folder_titled(path)
        if found is None or finding.behalf is not None:
            raise Invalid.field("path", "This is no folder of that list. Choose one of those that it shows.", "choice")
        source = DynamicSource(finding.provider, path, finding.credential_id)
        return await self.folders.create_dynamic(actor, room_id, title or found, parent_id, source)


def _origin(finding: Finding) -> Origin | None:
    return None if finding.dynamic is None or finding.path is None else Origin(finding.dynamic, finding.path)


def _chosen(finding: Finding, chosen: Sequence[int]) -> Sequence[ResolvedSource]:
    if not 0 < len(set(chosen)) <= MAX_CHOSEN:
        raise Invalid.field("choose", f"Choose 1 to {MAX_CHOSEN} entries.", "length")
    entries = []
    for index in sorted(set(chosen)):
        entry = finding.entries[index] if 0 <= index < len(finding.entries) else None
        if entry is None or isinstance(entry, ListedFolder):
            what = "there is no such entry" if entry is None else "it is a folder"
            raise Invalid.field("choose", f"The entry {index} can't be added: {what}.", "choice")
        entries.append(entry)
    return entries
