"""Findings: what was found behind a pasted text, a source, or in a folder of a provider, before anything is added.

A finding is kept for a while under a secret id for who looked, the newest few of each, so that what is chosen from it
needs not be looked at again, and nobody can make up a source that no provider gave.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from synctv.application.ports.ids import Ids
from synctv.application.ports.providers import Crumb, ListedFolder, Listing, ResolvedSource
from synctv.application.ports.short_lived import ShortLived
from synctv.domain.errors import FlowOver
from synctv.domain.ids import CredentialId, FolderId, RoomId
from synctv.domain.library.folder import Folder
from synctv.domain.library.item import MediaKind
from synctv.domain.rooms.actor import Actor, ActorKind, ActorRef

KEPT_SECONDS = 1_800.0
"""As long as somebody may look at a list before they choose."""
KEPT = 40
"""So many findings are kept of each who looks, the newest ones: nobody fills the store of all by looking around."""
_COUNTED_SECONDS = 86_400.0
"""So long it is known which place comes next. After that the first one does, whatever lies there."""

Entry = ListedFolder | ResolvedSource

_PLACES = frozenset(str(place) for place in range(KEPT))


@dataclass(frozen=True, slots=True)
class Finding:
    """Entries of one provider. `path` is the folder that was looked into, None where it was something else.

    `address` is the one that was looked at, where it was made of a text that is none by itself.
    `dynamic` is the dynamic folder of the room that this is a page of, or of a folder within, and `behalf` who added
    that: it is played with their login.
    """

    id: str
    provider: str
    credential_id: CredentialId | None
    entries: Sequence[Entry]
    crumbs: Sequence[Crumb] = ()
    next_cursor: str | None = None
    total: int | None = None
    path: str | None = None
    behalf: ActorRef | None = None
    dynamic: FolderId | None = None
    address: str | None = None

    def leads_to(self, path: str) -> bool:
        """Whether it lists a folder at this path. The way above it does not count."""
        return any(isinstance(entry, ListedFolder) and entry.path == path for entry in self.entries)

    def folder_titled(self, path: str) -> str | None:
        """The title of a folder of this finding: one that was listed, or one on the way. None for any other path."""
        titles = {crumb.path: crumb.title for crumb in self.crumbs}
        titles |= {entry.path: entry.title for entry in self.entries if isinstance(entry, ListedFolder)}
        return titles.get(path)


@dataclass(frozen=True, slots=True)
class Findings:
    """Keeps what was found in short-lived state. When that is lost, one looks again."""

    short_lived: ShortLived
    ids: Ids

    async def keep(
        self,
        actor: Actor,
        room_id: RoomId,
        provider: str,
        credential_id: CredentialId | None,
        listing: Listing,
        *,
        path: str | None = None,
        dynamic: Folder | None = None,
        address: str | None = None,
    ) -> Finding:
        """The finding of these entries, under a new id."""
        place = await self.short_lived.count(f"findings:{_whose(actor)}", _COUNTED_SECONDS) % KEPT
        finding = Finding(
            id=f"{place}-{self.ids.secret()}",
            provider=provider,
            credential_id=credential_id,
            entries=listing.entries,
            crumbs=listing.crumbs,
            next_cursor=listing.next_cursor,
            total=listing.total,
            path=path,
            behalf=dynamic.added_by if dynamic else None,
            dynamic=dynamic.id if dynamic else None,
            address=address,
        )
        await self.short_lived.put(_key(actor, place), _packed(finding, room_id), KEPT_SECONDS)
        return finding

    async def get(self, actor: Actor, room_id: RoomId, finding_id: str) -> Finding:
        """What the actor found in this room. Raises `FlowOver` when it is no longer known, or was never theirs."""
        place = finding_id.partition("-")[0]
        known = place in _PLACES and await self.short_lived.get(_key(actor, int(place)))
        content = json.loads(known) if known else {}
        if (content.get("id"), content.get("room")) != (finding_id, room_id):
            raise FlowOver("This list is no longer known here. Look again, and then choose.")
        return _unpacked(content)


def _key(actor: Actor, place: int) -> str:
    # With who looked in it, so that an id that got known is of use to nobody else.
    return f"finding:{_whose(actor)}:{place}"


def _whose(actor: Actor) -> str:
    return sha256(f"{actor.ref.kind}\0{actor.id}".encode()).hexdigest()


def _packed(finding: Finding, room_id: RoomId) -> bytes:
    content = {
        "id": finding.id,
        "room": room_id,
        "provider": finding.provider,
        "credential": finding.credential_id,
        "path": finding.path,
        "behalf": None if finding.behalf is None else asdict(finding.behalf),
        "dynamic": finding.dynamic,
        "crumbs": [asdict(crumb) for crumb in finding.crumbs],
        "entries": [_entry(entry) for entry in finding.entries],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _entry(entry: Entry) -> Mapping[str, object]:
    return {"folder": isinstance(entry, ListedFolder), **asdict(entry)}


def _unpacked(content: Mapping[str, Any]) -> Finding:
    credential, behalf, dynamic = content["credential"], content["behalf"], content["dynamic"]
    return Finding(
        id=content["id"],
        provider=content["provider"],
        credential_id=None if credential is None else CredentialId(credential),
        entries=[_read(entry) for entry in content["entries"]],
        crumbs=[Crumb(**crumb) for crumb in content["crumbs"]],
        path=content["path"],
        behalf=None if behalf is None else ActorRef(behalf["id"], behalf["name"], ActorKind(behalf["kind"])),
        dynamic=None if dynamic is None else FolderId(dynamic),
    )


def _read(entry: dict[str, object]) -> Entry:
    fields = {name: value for name, value in entry.items() if name != "folder"}
    if entry["folder"]:
        return ListedFolder(**fields)  # type: ignore[arg-type] # written by `_entry`
    return ResolvedSource(**{**fields, "kind": MediaKind(str(fields["kind"]))})  # type: ignore[arg-type]
