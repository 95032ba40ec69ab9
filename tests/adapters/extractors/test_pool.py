"""The pool, with a worker that misbehaves: each fault has an end, and a sentence."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.egress_proxy import egress_proxy
from synctv.adapters.extractors.extractor import Job, Tool
from synctv.adapters.extractors.pool import MAX_WAITING, WorkerExtractor, worker_extractor
from synctv.adapters.extractors.process import WorkerLimits
from synctv.adapters.memory.clock import MemoryClock
from synctv.domain.errors import (
    DomainError,
    Unavailable,
    UpstreamFailed,
    UpstreamFormat,
    UpstreamTimeout,
    UpstreamUnavailable,
)

ROGUE = (sys.executable, "-I", str(Path(__file__).with_name("rogue.py")))
LIMITS = WorkerLimits(workers=1, seconds=20.0, memory_mib=256)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups")


@asynccontextmanager
async def pool(limits: WorkerLimits = LIMITS) -> AsyncIterator[WorkerExtractor]:
    """Workers that do what the address says."""
    async with (
        egress_proxy(EgressPolicy()) as proxy,
        worker_extractor(proxy, MemoryClock(), limits, command=ROGUE) as extractor,
    ):
        yield extractor


def job(deed: str) -> Job:
    return Job(Tool.YT_DLP, f"https://video.test/{deed}", cookies="a-secret-cookie")


async def pid_of(extractor: WorkerExtractor) -> int:
    """Which process works."""
    return int((await extractor.extract(job("work"))).info.title or 0)


async def outcome_of(work: Awaitable[object]) -> object:
    """What it returns or raises."""
    try:
        return await work
    except DomainError as error:
        return error


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_one_worker_stays_warm_and_does_the_next_job() -> None:
    async with pool() as extractor:
        first = await pid_of(extractor)
        assert await pid_of(extractor) == first
    assert not runs(first)


async def test_none_is_started_before_there_is_work() -> None:
    async with pool() as extractor:
        assert extractor._idle == []


async def test_after_a_burst_one_worker_stays() -> None:
    async with pool(replace(LIMITS, workers=3)) as extractor:
        pids = await asyncio.gather(*(pid_of(extractor) for _ in range(3)))
        assert [runs(pid) for pid in pids].count(True) == 1
    assert not any(runs(pid) for pid in pids)


async def test_a_worker_is_replaced_after_so_many_jobs() -> None:
    async with pool(replace(LIMITS, jobs=2)) as extractor:
        pids = [await pid_of(extractor) for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


async def test_a_job_that_hangs_is_ended_and_the_next_one_works() -> None:
    async with pool(replace(LIMITS, seconds=1.0)) as extractor:
        with pytest.raises(UpstreamTimeout, match="longer than 1 s"):
            await extractor.extract(job("hang"))
        assert await pid_of(extractor)


async def test_a_job_that_eats_memory_is_ended_and_the_next_one_works() -> None:
    async with pool(replace(LIMITS, memory_mib=128)) as extractor:
        with pytest.raises(UpstreamUnavailable, match="too much memory"):
            await extractor.extract(job("eat"))
        assert await pid_of(extractor)


async def test_memory_that_a_program_of_a_program_eats_counts() -> None:
    async with pool(replace(LIMITS, memory_mib=128)) as extractor:
        with pytest.raises(UpstreamUnavailable, match="too much memory"):
            await extractor.extract(job("breed"))
        assert await pid_of(extractor)


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    async with pool() as extractor:
        with pytest.raises(UpstreamFormat, match="far longer"):
            await extractor.extract(job("shout"))
        assert await pid_of(extractor)


async def test_a_worker_that_crashes_is_replaced() -> None:
    async with pool() as extractor:
        with pytest.raises(UpstreamUnavailable, match="broke off"):
            await extractor.extract(job("crash"))
        assert await pid_of(extractor)


async def test_an_idle_worker_that_was_killed_is_replaced_unnoticed() -> None:
    async with pool() as extractor:
        first = await pid_of(extractor)
        os.kill(first, 9)
        while runs(first):
            await asyncio.sleep(0.01)
        assert await pid_of(extractor) != first


@pytest.mark.parametrize("deed", ["nonsense", "unknown"])
async def test_what_can_t_be_understood_is_told(deed: str) -> None:
    async with pool() as extractor:
        with pytest.raises(UpstreamFormat):
            await extractor.extract(job(deed))


async def test_who_goes_away_ends_the_job() -> None:
    async with pool() as extractor:
        first = await pid_of(extractor)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await extractor.extract(job("hang"))
        assert not runs(first)
        assert await pid_of(extractor)


async def test_who_waits_too_long_for_a_worker_is_told() -> None:
    async with pool(replace(LIMITS, seconds=1.0)) as extractor:
        outcomes = await asyncio.gather(
            *(extractor.extract(job("hang")) for _ in range(MAX_WAITING + 4)), return_exceptions=True
        )
    assert any(isinstance(outcome, UpstreamFailed) for outcome in outcomes)
    assert sum(isinstance(outcome, Unavailable) for outcome in outcomes) >= 3
    assert all(isinstance(outcome, UpstreamFailed | Unavailable) for outcome in outcomes)


async def test_a_folder_that_somebody_cleaned_away_is_made_again() -> None:
    async with pool(replace(LIMITS, jobs=1)) as extractor:
        await pid_of(extractor)
        assert extractor._home is not None
        extractor._home.folder.rmdir()
        assert await pid_of(extractor)


async def test_nothing_secret_is_in_arguments_environment_or_the_text_of_a_job() -> None:
    async with pool() as extractor:
        seen = (await extractor.extract(job("work"))).info.chapters[0].title
        (_, granted), *_ = extractor._idle
    password = granted.url.rpartition("@")[0].rpartition(":")[2]
    assert "a-secret-cookie" not in seen
    assert password not in seen
    assert "a-secret-cookie" not in repr(job("work"))


async def test_a_program_that_is_not_there_is_unavailable() -> None:
    async with egress_proxy(EgressPolicy()) as proxy:
        missing = ("/nowhere/python",)
        async with worker_extractor(proxy, MemoryClock(), LIMITS, command=missing) as extractor:
            with pytest.raises(Unavailable):
                await extractor.extract(job("work"))


async def test_leaving_the_block_ends_workers_in_the_middle_of_a_job() -> None:
    async with asyncio.TaskGroup() as group, pool() as extractor:
        first = await pid_of(extractor)
        waiting = group.create_task(outcome_of(extractor.extract(job("hang"))))
        while extractor._idle:
            await asyncio.sleep(0.01)
    assert isinstance(waiting.result(), UpstreamUnavailable)
    assert not runs(first)
