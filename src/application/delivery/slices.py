"""Media of other servers, handed on in slices that are fetched once and kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass

from synctv.application.delivery.answer import MediaAnswer, MediaRequest
from synctv.application.delivery.catalogue import Catalogue, Known
from synctv.application.delivery.fill import NothingThere, SendsNoParts
from synctv.application.delivery.fills import Fills, Lease
from synctv.application.delivery.handing_on import handed_on
from synctv.application.delivery.plan import Plan, plan
from synctv.application.delivery.reader import Reader, Stock
from synctv.application.delivery.source import Beyond, Part, Patience, Renew, Source
from synctv.application.delivery.streams import LARGEST_PIECE, Streams
from synctv.application.delivery.tally import MediaTally
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch
from synctv.application.ports.slices import FileRegion, Piece, SliceStore
from synctv.application.realtime.tasks import Tasks
from synctv.domain.delivery.media_object import MediaObject, ResourceId, described, resource_of
from synctv.domain.delivery.offer import Upstream
from synctv.domain.delivery.ranges import From, Span, Unsatisfiable, parse_range
from synctv.domain.errors import UpstreamFailed, UpstreamFormat

log = logging.getLogger(__name__)

MIB = 1 << 20

PROBE_SECONDS = 15.0
"""So long somebody waits for what only tells whether a medium changed."""


@dataclass(frozen=True, slots=True)
class SliceLimits:
    """Sizes in bytes, times in seconds.

    A thing is fresh for `ttl` after an upstream was asked about it; for `stale_max_age` after that it is still served
    while somebody looks whether it changed. `in_flight_bytes` bounds what is in memory on its way: half of it is for
    what viewers are sent, three eighths are for slices that are fetched, and the rest is what connections take.
    """

    slice_bytes: int = 2 * MIB
    ttl: float = 600.0
    stale_max_age: float = 86_400.0
    in_flight_bytes: int = 64 * MIB

    @property
    def places(self) -> int:
        """How many slices may be fetched at once."""
        return max(1, self.in_flight_bytes * 3 // 8 // self.slice_bytes)


class SlicedMedia:
    """Opens media. Without a store everything is handed on as it comes.

    The bytes of an answer are of one version from the first to the last; when the upstream replaces it meanwhile, the
    answer ends with an error instead.
    """

    def __init__(
        self,
        fetch: Fetch,
        clock: Clock,
        store: SliceStore | None,
        limits: SliceLimits | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.tally = MediaTally()
        self.store = store
        self.streams = Streams((limits or SliceLimits()).in_flight_bytes // 2)
        self._fetch = fetch
        self._clock = clock
        self._limits = limits or SliceLimits()
        self._patience = patience
        self._catalogue = Catalogue()
        self._tasks = Tasks()
        self._looking: dict[ResourceId, asyncio.Task[None]] = {}
        self._stock = None if store is None else self._stocked(store)

    def _stocked(self, store: SliceStore) -> Stock:
        size, places = self._limits.slice_bytes, self._limits.places
        fills = Fills(store, self._tasks, self.tally, size, places, self._learn)
        return Stock(store, fills, self.streams, self.tally, size)

    # ------------------------------------------------------------ life

    async def run(self) -> None:
        """Keeps what is fetched going until cancelled; `open` needs it to run."""
        async with self._tasks:
            await asyncio.get_running_loop().create_future()

    @property
    def fills_in_flight(self) -> int:
        """How many slices are on their way or in line."""
        return self._stock.fills.count if self._stock else 0

    def forget(self, resource: ResourceId | None = None) -> None:
        """Asks upstreams anew about a thing, or about everything, when it is next wanted."""
        self._catalogue.forget(resource)

    # ------------------------------------------------------------ opening

    async def open(
        self, upstream: Upstream, request: MediaRequest, renew: Renew | None = None, *, any_type: bool = False
    ) -> MediaAnswer:
        """The answer to a GET or HEAD of what is at the upstream.

        `renew` resolves the address anew when the upstream says that it is not (or no longer) good. Pages
        are refused in the place of media, unless it is no media that is wanted (`any_type`). Raises what the
        fetch port raises, the `UpstreamFailed` that the upstream's status means, and `Unavailable` when more is being
        sent already than the bounds allow.
        """
        source = Source(self._fetch, self._clock, upstream, renew, self._patience, any_type=any_type)
        async with AsyncExitStack() as stack:
            stack.enter_context(self.streams.one_more())
            return await self._opened(resource_of(upstream), source, request, stack)

    async def _opened(
        self, resource: ResourceId, source: Source, request: MediaRequest, stack: AsyncExitStack
    ) -> MediaAnswer:
        stock = self._stock
        if stock is None:
            return await handed_on(source, request, self.tally, stack)
        try:
            media, first = await self._met(stock, resource, source, request)
        except SendsNoParts:
            return await handed_on(source, request, self.tally, stack)
        if first is not None:
            # When there is no body, or nobody reads it, what was begun may as well be finished.
            stack.callback(first.release, finish=True)
        planned = plan(request, media)
        if not planned.spans or request.method == "HEAD":
            return MediaAnswer(planned.status, planned.headers)
        reader = Reader(stock, source, resource, media, first, takes_files=request.takes_files)
        stack.push_async_callback(reader.aclose)
        await reader.begin(planned.spans[0].start, planned.spans[0].end)
        return MediaAnswer(planned.status, planned.headers, self._body(reader, planned), stack.pop_all())

    async def _body(self, reader: Reader, planned: Plan) -> AsyncGenerator[Piece, None]:
        for index, span in enumerate(planned.spans):
            if planned.multipart is not None:
                yield planned.multipart.head(index)
            position = span.start
            while position < span.end:
                found = await reader.read(position, span.end)
                position += len(found)
                # What counts bytes, and looks who takes them, does so piece by piece: a slice may be long.
                for piece in found.parts(LARGEST_PIECE) if isinstance(found, FileRegion) else (found,):
                    self.tally.served_bytes += len(piece)
                    yield piece
        if planned.multipart is not None:
            yield planned.multipart.tail

    # ------------------------------------------------------------ what the upstream has

    async def _met(
        self, stock: Stock, resource: ResourceId, source: Source, request: MediaRequest
    ) -> tuple[MediaObject, Lease | None]:
        """The version to serve, with a share in the slice by which it was met if it had to be.

        Raises `SendsNoParts` for a thing that has no slices.
        """
        known = await self._known(stock, resource)
        now, limits = self._clock.now(), self._limits
        if known is not None and known.age(now) >= limits.ttl:
            if known.media is None or not known.media.validated:
                known = None
            elif known.age(now) < limits.ttl + limits.stale_max_age:
                self._look(stock, resource, source)
            else:
                await self._look_and_wait(stock, resource, source)
                known = self._catalogue.get(resource)
        if known is not None:
            if known.media is None:
                raise SendsNoParts
            return known.media, None
        self._catalogue.forget(resource)
        return await self._introduced(stock, resource, source, _first_index(request, stock.slice_bytes))

    async def _known(self, stock: Stock, resource: ResourceId) -> Known | None:
        known = self._catalogue.get(resource)
        if known is None and (media := await stock.store.latest(resource)) is not None:
            known = self._catalogue.get(resource)  # somebody may have asked the upstream meanwhile
            if known is None:
                known = Known(media, media.fetched_at)
                self._catalogue.put(resource, known)
        return known

    async def _introduced(
        self, stock: Stock, resource: ResourceId, source: Source, index: int
    ) -> tuple[MediaObject, Lease | None]:
        lease = stock.fills.introduce(resource, index, source)
        try:
            return await lease.fill.version(), lease
        except NothingThere as error:
            lease.release()
            if lease.fill.index > 0:
                # It ends before that. How long it is is told by its beginning, with what it can be recognised by.
                return await self._introduced(stock, resource, source, 0)
            if error.length == 0:
                return described(0, {}, self._clock.now()), None
            raise UpstreamFormat(source.host, "it refuses to send the beginning of the file.") from None
        except BaseException:
            lease.release()
            raise

    def _learn(self, resource: ResourceId, media: MediaObject | None) -> None:
        replaced = self._catalogue.learn(resource, media, self._clock.now())
        if replaced is not None and self._stock is not None:
            keep = media.version(self._limits.slice_bytes) if media else None
            self._tasks.start(self._stock.store.purge(resource, keep), "dropping slices of an old version")

    # ------------------------------------------------------------ looking whether it changed

    def _look(self, stock: Stock, resource: ResourceId, source: Source) -> asyncio.Task[None]:
        """Looks in the background, once for all who ask at the same time."""
        task = self._looking.get(resource)
        if task is None:
            task = self._tasks.start(self._looked(stock, resource, source), "looking whether a medium changed")
            self._looking[resource] = task
            task.add_done_callback(lambda _: self._looking.pop(resource, None))
        return task

    async def _look_and_wait(self, stock: Stock, resource: ResourceId, source: Source) -> None:
        """Looks, and forgets what is known when nobody can tell whether it still holds."""
        await asyncio.shield(self._look(stock, resource, source))
        known = self._catalogue.get(resource)
        if known is not None and known.age(self._clock.now()) >= self._limits.ttl:
            self._catalogue.forget(resource)

    async def _looked(self, stock: Stock, resource: ResourceId, source: Source) -> None:
        try:
            async with asyncio.timeout(PROBE_SECONDS), source.part(Span(0, 1)) as answer:
                match answer:
                    case Part(media=media):
                        self._learn(resource, media)
                    case Beyond():
                        self._catalogue.forget(resource)
                    case _:
                        self._learn(resource, None)
        except (UpstreamFailed, TimeoutError) as error:
            log.info("An upstream could not be asked whether a medium changed: %s", error)


def _first_index(request: MediaRequest, slice_bytes: int) -> int:
    """The slice in which the first byte lies that is asked for, as far as one can tell without the length."""
    try:
        asked = parse_range(request.range)
    except Unsatisfiable:
        return 0
    match asked:
        case (From(first, _), *_):
            return first // slice_bytes
        case _:
            return 0
