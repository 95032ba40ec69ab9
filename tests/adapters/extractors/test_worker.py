"""The worker process by itself, spoken to over its pipes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from synctv.adapters.postgres.embedded.processes import is_running

SETUP = {"proxy": "http://user:pass@127.0.0.1:9", "memory_mib": 1_024, "cpu_seconds": 60, "generic": False}
JOB = {"tool": "yt_dlp", "url": "https://site.test/1", "cookies": "", "whole": False}

STUB = """
import os, subprocess, sys, time, types
stub = types.ModuleType("synctv.adapters.extractors.ytdlp_job")
def run(job, setup):
{deed}
stub.run = run
from synctv.adapters import extractors
sys.modules[stub.__name__] = extractors.ytdlp_job = stub
from synctv.adapters.extractors import worker
worker.main()
"""


@contextmanager
def worker(deed: str) -> Iterator[subprocess.Popen[str]]:
    """A worker whose jobs do this, in a process group of its own."""
    program = STUB.format(deed="\n".join(f"    {line}" for line in deed.splitlines()))
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        say(process, SETUP)
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()


def say(process: subprocess.Popen[str], line: object) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(line) + "\n")
    process.stdin.flush()


def heard(process: subprocess.Popen[str]) -> object:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def hang_up(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(timeout=20)


def test_it_answers_each_job_with_one_line() -> None:
    with worker("return {'info': {'title': job['url']}}") as process:
        for _ in range(3):
            say(process, JOB)
            assert heard(process) == {"info": {"title": "https://site.test/1"}}


def test_what_a_library_prints_is_no_answer() -> None:
    deed = "print('noise')\nsys.stdout.flush()\nos.write(1, b'more noise')\nreturn {'info': {}}"
    with worker(deed) as process:
        say(process, JOB)
        assert heard(process) == {"info": {}}


@pytest.mark.parametrize("deed, kind", [("raise ValueError('a secret')", "broken"), ("raise MemoryError", "memory")])
def test_an_error_is_an_answer_without_its_text(deed: str, kind: str) -> None:
    with worker(deed) as process:
        say(process, JOB)
        answer = heard(process)
        assert "a secret" not in str(answer)
        assert kind in str(answer)
        say(process, JOB)
        assert heard(process) == answer


def test_it_ends_with_its_input() -> None:
    with worker("return {}") as process:
        hang_up(process)


def test_it_ends_with_its_input_in_the_middle_of_a_job() -> None:
    with worker("time.sleep(3_600)") as process:
        say(process, JOB)
        hang_up(process)


def test_it_takes_with_it_what_it_started(tmp_path: Path) -> None:
    # The one program that a worker may start; here it is one that waits.
    program = tmp_path / "deno"
    program.write_text("#!/bin/sh\nexec sleep 3600\n")
    program.chmod(0o755)
    deed = f"child = subprocess.Popen([{str(program)!r}])\nreturn {{'info': {{'title': str(child.pid)}}}}"
    with worker(deed) as process:
        say(process, JOB)
        answer = heard(process)
        assert isinstance(answer, dict)
        child = int(answer["info"]["title"])
        assert is_running(child)
        hang_up(process)
        while is_running(child):
            time.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt")
def test_what_its_programs_leave_behind_stays_below_it(tmp_path: Path) -> None:
    program = tmp_path / "deno"
    program.write_text("#!/bin/sh\nsleep 3600 >/dev/null 2>&1 &\necho $!\n")
    program.chmod(0o755)
    deed = f"said = subprocess.run([{str(program)!r}], capture_output=True, text=True).stdout\n"
    with worker(deed + "return {'info': {'title': said.strip()}}") as process:
        say(process, JOB)
        answer = heard(process)
        assert isinstance(answer, dict)
        orphan = int(answer["info"]["title"])
        parent = int(Path(f"/proc/{orphan}/stat").read_text().rpartition(")")[2].split()[1])
        assert parent == process.pid
        hang_up(process)
        while is_running(orphan):
            time.sleep(0.01)
