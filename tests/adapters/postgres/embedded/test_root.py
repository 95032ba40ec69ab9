"""Started by root: which user the server runs as, and where its data lies. Other users skip all but the refusals."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from synctv.adapters.postgres.embedded.account import SERVICE_USERS, Account, is_root, user_name
from synctv.adapters.postgres.embedded.errors import CannotDropPrivileges, DataFolderGone, NotOwner, NotReachable
from synctv.adapters.postgres.embedded.home import open_home
from synctv.adapters.postgres.embedded.processes import spawn
from synctv.adapters.postgres.embedded.server import EmbeddedPostgres
from synctv.adapters.postgres.embedded.settings import EmbeddedSettings
from tests.adapters.postgres.embedded.support import UNREACHED, ask, embedded, none_left_in, remember, remembered

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not is_root(), reason="only root starts a server as another user"),
]

DAEMON = 1
"""A user that every system has, besides root and the service users."""


@pytest.fixture
def closed(place: Path) -> Path:
    """A folder like root's home."""
    folder = place / "root"
    folder.mkdir(mode=0o700)
    return folder


@contextmanager
def acting_as(uid: int) -> Iterator[None]:
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)


def make_owned(folder: Path, uid: int, mode: int) -> None:
    folder.mkdir()
    folder.chmod(mode)
    os.chown(folder, uid, uid)


def owners_in(folder: Path) -> set[int]:
    return {path.stat().st_uid for path in folder.rglob("*")}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def owner_of(pid: int) -> str:
    return user_name(Path(f"/proc/{pid}").stat().st_uid)


async def test_data_in_a_folder_that_all_may_enter_stays_there(data_dir: Path) -> None:
    async with embedded(data_dir) as server:
        assert owner_of(server.pid) in SERVICE_USERS
        assert server.folder == data_dir / "postgres"
        assert not (data_dir / "postgres").is_symlink()


async def test_data_in_a_closed_folder_is_kept_outside_and_found_again(
    closed: Path, place: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data_dir = closed / "data"
    settings = EmbeddedSettings(outside=place / "outside")
    async with EmbeddedPostgres(data_dir, settings=settings) as server:
        assert owner_of(server.pid) in SERVICE_USERS
        assert (data_dir / "postgres").readlink() == server.folder
        assert server.folder.parent == place / "outside"
        assert f"the database is kept in {server.folder}" in caplog.text
        await remember(server.url, "before")
        first = server.folder
    assert mode_of(closed) == 0o700
    async with EmbeddedPostgres(data_dir, settings=settings) as server:
        assert server.folder == first
        assert await remembered(server.url) == "before"
    await none_left_in(first / "cluster")


def test_a_new_data_folder_does_not_pick_up_the_database_of_an_old_one(closed: Path, place: Path) -> None:
    data_dir = closed / "data"
    first = open_home(data_dir, place / "outside")
    (data_dir / "postgres").unlink()
    assert open_home(data_dir, place / "outside").folder != first.folder


def test_a_lost_outside_place_is_reported_and_not_replaced_by_an_empty_database(closed: Path, place: Path) -> None:
    data_dir = closed / "data"
    home = open_home(data_dir, place / "outside")
    home.folder.rename(place / "elsewhere")
    with pytest.raises(DataFolderGone, match="not mounted"):
        open_home(data_dir, place / "outside")
    (place / "elsewhere").rename(home.folder)
    assert open_home(data_dir, place / "outside") == home


def test_a_folder_that_was_closed_later_is_named(new_data_dir: Path, place: Path) -> None:
    open_home(new_data_dir, UNREACHED.outside)
    new_data_dir.chmod(0o700)
    with pytest.raises(NotReachable, match=rf"chmod o\+x {new_data_dir}"):
        open_home(new_data_dir, UNREACHED.outside)


async def test_the_folder_of_a_user_is_served_as_that_user_even_where_it_is_closed(new_data_dir: Path) -> None:
    make_owned(new_data_dir, DAEMON, 0o700)
    async with embedded(new_data_dir) as server:
        assert owner_of(server.pid) == user_name(DAEMON)
        await ask(server.url, "SELECT 1")
    assert owners_in(new_data_dir) == {DAEMON}
    with acting_as(DAEMON):
        assert open_home(new_data_dir, UNREACHED.outside).account is None


def test_the_folder_of_a_number_without_a_name_is_served_by_a_service_user(new_data_dir: Path) -> None:
    make_owned(new_data_dir, 54321, 0o711)
    home = open_home(new_data_dir, UNREACHED.outside)
    assert home.account is not None
    assert home.account.name in SERVICE_USERS


async def test_a_backup_restored_by_root_is_handed_to_the_server_user(data_dir: Path) -> None:
    async with embedded(data_dir) as server:
        await remember(server.url, "before")
    for path in (data_dir / "postgres" / "cluster", *(data_dir / "postgres" / "cluster").rglob("*")):
        os.chown(path, 0, 0)
    async with embedded(data_dir) as server:
        assert await remembered(server.url) == "before"


def test_a_user_who_finds_the_data_of_another_is_told_whose_it_is(data_dir: Path) -> None:
    owner = user_name((data_dir / "postgres" / "cluster").stat().st_uid)
    with (
        acting_as(DAEMON),
        pytest.raises(NotOwner, match=rf"belongs to the user {owner}.*chown -R {user_name(DAEMON)}"),
    ):
        open_home(data_dir, UNREACHED.outside)


async def test_root_does_not_write_through_links_that_the_server_user_could_plant(
    new_data_dir: Path, place: Path
) -> None:
    precious = place / "precious"
    precious.write_text("untouched")
    make_owned(new_data_dir, DAEMON, 0o755)
    home = open_home(new_data_dir, UNREACHED.outside)
    home.lock.symlink_to(precious)
    home.log.hardlink_to(precious)
    with pytest.raises(Exception, match=r"Too many levels|is a link"):
        await embedded(new_data_dir).start()
    home.lock.unlink()
    with pytest.raises(Exception, match="is a link"):
        await embedded(new_data_dir).start()
    assert precious.read_text() == "untouched"
    assert precious.stat().st_uid == 0


def test_a_user_that_root_may_not_become_is_named() -> None:
    stranger = Account(uid=54321, gid=54321, name="stranger")
    with acting_as(DAEMON), pytest.raises(CannotDropPrivileges, match=r"becoming stranger was refused.*normal user"):
        spawn(["/bin/true"], stranger, 1)
