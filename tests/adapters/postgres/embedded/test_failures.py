"""What the operator is told when the database can't be made or started."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from synctv.adapters.postgres.embedded.account import Account, is_root
from synctv.adapters.postgres.embedded.binaries import Binaries, find_binaries, reachable_binaries
from synctv.adapters.postgres.embedded.cluster import LOCALES, ensure_cluster
from synctv.adapters.postgres.embedded.diagnosis import Cause, cause_of
from synctv.adapters.postgres.embedded.errors import (
    BinariesMissing,
    DamagedData,
    DiskFull,
    NotWritable,
    StartFailed,
    WrongMajorVersion,
)
from synctv.adapters.postgres.embedded.home import open_home
from synctv.adapters.postgres.embedded.log import ServerLog
from tests.adapters.postgres.embedded.support import UNREACHED, ask, embedded, remember, remembered

pytestmark = pytest.mark.postgres


@pytest.fixture
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of 72 MB: enough for one database, and soon full."""
    disk = place / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=72m,mode=0711", "tmpfs", str(disk)]
    if not is_root() or subprocess.run(["mount", *options], capture_output=True, check=False).returncode != 0:
        pytest.skip("a disk that is full needs a file system of its own, and mounting one is not allowed here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Leave no room at all."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast


async def test_a_full_disk_is_named_when_the_database_is_made(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"\0" * 60 * 2**20)
    with pytest.raises(DiskFull, match=r"disk is full.*Make room.*SYNCTV_DATA_DIR"):
        await embedded(small_disk / "data").start()
    (small_disk / "ballast").unlink()
    async with embedded(small_disk / "data") as server:
        assert await ask(server.url, "SELECT 1") == 1


async def test_a_disk_that_has_become_full_is_named_and_nothing_is_lost(small_disk: Path) -> None:
    async with embedded(small_disk / "data") as server:
        await remember(server.url, "before")
    ballast = fill(small_disk)
    with pytest.raises(DiskFull) as full:
        await embedded(small_disk / "data").start()
    assert full.value.free == 0
    ballast.unlink()
    async with embedded(small_disk / "data") as server:
        assert await remembered(server.url) == "before"


async def test_a_place_where_nothing_can_be_written_is_named(place: Path) -> None:
    (place / "file").touch()
    with pytest.raises(NotWritable, match="SYNCTV_DATA_DIR"):
        await embedded(place / "file" / "data").start()


async def test_an_unknown_cause_comes_with_the_last_lines_of_the_log(data_dir: Path) -> None:
    (data_dir / "postgres" / "cluster" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(StartFailed, match=r"(?s)ended with status 1.*no_such_setting.*postgres\.log"):
        await embedded(data_dir).start()


async def test_the_data_of_another_major_version_is_refused_untouched_with_instructions(data_dir: Path) -> None:
    version = data_dir / "postgres" / "cluster" / "PG_VERSION"
    installed = int(version.read_text())
    version.write_text("17\n")
    before = sorted(version.parent.rglob("*"))
    with pytest.raises(WrongMajorVersion, match=r"(?s)PostgreSQL 17.*pg_dump.*SYNCTV_DATABASE__URL") as refused:
        await embedded(data_dir).start()
    assert (refused.value.found, refused.value.installed) == (17, installed)
    assert sorted(version.parent.rglob("*")) == before


async def test_what_is_no_database_is_not_overwritten(data_dir: Path) -> None:
    (data_dir / "postgres" / "cluster" / "PG_VERSION").unlink()
    with pytest.raises(DamagedData, match="Restore it from a backup"):
        await embedded(data_dir).start()


async def test_a_restored_folder_with_open_permissions_is_closed_again(data_dir: Path) -> None:
    async with embedded(data_dir) as server:
        await remember(server.url, "before")
    (data_dir / "postgres" / "cluster").chmod(0o755)
    async with embedded(data_dir) as server:
        assert await remembered(server.url) == "before"


@pytest.mark.parametrize("kept", [None, "another-one"])
async def test_a_lost_or_wrong_password_is_replaced(data_dir: Path, kept: str | None) -> None:
    async with embedded(data_dir) as server:
        await remember(server.url, "before")
    file = data_dir / "postgres" / "password"
    file.unlink()
    if kept is not None:
        file.write_text(kept)
    async with embedded(data_dir) as server:
        assert await remembered(server.url) == "before"
        lost = server.url
    async with embedded(data_dir) as server:
        assert server.url == lost


async def test_a_system_without_the_locale_gets_the_same_order_from_postgresql(new_data_dir: Path) -> None:
    binaries = find_binaries()
    home = open_home(new_data_dir, UNREACHED.outside)
    await ensure_cluster(home, binaries, [("--locale=xx_XX.UTF-8",), *LOCALES[1:]])
    async with embedded(new_data_dir) as server:
        assert await ask(server.url, "SHOW server_encoding") == "UTF8"
        assert await ask(server.url, "SELECT 'Z' < 'a' AND 'z' < 'ä' AND upper('ä') = 'Ä'")
        assert await ask(server.url, "SELECT datctype FROM pg_database WHERE datname = 'synctv'") == "C"


async def test_an_initdb_that_fails_for_another_reason_is_quoted(new_data_dir: Path) -> None:
    home = open_home(new_data_dir, UNREACHED.outside)
    with pytest.raises(StartFailed, match=r"(?s)initdb ended with status 1.*locale provider: none"):
        await ensure_cluster(home, find_binaries(), [("--locale-provider=none",)])
    assert not home.cluster.exists()


def test_a_platform_without_binaries_is_told_the_alternatives() -> None:
    with pytest.raises(BinariesMissing, match=r"SYNCTV_DATABASE__URL.*--storage memory"):
        find_binaries("embedded_postgres_of_nowhere")


def test_a_package_without_programs_counts_as_missing() -> None:
    with pytest.raises(BinariesMissing, match="postgres is missing"):
        find_binaries("email")


def test_the_package_with_the_binaries_is_never_imported() -> None:
    assert find_binaries().major >= 18
    assert "embedded_postgres" not in sys.modules


def test_binaries_that_the_account_cannot_reach_are_copied_once_and_old_copies_removed(place: Path) -> None:
    found = find_binaries()
    closed = place / "closed"
    shutil.copytree(found.root, closed / "embedded_postgres" / "pginstall", copy_function=os.symlink)
    shutil.copytree(found.root.parent.parent / "embedded_postgres.libs", closed / "embedded_postgres.libs")
    closed.chmod(0o700)
    (place / "binaries-17-old").mkdir()
    stranger = Account(uid=54321, gid=54321, name="stranger")
    hidden = Binaries(closed / "embedded_postgres" / "pginstall", found.major)

    copied = reachable_binaries(hidden, stranger, place)

    assert copied.root.is_relative_to(place / f"binaries-{found.major}-{copied.root.parents[1].name.split('-')[-1]}")
    assert stranger.blocked_at(copied.program("postgres")) is None
    assert sorted(place.glob("*binaries-*")) == [copied.root.parents[1]]
    assert reachable_binaries(hidden, stranger, place) == copied
    said = subprocess.run([copied.program("initdb"), "--version"], capture_output=True, text=True, check=True)
    assert f" {found.major}." in said.stdout


@pytest.mark.parametrize(
    "said, cause",
    [
        ('LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', Cause.PORT_TAKEN),
        ("FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use", Cause.STILL_IN_USE),
        ('FATAL:  lock file "postmaster.pid" already exists', Cause.STILL_IN_USE),
        ('FATAL:  could not write lock file "postmaster.pid": No space left on device', Cause.DISK_FULL),
        ("FATAL:  could not create shared memory segment: No space left on device", Cause.UNKNOWN),
        ("FATAL:  something new", Cause.UNKNOWN),
    ],
)
def test_the_cause_of_a_failed_start_is_read_from_the_log(said: str, cause: Cause) -> None:
    assert cause_of(f"LOG:  starting PostgreSQL\n{said}\n") is cause


async def test_a_log_past_its_bound_is_cut_while_the_server_goes_on_writing(data_dir: Path) -> None:
    async with embedded(data_dir) as server:
        path = server.folder / "postgres.log"
        log = ServerLog(path, max_bytes=100)
        log.trim()
        assert path.stat().st_size == 0
        assert 0 < (server.folder / "postgres.log.1").stat().st_size <= 100
        await ask(server.url, "DO $$ BEGIN RAISE WARNING 'still here'; END $$")
        assert "still here" in log.since(0)
        assert not log.since(0).startswith("\0")
