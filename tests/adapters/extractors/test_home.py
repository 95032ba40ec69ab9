"""The workers' folder, and what a killed server leaves of it."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.egress_proxy import egress_proxy
from synctv.adapters.extractors.home import PREFIX, WorkerHome, remove_leftovers
from synctv.adapters.extractors.pool import worker_extractor
from synctv.adapters.memory.clock import MemoryClock

ROGUE = str(Path(__file__).with_name("rogue.py"))

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="file locks")

SERVER = """
import asyncio, sys
from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.egress_proxy import egress_proxy
from synctv.adapters.extractors.extractor import Job, Tool
from synctv.adapters.extractors.pool import worker_extractor
from synctv.adapters.system.clock import SystemClock

async def main():
    async with (
        egress_proxy(EgressPolicy()) as proxy,
        worker_extractor(proxy, SystemClock(), command=(sys.executable, "-I", {rogue!r})) as extractor,
    ):
        await extractor.extract(Job(Tool.YT_DLP, "https://video.test/work"))
        (extractor._home.folder / "cache").mkdir()
        (extractor._home.folder / "cache" / "page").write_text("x")
        print(extractor._home.folder, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def a_server(temporary: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process with workers, and their folder; it is killed when the block is left."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER.format(rogue=ROGUE)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    with process:
        try:
            assert process.stdout is not None
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.send_signal(signal.SIGKILL)


async def start_and_stop() -> None:
    """A server that comes up."""
    async with egress_proxy(EgressPolicy()) as proxy, worker_extractor(proxy, MemoryClock()):
        pass


async def test_what_a_killed_server_left_goes_with_the_next_start_and_nothing_else(temporary: Path) -> None:
    others = temporary / "somebody-elses"
    others.mkdir()
    with a_server(temporary) as (_, living):
        with a_server(temporary) as (process, left):
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert (left / "cache" / "page").exists()
            await start_and_stop()
        assert not left.exists()
        assert (living / "cache" / "page").exists()
        assert others.exists()


def test_a_folder_in_use_stays_and_goes_when_it_is_let_go_of(temporary: Path) -> None:
    home = WorkerHome.made()
    remove_leftovers()
    assert home.there
    assert home.folder.parent == temporary
    home.remove()
    assert list(temporary.iterdir()) == []


def test_a_folder_that_was_taken_away_or_replaced_is_not_there(temporary: Path) -> None:
    home = WorkerHome.made()
    home.folder.rmdir()
    assert not home.there
    home.folder.mkdir()
    (home.folder / "not-ours").touch()
    assert not home.there
    home.remove()
    assert (home.folder / "not-ours").exists()


def test_a_link_is_not_followed(temporary: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    precious = tmp_path_factory.mktemp("precious")
    (precious / "file").touch()
    (temporary / f"{PREFIX}link").symlink_to(precious)
    (temporary / f"{PREFIX}file").touch()
    leftover = temporary / f"{PREFIX}leftover"
    leftover.mkdir()
    (leftover / "inside").symlink_to(precious)
    remove_leftovers()
    assert (precious / "file").exists()
    assert not leftover.exists()


def test_other_peoples_folders_stay(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = temporary / f"{PREFIX}theirs"
    theirs.mkdir()
    own = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: own + 1)
    remove_leftovers()
    assert theirs.exists()


def test_without_locks_there_is_a_folder_all_the_same_which_nobody_takes_for_a_leftover(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    home = WorkerHome.made()
    remove_leftovers()
    assert home.there
    home.remove()
    assert list(temporary.iterdir()) == []


def test_where_no_more_files_can_be_opened_there_is_an_error_and_no_folder(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: object, flags: int) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OSError, match="Too many open files"):
        WorkerHome.made()
    assert list(temporary.iterdir()) == []


def test_a_folder_that_others_take_away_each_time_is_not_tried_for_ever(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(descriptor: int, operation: int) -> None:
        raise BlockingIOError

    monkeypatch.setattr(fcntl, "flock", taken)
    with pytest.raises(FileExistsError):
        WorkerHome.made()
    assert len(list(temporary.iterdir())) < 10
