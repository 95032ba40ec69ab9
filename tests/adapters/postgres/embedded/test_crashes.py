"""Killed servers, killed parents, and process numbers that lie."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from synctv.adapters.postgres.embedded.pidfile import PidFile
from synctv.adapters.postgres.embedded.processes import WatchedProcess, is_running, processes_in, works_in
from synctv.adapters.postgres.embedded.server import EmbeddedPostgres
from synctv.adapters.postgres.embedded.settings import EmbeddedSettings
from tests.adapters.postgres.embedded.support import (
    ask,
    embedded,
    exists,
    kill,
    other_synctv,
    remember,
    remembered,
    spawn_as_runner,
    start_killable,
    until,
)

pytestmark = pytest.mark.postgres


def write_pid(data_dir: Path, pid: int) -> None:
    """Name another process in the pid file of a server that is not running."""
    file = data_dir / "postgres" / "cluster" / "postmaster.pid"
    lines = [str(pid), str(file.parent), "1", "5432", "", "127.0.0.1", "", "ready"]
    file.write_text("\n".join(lines) + "\n")
    owner = file.parent.stat()
    os.chown(file, owner.st_uid, owner.st_gid)


@asynccontextmanager
async def kept_running(server: EmbeddedPostgres) -> AsyncIterator[asyncio.Queue[str]]:
    """Supervise the server; the queue gets its address after every restart."""
    addresses: asyncio.Queue[str] = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        keeper = group.create_task(server.keep_running(addresses.put))
        yield addresses
        keeper.cancel()


async def test_after_a_killed_parent_there_is_one_server_with_all_committed_data(data_dir: Path) -> None:
    async with other_synctv(data_dir) as (process, url, orphan):
        await remember(url, "committed")
        kill(process)
        assert works_in(orphan, data_dir / "postgres" / "cluster")
        async with embedded(data_dir) as server:
            assert server.url == url
            assert await remembered(server.url) == "committed"
            await until(lambda: not exists(orphan))
            postmasters = await ask(
                server.url, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
            )
            assert postmasters == 1
            assert server.pid in set(processes_in(data_dir / "postgres" / "cluster"))


async def test_a_parent_killed_while_it_makes_the_database_leaves_no_half_one(new_data_dir: Path) -> None:
    home = new_data_dir / "postgres"
    process = start_killable(new_data_dir)
    await until(lambda: list(home.glob(".initdb-*/cluster/base")))
    kill(process)
    assert not (home / "cluster").exists()
    async with embedded(new_data_dir) as server:
        assert await ask(server.url, "SELECT 1") == 1
    assert not list(home.glob(".initdb-*"))


async def test_a_draft_that_is_still_written_to_is_removed_all_the_same(data_dir: Path) -> None:
    draft = data_dir / "postgres" / ".initdb-orphan"
    draft.mkdir()
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.to_thread(write_on, draft))
        await until(lambda: list(draft.iterdir()))
        async with embedded(data_dir) as server:
            assert await ask(server.url, "SELECT 1") == 1
            assert not draft.exists()


def write_on(draft: Path) -> None:
    """What an `initdb` does whose parent was killed: it adds files for a while after their removal has begun."""
    first = draft / "first"
    first.touch()
    while first.exists():
        time.sleep(0.001)
    with suppress(FileNotFoundError):
        for number in range(2_000):
            (draft / str(number)).touch()


async def test_a_killed_server_is_noticed_and_comes_back_with_its_data(data_dir: Path) -> None:
    async with embedded(data_dir) as server, kept_running(server) as addresses:
        await remember(server.url, "committed")
        for _ in range(2):
            exited, pid = server.exited, server.pid
            os.kill(pid, signal.SIGKILL)
            await exited.wait()
            assert await remembered(await addresses.get()) == "committed"
            assert server.pid != pid
            assert not server.exited.is_set()


async def test_a_busy_backend_of_a_killed_server_does_not_block_the_next(data_dir: Path) -> None:
    async with embedded(data_dir) as server:
        busy = await asyncpg.connect(server.url)
        backend = await busy.fetchval("SELECT pg_backend_pid()")
        async with asyncio.TaskGroup() as group:
            endless = group.create_task(endlessly(busy))
            await until(lambda: burns_time(backend))
            exited = server.exited
            os.kill(server.pid, signal.SIGKILL)
            await exited.wait()
            await server.restart()
            await endless
        await until(lambda: not exists(backend))
        assert await ask(server.url, "SELECT 1") == 1


def burns_time(pid: int) -> bool:
    """Whether the backend is in the endless loop by now: its title names what it does."""
    title = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return title.strip().endswith(" DO")


async def endlessly(connection: asyncpg.Connection) -> None:
    with suppress(asyncpg.PostgresError, OSError):
        await connection.execute("DO $$ BEGIN LOOP END LOOP; END $$")


async def test_a_restart_on_purpose_is_not_taken_for_a_crash(data_dir: Path) -> None:
    async with embedded(data_dir) as server, kept_running(server) as addresses:
        await asyncio.sleep(0)
        before = server.pid
        await server.restart()
        after = server.pid
        assert after != before
        await asyncio.sleep(0.3)
        assert server.pid == after
        assert addresses.empty()


async def test_the_supervisor_ends_when_the_server_is_stopped(data_dir: Path) -> None:
    server = embedded(data_dir)
    await server.start()
    async with asyncio.TaskGroup() as group:
        group.create_task(server.keep_running())
        await asyncio.sleep(0)
        await server.stop()


async def test_a_failed_restart_is_tried_again_until_it_works(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = data_dir / "postgres" / "cluster" / "postgresql.conf"
    async with embedded(data_dir) as server, kept_running(server) as addresses:
        good = config.read_text()
        config.write_text("nonsense")
        os.kill(server.pid, signal.SIGKILL)
        await until(lambda: "will be tried later" in caplog.text)
        config.write_text(good)
        assert await ask(await addresses.get(), "SELECT 1") == 1


async def test_a_server_that_does_not_stop_is_ended_the_hard_way(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir, settings=EmbeddedSettings(stop_timeout=0.2))
    await server.start()
    url = server.url
    await remember(url, "committed")
    exited = server.exited
    os.kill(server.pid, signal.SIGSTOP)
    await server.stop()
    assert exited.is_set()
    async with embedded(data_dir) as again:
        assert await remembered(again.url) == "committed"


async def test_a_number_that_now_belongs_to_another_program_blocks_nothing_and_harms_nobody(data_dir: Path) -> None:
    other = spawn_as_runner("sleep", "60")
    try:
        write_pid(data_dir, other.pid)
        async with embedded(data_dir) as server:
            assert await ask(server.url, "SELECT 1") == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


async def test_a_zombie_with_the_number_of_the_server_is_not_taken_for_it(data_dir: Path) -> None:
    zombie = spawn_as_runner("true")
    await until(lambda: not is_running(zombie.pid))
    assert exists(zombie.pid)
    write_pid(data_dir, zombie.pid)
    async with embedded(data_dir) as server:
        assert await ask(server.url, "SELECT 1") == 1
    zombie.wait()


async def test_the_server_of_another_folder_is_left_alone(data_dir: Path, place: Path) -> None:
    async with embedded(place / "other") as other:
        write_pid(data_dir, other.pid)
        async with embedded(data_dir) as server:
            assert await ask(server.url, "SELECT 1") == 1
            assert await ask(other.url, "SELECT 1") == 1


@pytest.mark.parametrize("content", ["", "\n", "not a number\n"])
async def test_a_cut_off_pid_file_blocks_nothing(data_dir: Path, content: str) -> None:
    (data_dir / "postgres" / "cluster" / "postmaster.pid").write_text(content)
    async with embedded(data_dir) as server:
        assert await ask(server.url, "SELECT 1") == 1


def test_only_a_file_with_the_word_ready_tells_of_a_ready_server(place: Path) -> None:
    file = place / "postmaster.pid"
    assert PidFile.read(place) is None
    file.write_text("12\n/data\n1\n5432\n\n127.0.0.1\n0 0\nstarting\n")
    assert PidFile.read(place) == PidFile(12, ready=False)
    file.write_text("12\n/data\n1\n5432\n\n127.0.0.1\n0 0\nready   \n")
    assert PidFile.read(place) == PidFile(12, ready=True)


async def test_a_process_that_has_ended_is_not_signalled_again() -> None:
    child = spawn_as_runner("true")
    process = WatchedProcess(child.pid, child)
    assert await process.ends_within(10)
    assert process.how_it_ended == "ended with status 0"
    process.send(signal.SIGKILL)
    with pytest.raises(ProcessLookupError):
        WatchedProcess(child.pid)


async def test_the_signal_that_ended_a_child_is_named() -> None:
    child = spawn_as_runner("sleep", "60")
    process = WatchedProcess(child.pid, child)
    process.send(signal.SIGKILL)
    assert await process.ends_within(10)
    assert process.how_it_ended == "was ended by SIGKILL"


async def test_where_the_system_reports_no_ends_they_are_found_by_looking(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synctv.adapters.postgres.embedded.processes._open_pidfd", lambda pid: None)
    async with embedded(data_dir) as server, kept_running(server) as addresses:
        os.kill(server.pid, signal.SIGKILL)
        assert await ask(await addresses.get(), "SELECT 1") == 1
