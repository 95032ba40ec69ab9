"""One worker process, seen from the server: started, asked, watched and ended."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from synctv.adapters.extractors.memory import resident_bytes

POLL_SECONDS = 0.2
MAX_ANSWER_BYTES = 8 << 20
END_SECONDS = 5.0

COMMAND = (sys.executable, "-I", "-m", "synctv.adapters.extractors.worker")


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """`workers` at once, each with so much time (in seconds) for a job, memory, and jobs until a fresh one follows."""

    workers: int = 2
    seconds: float = 30.0
    memory_mib: int = 512
    jobs: int = 50
    answer_bytes: int = MAX_ANSWER_BYTES

    @property
    def cpu_seconds(self) -> int:
        """The most that a worker can use in its life, with some to spare."""
        return int(self.seconds * self.jobs) + 60


class WorkerLost(Exception):
    """The worker is of no use any more; `kind` is one of `time`, `memory`, `output`, `crash`."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


class WorkerProcess:
    """A process in a group of its own. Whoever starts one ends it; after any `WorkerLost` it is good for nothing."""

    def __init__(self, process: Process, limits: WorkerLimits) -> None:
        self._process = process
        self._limits = limits
        self.jobs_done = 0

    @classmethod
    async def start(
        cls, command: Sequence[str], home: Path, setup: Mapping[str, object], limits: WorkerLimits
    ) -> WorkerProcess:
        """A worker that may not have done starting yet. Nothing of our environment is in its own."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd=home,
            env=_environment(home),
            limit=limits.answer_bytes,
            start_new_session=True,
        )
        worker = cls(process, limits)
        with suppress(OSError):  # one that ended at once is noticed when it is asked
            worker._write(msgspec.json.encode(setup))
        return worker

    @property
    def alive(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return self._process.returncode is None

    async def ask(self, job: bytes) -> bytes:
        """The line that it answers with. Raises `WorkerLost`."""
        self.jobs_done += 1
        try:
            self._write(job)
            return await self._line()
        except asyncio.LimitOverrunError:
            raise WorkerLost("output") from None
        except (asyncio.IncompleteReadError, OSError):
            raise WorkerLost("crash") from None

    async def _line(self) -> bytes:
        """The next line; meanwhile time and memory are watched."""
        output = self._process.stdout
        if output is None:
            raise WorkerLost("crash")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._limits.seconds
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(POLL_SECONDS, max(0.0, deadline - loop.time()))):
                    return await output.readuntil(b"\n")
            if loop.time() >= deadline:
                raise WorkerLost("time")
            if await resident_bytes(self._process.pid) > self._limits.memory_mib << 20:
                raise WorkerLost("memory")

    async def end(self) -> None:
        """Ends it and what it started, and waits until it is gone."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdin is not None:
            self._process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await self._process.wait()

    def _write(self, line: bytes) -> None:
        if self._process.stdin is None or self._process.stdin.is_closing():
            raise BrokenPipeError
        self._process.stdin.write(line + b"\n")


def _environment(home: Path) -> dict[str, str]:
    folders = {name: str(home) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    return folders | {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "PYTHONUTF8": "1",
        "YTDLP_NO_PLUGINS": "1",
        "NO_COLOR": "1",
    }
