"""Which slices there are on disk, in the order in which they were wanted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from synctv.adapters.disk.slice_files import SliceFile
from synctv.application.ports.slices import Dropped, SliceId
from synctv.domain.delivery.media_object import MediaObject, ResourceId
from synctv.domain.ids import Micros

_PAGE = 4_096


@dataclass(slots=True)
class Entry:
    """A file, and when all of it was last found good; None where only its header was looked at."""

    file: SliceFile
    verified_at: Micros | None

    @property
    def size(self) -> int:
        """What it takes on disk, as most file systems count."""
        return -(-self.file.stamp.size // _PAGE) * _PAGE


class SliceIndex:
    """All entries, least recently wanted first."""

    def __init__(self) -> None:
        self.stored_bytes = 0
        self._entries: OrderedDict[SliceId, Entry] = OrderedDict()
        self._by_resource: dict[ResourceId, dict[SliceId, Entry]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def resource_count(self) -> int:
        """How many things there are slices of."""
        return len(self._by_resource)

    def get(self, slice_id: SliceId) -> Entry | None:
        """The entry, if it is there."""
        return self._entries.get(slice_id)

    def touch(self, slice_id: SliceId) -> None:
        """Makes it the most recently wanted one, if it is there."""
        if slice_id in self._entries:
            self._entries.move_to_end(slice_id)

    def add(self, file: SliceFile, verified_at: Micros | None) -> Entry:
        """Puts a file in as the most recently wanted one, in place of what was there."""
        self.drop(file.slice_id)
        entry = Entry(file, verified_at)
        self._entries[file.slice_id] = entry
        self._by_resource.setdefault(file.slice_id.resource, {})[file.slice_id] = entry
        self.stored_bytes += entry.size
        return entry

    def add_old(self, file: SliceFile) -> None:
        """Puts a file in as the least recently wanted one, unless it is known."""
        if file.slice_id not in self._entries:
            self.add(file, None)
            self._entries.move_to_end(file.slice_id, last=False)

    def drop(self, slice_id: SliceId) -> int:
        """Takes it out; the bytes that it took."""
        entry = self._entries.pop(slice_id, None)
        if entry is None:
            return 0
        siblings = self._by_resource[slice_id.resource]
        del siblings[slice_id]
        if not siblings:
            del self._by_resource[slice_id.resource]
        self.stored_bytes -= entry.size
        return entry.size

    def oldest(self) -> Iterator[SliceId]:
        """Those that were wanted least recently, for as long as somebody takes them out."""
        while self._entries:
            yield next(iter(self._entries))

    def of(self, resource: ResourceId | None) -> list[SliceId]:
        """The slices of a thing, or all of them."""
        return list(self._entries if resource is None else self._by_resource.get(resource, {}))

    def latest(self, resource: ResourceId) -> MediaObject | None:
        """The newest version of the thing."""
        known = (entry.file.media for entry in self._by_resource.get(resource, {}).values())
        return max(known, key=lambda media: media.fetched_at, default=None)

    def largest(self, limit: int) -> list[tuple[ResourceId, Dropped]]:
        """The things that take most room."""
        found = [
            (resource, Dropped(len(known), sum(entry.size for entry in known.values())))
            for resource, known in list(self._by_resource.items())
        ]
        return sorted(found, key=lambda one: -one[1].stored_bytes)[:limit]
