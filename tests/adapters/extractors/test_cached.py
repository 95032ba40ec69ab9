"""One call for many who want the same, and no site too often."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.adapters.extractors.cached import CachedExtractor
from synctv.adapters.extractors.extractor import Job, Tool
from synctv.adapters.memory.clock import MemoryClock
from synctv.domain.errors import UpstreamLimited, UpstreamMissing
from synctv.domain.ids import MICROS
from tests.adapters.extractors.scripted import ScriptedExtractor, file

pytestmark = pytest.mark.timeout(20)

PAGE = "https://www.video.test/1"
JOB = Job(Tool.YT_DLP, PAGE)


class World:
    def __init__(self) -> None:
        self.clock = MemoryClock()
        self.inner = ScriptedExtractor(self.clock)
        self.cached = CachedExtractor(self.inner, self.clock)
        self.shows("https://media.test/a.mp4")

    def shows(self, *urls: str, page: str = PAGE) -> None:
        self.inner.shows(page, title="A film", formats=[{**file("1"), "url": url} for url in urls])

    async def asked(self, job: Job = JOB) -> int:
        """How many calls were made after this one."""
        await self.cached.extract(job)
        return len(self.inner.jobs)


@pytest.fixture
def world() -> World:
    return World()


async def test_many_who_want_the_same_at_once_cause_one_call(world: World) -> None:
    found = await asyncio.gather(*(world.cached.extract(JOB) for _ in range(50)))
    assert len(world.inner.jobs) == 1
    assert len({id(one) for one in found}) == 1


async def test_what_tells_no_end_is_kept_for_five_minutes(world: World) -> None:
    await world.asked()
    world.clock.advance(299)
    assert await world.asked() == 1
    world.clock.advance(2)
    assert await world.asked() == 2


async def test_what_lasts_is_kept_for_ten_minutes(world: World) -> None:
    world.shows(f"https://media.test/a?expire={world.clock.now() // MICROS + 20_000}")
    await world.asked()
    world.clock.advance(599)
    assert await world.asked() == 1
    world.clock.advance(2)
    assert await world.asked() == 2


async def test_what_is_about_to_run_out_is_asked_for_again(world: World) -> None:
    world.shows(f"https://media.test/a?expire={world.clock.now() // MICROS + 400}")
    await world.asked()
    world.clock.advance(99)
    assert await world.asked() == 1
    world.clock.advance(2)
    assert await world.asked() == 2


async def test_who_plays_gets_nothing_old(world: World) -> None:
    fresh = replace(JOB, max_age=60.0)
    await world.asked()
    world.clock.advance(59)
    assert await world.asked(fresh) == 1
    world.clock.advance(2)
    assert await world.asked() == 1
    assert await world.asked(fresh) == 2


async def test_a_list_is_kept(world: World) -> None:
    world.inner.shows(PAGE, kind="list", entries=[{"url": "https://www.video.test/2"}])
    await world.asked()
    world.clock.advance(599)
    assert await world.asked() == 1


@pytest.mark.parametrize(
    "other",
    [replace(JOB, cookies="mine"), replace(JOB, whole=True), replace(JOB, tool=Tool.STREAMLINK)],
)
async def test_what_differs_in_anything_is_another_thing(world: World, other: Job) -> None:
    await world.asked()
    world.clock.advance(1)
    assert await world.asked(other) == 2


async def test_a_failure_is_not_kept(world: World) -> None:
    world.inner.fails(PAGE, "missing")
    with pytest.raises(UpstreamMissing):
        await world.asked()
    world.shows("https://media.test/a.mp4")
    world.clock.advance(1)
    assert await world.asked() == 2


async def test_a_site_is_called_twice_a_second_at_most(world: World) -> None:
    pages = [f"https://www.video.test/{number}" for number in range(3)]
    for page in [*pages, "https://www.other.test/1"]:
        world.shows("https://media.test/a.mp4", page=page)
    async with asyncio.TaskGroup() as group:
        for page in [*pages, "https://www.other.test/1"]:
            group.create_task(world.asked(Job(Tool.YT_DLP, page)))
        await asyncio.sleep(0.01)
        assert [job.url for job in world.inner.jobs] == [pages[0], "https://www.other.test/1"]
        world.clock.advance(0.5)
        await asyncio.sleep(0.01)
        assert len(world.inner.jobs) == 3
        world.clock.advance(0.5)
    assert len(world.inner.jobs) == 4


async def test_nobody_waits_long_for_a_turn(world: World) -> None:
    pages = [f"https://www.video.test/{number}" for number in range(40)]
    for page in pages:
        world.shows("https://media.test/a.mp4", page=page)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(outcome(world, page)) for page in pages]
        await asyncio.sleep(0.01)
        for _ in range(40):
            world.clock.advance(0.5)
            await asyncio.sleep(0)
    refused = [task.result() for task in tasks if task.result() is not None]
    assert len(refused) == 40 - 21
    assert all(isinstance(error, UpstreamLimited) and error.host == "video.test" for error in refused)


async def outcome(world: World, page: str) -> UpstreamLimited | None:
    try:
        await world.asked(Job(Tool.YT_DLP, page))
    except UpstreamLimited as error:
        return error
    return None
