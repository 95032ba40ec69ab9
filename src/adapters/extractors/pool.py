"""The workers: as many as allowed, started when there is work, one kept warm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import structlog

from synctv.adapters.aiohttp.egress_proxy import EgressProxy, Pass
from synctv.adapters.extractors.extractor import Extraction, Extractor, Job
from synctv.adapters.extractors.failures import error_of
from synctv.adapters.extractors.home import WorkerHome, remove_leftovers
from synctv.adapters.extractors.info import Answer, Info
from synctv.adapters.extractors.pages import site_of
from synctv.adapters.extractors.process import COMMAND, WorkerLimits, WorkerLost, WorkerProcess
from synctv.application.ports.clock import Clock
from synctv.domain.errors import Unavailable, UpstreamFailed, UpstreamFormat, UpstreamTimeout, UpstreamUnavailable

log = structlog.get_logger(__name__)

MAX_WAITING = 32
WARM = 1
"""How many workers stay when there is nothing to do: starting one takes a second."""


class WorkerExtractor(Extractor):
    """Gives each job to a worker of its own until it is done. Made by `worker_extractor`, which ends all of them.

    A worker whose job took too long, too much memory or too many words, or that nobody waits for any more, is killed.
    """

    def __init__(
        self, proxy: EgressProxy, clock: Clock, limits: WorkerLimits, command: Sequence[str], *, generic: bool
    ) -> None:
        self._proxy = proxy
        self._clock = clock
        self._home: WorkerHome | None = None
        self._limits = limits
        self._command = command
        self._generic = generic
        self._turns = asyncio.Semaphore(limits.workers)
        self._waiting = 0
        self._idle: list[tuple[WorkerProcess, Pass]] = []
        self._busy: set[WorkerProcess] = set()

    async def extract(self, job: Job) -> Extraction:
        """What the page shows."""
        await self._turn()
        try:
            return await self._extract(job)
        finally:
            self._turns.release()

    async def _turn(self) -> None:
        if self._waiting >= MAX_WAITING:
            raise Unavailable("reader of sites")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._turns.acquire()
        except TimeoutError:
            raise Unavailable("reader of sites", self._limits.seconds) from None
        finally:
            self._waiting -= 1

    async def _extract(self, job: Job) -> Extraction:
        worker, granted = await self._worker()
        self._busy.add(worker)
        granted.taken_refusal()
        good = False
        try:
            answer = _decoded(await worker.ask(_line(job)), site_of(job.url))
            good = worker.jobs_done < self._limits.jobs and (answer.failure is None or answer.failure.kind != "memory")
        except WorkerLost as lost:
            log.warning("extractor_worker_lost", why=lost.kind, site=site_of(job.url), jobs=worker.jobs_done)
            raise self._lost(lost, site_of(job.url)) from None
        finally:
            self._busy.discard(worker)
            await self._release(worker, granted, good=good)
        return Extraction(self._info(answer, job, granted), self._clock.now())

    def _info(self, answer: Answer, job: Job, granted: Pass) -> Info:
        """What was found. That the policy refused something explains a failure better than what came of it."""
        refusal = granted.taken_refusal()
        if answer.info is not None:
            return answer.info
        if refusal is not None:
            raise refusal
        if answer.failure is None:
            raise UpstreamFormat(site_of(job.url))
        raise error_of(answer.failure, site_of(job.url))

    async def _worker(self) -> tuple[WorkerProcess, Pass]:
        while self._idle:
            worker, granted = self._idle.pop()
            if worker.alive:
                return worker, granted
            await self._release(worker, granted, good=False)
        granted = self._proxy.admit()
        setup = {
            "proxy": granted.url,
            "memory_mib": self._limits.memory_mib * 2,  # the server's own watch comes first, and tells why
            "cpu_seconds": self._limits.cpu_seconds,
            "generic": self._generic,
        }
        try:
            return await WorkerProcess.start(self._command, self._made_home(), setup, self._limits), granted
        except OSError as error:
            self._proxy.dismiss(granted)
            log.error("extractor_worker_not_started", error=error.strerror)
            raise Unavailable("reader of sites", self._limits.seconds) from None

    def _made_home(self) -> Path:
        """The folder that workers take for their person's, made when one needs it: what cleans up may take it away."""
        if self._home is not None and not self._home.there:
            self._home.remove()
            self._home = None
        if self._home is None:
            self._home = WorkerHome.made()
        return self._home.folder

    async def _release(self, worker: WorkerProcess, granted: Pass, *, good: bool) -> None:
        if good and worker.alive and (len(self._idle) < WARM or self._waiting):
            self._idle.append((worker, granted))
            return
        self._proxy.dismiss(granted)
        await worker.end()

    def _lost(self, lost: WorkerLost, site: str) -> UpstreamFailed:
        limits = self._limits
        match lost.kind:
            case "time":
                reason = f"reading its page took longer than {limits.seconds:g} s, and was ended. Try again later."
                return UpstreamTimeout(site, limits.seconds, reason)
            case "memory":
                reason = f"reading its page needed too much memory (more than {limits.memory_mib} MiB), and was ended."
                return UpstreamUnavailable(site, reason)
            case "output":
                return UpstreamFormat(site, "what its page lists is far longer than expected.")
            case _:
                return UpstreamUnavailable(site, "reading its page broke off. Try again.")

    async def close(self) -> None:
        """Ends all workers."""
        for worker, _ in self._idle:
            await worker.end()
        for worker in list(self._busy):
            await worker.end()
        self._idle.clear()
        if self._home is not None:
            self._home.remove()


def _line(job: Job) -> bytes:
    return msgspec.json.encode({"tool": job.tool, "url": job.url, "cookies": job.cookies, "whole": job.whole})


def _decoded(line: bytes, site: str) -> Answer:
    try:
        return msgspec.json.decode(line, type=Answer, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise UpstreamFormat(site) from None


@asynccontextmanager
async def worker_extractor(
    proxy: EgressProxy,
    clock: Clock,
    limits: WorkerLimits | None = None,
    *,
    command: Sequence[str] = COMMAND,
    generic: bool = False,
) -> AsyncIterator[WorkerExtractor]:
    """The workers, until the block is left; none is started before there is a job.

    What a server that was killed left of its own is removed.

    `generic` lets them look for media on any page and at any address at all. It is for tests: what it finds is no
    better than what `direct` does, and it makes strangers' pages decide what is called.
    """
    await asyncio.to_thread(remove_leftovers)
    extractor = WorkerExtractor(proxy, clock, limits or WorkerLimits(), command, generic=generic)
    try:
        yield extractor
    finally:
        await extractor.close()
