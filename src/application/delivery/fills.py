"""All slices on their way: each is fetched once however many want it, and no more at once than there is room for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from synctv.application.delivery.fill import Fill, NothingThere, SendsNoParts
from synctv.application.delivery.places import Place, Places
from synctv.application.delivery.source import Source
from synctv.application.delivery.tally import MediaTally
from synctv.application.ports.slices import SliceId, SliceStore
from synctv.application.realtime.tasks import Tasks
from synctv.domain.delivery.media_object import MediaObject, ResourceId
from synctv.domain.errors import DomainError, Unavailable

Learned = Callable[[ResourceId, MediaObject | None], None]


class Lease:
    """One reader's share in a fill. It is released once; more often does nothing."""

    def __init__(self, fills: Fills, fill: Fill) -> None:
        self._fills = fills
        self._held = True
        self.fill = fill
        fill.readers += 1

    def release(self, *, finish: bool = False) -> None:
        """Reads no more. When it was the last reader the fill is given up, unless it is more than half done or is to
        be finished all the same."""
        if self._held:
            self._held = False
            self.fill.readers -= 1
            if not self.fill.readers:
                self._fills.unread(self.fill, finish=finish)


class Fills:
    """Starts and shares fills. `places` of them hold a buffer at the same time; the others wait in the line of
    their host, or for upstreams that are slow to begin.

    `learned` is told of each version that an upstream showed, or None for a thing of which it sends no parts.
    """

    def __init__(
        self, store: SliceStore, tasks: Tasks, tally: MediaTally, slice_bytes: int, places: int, learned: Learned
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._tally = tally
        self._slice_bytes = slice_bytes
        self._places = Places(places)
        self._learned = learned
        self._by_slice: dict[SliceId, Fill] = {}
        self._unknown: dict[ResourceId, Fill] = {}
        self._tasks_of: dict[Fill, asyncio.Task[None]] = {}

    @property
    def count(self) -> int:
        """How many are on their way or in line."""
        return len(self._tasks_of)

    @property
    def roomy(self) -> bool:
        """Whether there is room for what nobody waits for yet."""
        return self._places.roomy

    def join(self, slice_id: SliceId, media: MediaObject, source: Source) -> Lease:
        """A share in the fill of this slice, which is begun unless it is on its way."""
        fill = self._by_slice.get(slice_id)
        if fill is None:
            fill = Fill(slice_id.resource, slice_id.index, self._slice_bytes, source, self._seen)
            fill.media = media
            self._by_slice[slice_id] = fill
            self._start(fill, slice_id)
        else:
            self._tally.joined += 1
        return Lease(self, fill)

    def introduce(self, resource: ResourceId, index: int, source: Source) -> Lease:
        """A share in a fill of a thing of which nothing is known: of this slice, or of one that somebody else wants."""
        fill = self._unknown.get(resource)
        if fill is None:
            fill = Fill(resource, index, self._slice_bytes, source, self._seen)
            self._unknown[resource] = fill
            self._start(fill, None)
        return Lease(self, fill)

    def unread(self, fill: Fill, *, finish: bool) -> None:
        """Nobody reads it any more."""
        fill.tell()
        task = self._tasks_of.get(fill)
        if task is None or fill.done or finish or fill.have * 2 > len(fill.buffer) > 0:
            return
        self._forget(fill)
        self._tally.abandoned_fills += 1
        task.cancel()

    def _start(self, fill: Fill, slice_id: SliceId | None) -> None:
        task = self._tasks.start(self._run(fill, slice_id), "filling a slice")
        self._tasks_of[fill] = task
        task.add_done_callback(lambda _: self._ended(fill))

    async def _run(self, fill: Fill, slice_id: SliceId | None) -> None:
        place = Place(self._places, fill.host)
        try:
            await place.enter()
            # It may have been stored between somebody's look into the store and now.
            if slice_id is not None and await self._store.has(slice_id):
                fill.finish(stored=True)
            else:
                await self._filled(fill, place)
        except (DomainError, SendsNoParts, NothingThere) as error:
            self._tally.failed_fills += 1
            # Whoever comes after those who hear of this tries again.
            self._forget(fill)
            fill.fail(error)
        finally:
            place.leave()

    async def _filled(self, fill: Fill, place: Place) -> None:
        self._tally.fills += 1
        slice_id, media = await fill.fetch(self._tally, place)
        stored = await self._store.put(slice_id, media, fill.buffer)
        fill.finish(stored=stored)
        if not stored:
            self._tally.bypasses += 1
            # Its buffer counts as long as there is one.
            await fill.unread()

    def _seen(self, fill: Fill, media: MediaObject | None) -> None:
        self._learned(fill.resource, media)
        if (known := fill.id) is not None:
            self._by_slice.setdefault(known, fill)

    def _ended(self, fill: Fill) -> None:
        self._forget(fill)
        if not fill.done:
            fill.fail(Unavailable("media proxy"))

    def _forget(self, fill: Fill) -> None:
        self._tasks_of.pop(fill, None)
        if self._unknown.get(fill.resource) is fill:
            del self._unknown[fill.resource]
        known = fill.id
        if known is not None and self._by_slice.get(known) is fill:
            del self._by_slice[known]
