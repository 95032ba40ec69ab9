"""Data folders for the embedded PostgreSQL, which the unprivileged user can enter when root runs the tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from synctv.adapters.postgres.embedded.account import is_root
from tests.adapters.postgres.embedded.support import embedded, none_left_in
from tests.servers.scratch import scratch_folder


def copy_with_owners(source: Path, target: Path) -> None:
    """Copy a data folder as a backup would, for each user as far as it may."""
    shutil.copytree(source, target, symlinks=True)
    if is_root():
        for path in source.rglob("*"):
            owner = path.lstat()
            os.chown(target / path.relative_to(source), owner.st_uid, owner.st_gid, follow_symlinks=False)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that others may enter; pytest's own belong to one user alone."""
    with scratch_folder() as folder:
        yield folder


@pytest.fixture
async def new_data_dir(place: Path) -> AsyncIterator[Path]:
    """A data folder that does not exist yet; nothing may be left running in it."""
    folder = place / "data"
    yield folder
    await none_left_in(folder / "postgres" / "cluster")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def made_once() -> AsyncIterator[Path]:
    """A data folder with an empty database, made once because that takes most of a second."""
    with scratch_folder() as folder:
        async with embedded(folder / "data"):
            pass
        (folder / "data" / "postgres" / "port").unlink()
        yield folder / "data"


@pytest.fixture
def data_dir(new_data_dir: Path, made_once: Path) -> Path:
    """A data folder with an empty database in it, not running."""
    copy_with_owners(made_once, new_data_dir)
    return new_data_dir
