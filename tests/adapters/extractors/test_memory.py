"""How much a family of real processes has in memory."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from synctv.adapters.extractors import memory
from synctv.adapters.extractors.memory import MOST_PROCESSES, resident_bytes

MIB = 1 << 20

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups")

EATER = "import sys; eaten = b'x' * (100 << 20); print('full', flush=True); sys.stdin.read()"
CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', {program!r}])"
ON_A_THREAD = (
    "import subprocess, sys, threading\n"
    "thread = threading.Thread(target=lambda: subprocess.run([sys.executable, '-c', {program!r}]))\n"
    "thread.start(); thread.join()"
)


@contextmanager
def family(program: str) -> Iterator[subprocess.Popen[str]]:
    """A process group that runs a program whose last descendant says when it has eaten its fill."""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "full\n"
        yield process
        process.stdin.close()


@pytest.mark.parametrize("wrapper", [CHILD, ON_A_THREAD], ids=["waiting", "thread"])
async def test_grandchildren_count_whoever_waits_for_them(wrapper: str) -> None:
    with family(wrapper.format(program=wrapper.format(program=EATER))) as process:
        assert 100 * MIB < await resident_bytes(process.pid) < 250 * MIB


async def test_a_process_alone_counts_itself() -> None:
    with family(EATER) as process:
        assert 100 * MIB < await resident_bytes(process.pid) < 150 * MIB


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_where_the_kernel_lists_no_children_the_group_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_tells_children", lambda: False)
    with family(CHILD.format(program=CHILD.format(program=EATER))) as process:
        assert 100 * MIB < await resident_bytes(process.pid) < 250 * MIB


async def test_elsewhere_the_group_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with family(CHILD.format(program=EATER)) as process:
        assert 100 * MIB < await resident_bytes(process.pid) < 250 * MIB


async def test_of_a_process_that_is_gone_nobody_can_tell() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    process.wait()
    assert await resident_bytes(process.pid) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_more_processes_than_anybody_needs_are_too_much() -> None:
    forking = (
        "import os, sys\n"
        f"for _ in range({MOST_PROCESSES + 4}):\n"
        "    if os.fork() == 0: sys.stdin.read(); os._exit(0)\n"
        "print('full', flush=True); sys.stdin.read()"
    )
    with family(forking) as process:
        assert await resident_bytes(process.pid) > 1 << 50


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_thread_that_ends_hides_nothing_of_what_the_others_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_PROC", tmp_path)
    monkeypatch.setattr(memory, "_tells_children", lambda: True)
    for thread in range(1, 9):
        (tmp_path / "1" / "task" / str(thread)).mkdir(parents=True)
    for thread in (2, 7):
        (tmp_path / "1" / "task" / str(thread) / "children").write_text(f"{thread * 10} ")
        (tmp_path / str(thread * 10)).mkdir()
        (tmp_path / str(thread * 10) / "statm").write_text("9000 1000 0 0 0 0 0")
    assert await resident_bytes(1) == 2 * 1000 * resource.getpagesize()
