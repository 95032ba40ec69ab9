"""Starting, stopping and starting again, when nothing goes wrong."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import sys
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from synctv.adapters.postgres.embedded.errors import DataFolderInUse, PortTaken
from synctv.adapters.postgres.embedded.lock import FolderLock
from synctv.adapters.postgres.embedded.server import EmbeddedPostgres
from synctv.adapters.postgres.embedded.settings import EmbeddedSettings
from tests.adapters.postgres.embedded.support import (
    ask,
    embedded,
    first_line,
    kill,
    other_synctv,
    remember,
    remembered,
    start_killable,
    until,
)
from tests.servers.ports import quiet_port

pytestmark = pytest.mark.postgres


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2].partition("/")[0])


async def test_a_new_data_folder_becomes_a_database_that_answers(new_data_dir: Path) -> None:
    async with embedded(new_data_dir) as server:
        assert server.url.startswith("postgresql://app:")
        assert server.url.endswith(f"@127.0.0.1:{port_of(server.url)}/synctv?sslmode=disable")
        assert await ask(server.url, "SELECT current_database() || ' ' || current_user") == "synctv app"


async def test_the_database_is_utf8_sorted_by_code_point_and_checksummed(new_data_dir: Path) -> None:
    async with embedded(new_data_dir) as server:
        url = server.url
        assert await ask(url, "SHOW server_encoding") == "UTF8"
        assert await ask(url, "SELECT 'Z' < 'a' AND 'z' < 'ä' AND upper('ä') = 'Ä'")
        assert await ask(url, "SHOW data_checksums") == "on"


async def test_it_listens_on_loopback_alone_and_on_no_socket_file(data_dir: Path) -> None:
    async with embedded(data_dir) as server:
        assert await ask(server.url, "SHOW listen_addresses") == "127.0.0.1"
        assert await ask(server.url, "SHOW unix_socket_directories") == ""


async def test_only_the_right_password_opens_it_and_only_the_owner_can_read_that(new_data_dir: Path) -> None:
    async with embedded(new_data_dir) as server:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(server.url.replace("app:", "app:x"), "SELECT 1")
        password = new_data_dir / "postgres" / "password"
        assert stat.S_IMODE(password.stat().st_mode) == 0o600
        assert password.read_text().strip() in server.url
        assert stat.S_IMODE((new_data_dir / "postgres" / "cluster").stat().st_mode) == 0o700


async def test_data_and_address_are_the_same_after_a_second_start(data_dir: Path) -> None:
    async with embedded(data_dir) as server:
        first = server.url
        await remember(first, "before")
    async with embedded(data_dir) as server:
        assert server.url == first
        assert await remembered(server.url) == "before"


async def test_another_port_is_taken_when_somebody_uses_the_remembered_one(data_dir: Path) -> None:
    async with embedded(data_dir) as server:
        first = server.url
    with socket.create_server(("127.0.0.1", port_of(first))):
        async with embedded(data_dir) as server:
            assert server.url != first
            assert await ask(server.url, "SELECT 1") == 1


async def test_a_port_that_was_asked_for_is_used(data_dir: Path) -> None:
    port = quiet_port()
    async with embedded(data_dir, port) as server:
        assert port_of(server.url) == port


async def test_a_port_that_was_asked_for_but_is_taken_is_named_with_its_setting(data_dir: Path) -> None:
    port = quiet_port()
    refused = pytest.raises(PortTaken, match=rf"port {port}.*SYNCTV_STORAGE__PORT")
    with socket.create_server(("127.0.0.1", port)), refused:
        await embedded(data_dir, port).start()
    async with embedded(data_dir, port) as server:
        assert port_of(server.url) == port


def test_a_port_that_is_none_is_refused(place: Path) -> None:
    with pytest.raises(ValueError, match="0 to 65535"):
        EmbeddedPostgres(place, port=70_000)


def expect_nothing_of_ours(process: Path) -> None:
    assert process.stat().st_uid != 0
    groups = next(line for line in (process / "status").read_text().splitlines() if line.startswith("Groups:"))
    assert "0" not in groups.split()[1:]
    environment = (process / "environ").read_bytes()
    assert b"SYNCTV" not in environment
    assert b"PGOPTIONS" not in environment


async def test_the_server_is_no_root_and_has_a_session_and_an_environment_of_its_own(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCTV_JWT__SECRET", "not for PostgreSQL")
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=1MB")
    async with embedded(data_dir) as server:
        assert os.getsid(server.pid) == server.pid
        if sys.platform == "linux":
            expect_nothing_of_ours(Path(f"/proc/{server.pid}"))


async def test_settings_reach_the_server_over_the_defaults_for_a_home(data_dir: Path) -> None:
    settings = EmbeddedSettings(options={"work_mem": "5MB", "log_error_verbosity": "verbose"})
    async with EmbeddedPostgres(data_dir, settings=settings) as server:
        assert await ask(server.url, "SHOW work_mem") == "5MB"
        assert await ask(server.url, "SHOW shared_buffers") == "64MB"
        assert await ask(server.url, "SHOW log_error_verbosity") == "terse"


async def test_values_of_a_failed_statement_stay_out_of_the_log(data_dir: Path) -> None:
    async with embedded(data_dir) as server:
        await ask(server.url, "CREATE TABLE people (email text PRIMARY KEY)")
        await ask(server.url, "INSERT INTO people VALUES ('anna@example.org')")
        with pytest.raises(asyncpg.UniqueViolationError):
            await ask(server.url, "INSERT INTO people VALUES ('anna@example.org')")
    log = (data_dir / "postgres" / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "anna" not in log


async def test_stopping_twice_or_before_the_start_does_no_harm(data_dir: Path) -> None:
    server = embedded(data_dir)
    await server.stop()
    await server.start()
    exited = server.exited
    await server.stop()
    await server.stop()
    assert exited.is_set()


async def test_starting_what_runs_already_is_a_mistake_of_the_caller(data_dir: Path) -> None:
    async with embedded(data_dir) as server:
        with pytest.raises(RuntimeError, match="started already"):
            await server.start()
        assert await ask(server.url, "SELECT 1") == 1
    with pytest.raises(RuntimeError, match="not started"):
        assert server.url


async def test_a_second_start_on_the_same_folder_is_told_who_has_it(data_dir: Path) -> None:
    async with embedded(data_dir) as server:
        with pytest.raises(DataFolderInUse, match=rf"process {os.getpid()}\b.*--data-dir"):
            await embedded(data_dir).start()
        assert await ask(server.url, "SELECT 1") == 1


async def test_of_two_starts_at_once_one_makes_the_database_and_one_is_refused(new_data_dir: Path) -> None:
    starters = [start_killable(new_data_dir) for _ in range(2)]
    try:
        lines = [await first_line(starter) for starter in starters]
        assert len([line for line in lines if line == "embedded_data_in_use\n"]) == 1, lines
        url = next(line for line in lines if line.startswith("postgresql:")).split()[0]
        assert await ask(url, "SELECT 1") == 1
    finally:
        for starter in starters:
            kill(starter)


async def test_a_lock_file_that_somebody_left_does_not_block(place: Path) -> None:
    file = place / "lock"
    file.write_text("1\n")
    lock = FolderLock(file)
    lock.acquire()
    assert file.read_text() == f"{os.getpid()}\n"
    lock.release()


async def test_a_cancelled_start_leaves_nothing_running_and_no_half_database(new_data_dir: Path) -> None:
    home = new_data_dir / "postgres"
    async with asyncio.TaskGroup() as group:
        start = group.create_task(embedded(new_data_dir).start())
        await until(lambda: list(home.glob(".initdb-*/cluster/base")))
        start.cancel()
    assert not (home / "cluster").exists()
    assert not list(home.glob(".initdb-*"))
    async with embedded(new_data_dir) as server:
        assert await ask(server.url, "SELECT 1") == 1


async def test_it_works_on_uvloop(data_dir: Path) -> None:
    pytest.importorskip("uvloop")
    async with other_synctv(data_dir, "uvloop") as (_, url, _):
        assert await ask(url, "SELECT 1") == 1
