"""What an operator sees and does of what is kept of media."""

from __future__ import annotations

import pytest

from synctv.application.operation.cache import OperatedCache
from synctv.domain.errors import Invalid, NotFound, PreconditionFailed
from tests.application.delivery.media_server import Film
from tests.application.delivery.theatre import SLICE, theatre

LENGTH = SLICE * 3


async def test_the_report_tells_what_is_kept_and_how_it_helped() -> None:
    async with theatre(Film(LENGTH)) as stage:
        await stage.read(key="film")
        await stage.read(key="film")
        await stage.read(key="other", range="bytes=0-0")
        await stage.quiet()
        report = OperatedCache(stage.media).report(largest=1)
    assert (report.store.slices, report.store.resources) == (4, 2)
    assert (report.tally.misses, report.tally.hits, report.tally.fills) == (4, 3, 4)
    assert report.tally.served_bytes == 2 * LENGTH + 1
    assert report.tally.fetched_bytes == LENGTH + SLICE
    assert [dropped.slices for _, dropped in report.largest] == [3]
    assert (report.bodies, report.fills) == (0, 0)


async def test_what_was_purged_is_fetched_anew() -> None:
    async with theatre(Film(LENGTH)) as stage:
        cache = OperatedCache(stage.media)
        await stage.read(key="film")
        ((resource, _),) = cache.report(largest=5).largest
        assert (await cache.purge(resource[:8].upper())).slices == 3
        stage.server.film = Film(LENGTH, seed=1, etag='"two"')
        assert await stage.read(key="film") == stage.film.body
        assert (await cache.purge("")).slices == 3


async def test_a_name_has_to_mean_one_medium() -> None:
    async with theatre(Film(LENGTH)) as stage:
        cache = OperatedCache(stage.media)
        with pytest.raises(NotFound):
            await cache.purge("abcdef")
        with pytest.raises(Invalid):
            await cache.purge("abc")


async def test_room_can_be_made() -> None:
    async with theatre(Film(LENGTH)) as stage:
        cache = OperatedCache(stage.media)
        await stage.read()
        assert (await cache.evict(0)).slices == 3
        with pytest.raises(Invalid):
            await cache.evict(-1)


async def test_a_server_that_keeps_nothing_says_so() -> None:
    async with theatre(Film(LENGTH), cached=False) as stage:
        cache = OperatedCache(stage.media)
        with pytest.raises(PreconditionFailed):
            cache.report()
        with pytest.raises(PreconditionFailed):
            await cache.purge("")
