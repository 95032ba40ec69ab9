"""Asks once for what many want, and no site too often."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from synctv.adapters.extractors.expiry import runs_out
from synctv.adapters.extractors.extractor import KEPT_SECONDS, Extraction, Extractor, Job
from synctv.adapters.extractors.pages import site_of
from synctv.adapters.kept import Kept
from synctv.application.ports.clock import Clock
from synctv.domain.errors import UpstreamLimited
from synctv.domain.ids import Micros, seconds_after

MARGIN_SECONDS = 300.0
"""What is about to run out is asked for again so long before."""
PLACES = 200
PAUSE_SECONDS = 1.0
PER_SECOND = 2
PATIENCE_SECONDS = 10.0
MAX_SITES = 1_000


class Pace:
    """At most so many calls a second to each site; who comes too early waits its turn, but not for long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next: OrderedDict[str, Micros] = OrderedDict()

    async def turn(self, site: str) -> None:
        """Returns when the site may be called. Raises `UpstreamLimited` where too many wait already."""
        now = self._clock.now()
        slot = max(now, self._next.get(site, now))
        if slot > seconds_after(now, PATIENCE_SECONDS):
            raise UpstreamLimited(site, PATIENCE_SECONDS)
        self._next[site] = seconds_after(slot, 1 / PER_SECOND)
        self._next.move_to_end(site)
        if len(self._next) > MAX_SITES:
            self._next.popitem(last=False)
        await self._clock.sleep_until(slot)


class CachedExtractor(Extractor):
    """Keeps what another one found for as long as the job takes it, or until five minutes before it runs out.

    Whoever asks for the same on behalf of the same account in the meantime gets the same; failures are shared by those
    who waited for them, and kept for nobody else.
    """

    def __init__(self, inner: Extractor, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock
        self._pace = Pace(clock)
        self._kept: Kept[Extraction] = Kept(clock, places=PLACES, seconds=KEPT_SECONDS, pause_seconds=PAUSE_SECONDS)

    async def extract(self, job: Job) -> Extraction:
        """What the page shows, or showed a short while ago."""

        async def load() -> Extraction:
            await self._pace.turn(site_of(job.url))
            return await self._inner.extract(job)

        name = _name(job)
        found = await self._kept.get(name, load)
        fresh = min(seconds_after(found.at, job.max_age), seconds_after(_end(found), -MARGIN_SECONDS))
        if self._clock.now() < fresh:
            return found
        return await self._kept.renewed(name, load)


def _end(found: Extraction) -> Micros:
    urls = [url for one in found.info.formats for url in (one.url, one.manifest_url) if url]
    return runs_out(urls, found.at) if urls else seconds_after(found.at, KEPT_SECONDS + MARGIN_SECONDS)


def _name(job: Job) -> str:
    parts = (job.tool, job.url, job.cookies, str(job.whole))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
