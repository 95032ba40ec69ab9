"""What is kept of media, as the operator sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synctv.application.delivery.slices import SlicedMedia
from synctv.application.delivery.tally import MediaTally
from synctv.application.ports.slices import Dropped, SliceStore, StoreStats
from synctv.domain.delivery.media_object import ResourceId
from synctv.domain.errors import Invalid, NotFound, PreconditionFailed

MAX_SHOWN = 200
SHORTEST_NAME = 6
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class CacheReport:
    """How the store stands, what was done since the start, what is on its way, and what takes the most room."""

    store: StoreStats
    tally: MediaTally
    bodies: int
    fills: int
    largest: Sequence[tuple[ResourceId, Dropped]]


@dataclass(frozen=True, slots=True)
class OperatedCache:
    """Looks at it, and makes room. All methods raise `PreconditionFailed` on a server that keeps nothing."""

    media: SlicedMedia

    def report(self, largest: int = 0) -> CacheReport:
        """How things stand, with so many of the things that take the most room (at most 200)."""
        store = self._store()
        media = self.media
        shown = store.resources(min(max(largest, 0), MAX_SHOWN))
        return CacheReport(store.stats(), media.tally, media.streams.count, media.fills_in_flight, shown)

    async def evict(self, to_bytes: int) -> Dropped:
        """Makes room until at most so many bytes are kept."""
        if to_bytes < 0:
            raise Invalid.field("toBytes", "Say how many bytes may stay: 0 or more.", "range")
        return await self._store().evict(to_bytes)

    async def purge(self, name: str) -> Dropped:
        """Forgets the thing whose id begins like this, or everything for no name, so that it is fetched anew.

        Raises `NotFound` when nothing is kept of it, and `Invalid` for a name that is too short or fits several.
        """
        store = self._store()
        resource = _named(store, name) if name else None
        self.media.forget(resource)
        return await store.purge(resource)

    def _store(self) -> SliceStore:
        if self.media.store is None:
            raise PreconditionFailed("This server keeps nothing of media: the setting cache.kind is off.")
        return self.media.store


def _named(store: SliceStore, name: str) -> ResourceId:
    if len(name) < SHORTEST_NAME:
        raise Invalid.field("name", f"Give at least {SHORTEST_NAME} characters of the id.", "too_short")
    found = [resource for resource, _ in store.resources(_ALL) if resource.startswith(name.lower())]
    if not found:
        raise NotFound("medium")
    if len(found) > 1:
        raise Invalid.field("name", f"{len(found)} ids begin like this. Give more of it.", "ambiguous")
    return found[0]
