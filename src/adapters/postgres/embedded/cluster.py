"""PostgreSQL's data folder: made whole or not at all, and checked before a server touches it."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from synctv.adapters.postgres.embedded.account import is_root, user_name
from synctv.adapters.postgres.embedded.binaries import Binaries
from synctv.adapters.postgres.embedded.diagnosis import Cause, cause_of, disk_full
from synctv.adapters.postgres.embedded.errors import DamagedData, NotOwner, StartFailed, WrongMajorVersion
from synctv.adapters.postgres.embedded.home import Home
from synctv.adapters.postgres.embedded.log import ServerLog, last_lines
from synctv.adapters.postgres.embedded.private_files import sync_folder, write_private
from synctv.adapters.postgres.embedded.processes import WatchedProcess, spawn
from synctv.adapters.postgres.embedded.settings import ROLE

DRAFT: Final = ".initdb-"

LOCALES: Final[Sequence[Sequence[str]]] = (
    ("--locale=C.UTF-8",),
    # Where the system has no such locale (older macOS): the same order and case rules, from PostgreSQL itself.
    ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    ("--locale=C",),
)
"""Tried in this order. All sort by code point, so an index survives an upgrade of the system's C library."""

INITDB_SECONDS: Final = 300.0

REMOVALS: Final = 100
"""So often the removal of a draft is begun, with 0.1 s between: an `initdb` whose parent was killed still writes
there, until it misses its files."""

logger = logging.getLogger(__name__)


async def ensure_cluster(home: Home, binaries: Binaries, locales: Sequence[Sequence[str]] = LOCALES) -> None:
    """Make the cluster if there is none, else check that this PostgreSQL and this user can run it.

    The caller holds the lock. Raises WrongMajorVersion, DamagedData, NotOwner, DiskFull, StartFailed, OSError.
    """
    for draft in home.folder.glob(f"{DRAFT}*"):
        logger.warning("Removing %s: the making of the database was interrupted there.", draft)
        await _remove(draft)
    if not home.cluster.exists():
        await _make(home, binaries, locales)
    _check_version(home.cluster, binaries.major)
    _check_owner(home)


async def _remove(draft: Path) -> None:
    for _ in range(REMOVALS):
        if _removed(draft):
            return
        await asyncio.sleep(0.1)
    logger.warning("%s could not be removed now. It is in nobody's way, and tried again at the next start.", draft)


def _removed(draft: Path) -> bool:
    shutil.rmtree(draft, ignore_errors=True)
    return not draft.exists()


def _check_version(cluster: Path, installed: int) -> None:
    try:
        text = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        text = ""
    if not text.isdecimal():
        raise DamagedData(cluster, "it has no readable PG_VERSION")
    if int(text) != installed:
        raise WrongMajorVersion(cluster, int(text), installed)


def _check_owner(home: Home) -> None:
    """Root hands a cluster that root owns (a restored backup) to the account; anybody else must own it."""
    owner = home.cluster.stat().st_uid
    wanted = os.geteuid() if home.account is None else home.account.uid
    if owner != wanted:
        if home.account is None or not is_root() or owner != 0:
            raise NotOwner(home.cluster, user_name(owner), user_name(wanted))
        logger.warning("Handing the database in %s from root to %s.", home.cluster, home.account.name)
        _hand_over(home.cluster, home.account.uid, home.account.gid)
    # PostgreSQL refuses a folder that others may enter, which is what a restored backup often is.
    home.cluster.chmod(0o700)


def _hand_over(tree: Path, uid: int, gid: int) -> None:
    for _, folders, files, folder in os.fwalk(tree, follow_symlinks=False):
        for name in (*folders, *files):
            os.chown(name, uid, gid, dir_fd=folder, follow_symlinks=False)
    # Last, so that an interruption is noticed and made good by the next start.
    os.chown(tree, uid, gid)


async def _make(home: Home, binaries: Binaries, locales: Sequence[Sequence[str]]) -> None:
    """Run initdb in a draft folder and move the result into place, so an interruption leaves no half cluster."""
    password = home.saved_password() or home.new_password()
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=home.folder))
    try:
        write_private(draft / "password", f"{password}\n")
        if home.account is not None:
            for path in (draft / "password", draft):
                os.chown(path, home.account.uid, home.account.gid)
        await _initdb(home, binaries, draft, locales)
        (draft / home.cluster.name).rename(home.cluster)
        sync_folder(home.folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


async def _initdb(home: Home, binaries: Binaries, draft: Path, locales: Sequence[Sequence[str]]) -> None:
    said = ""
    ended = ""
    for locale in locales:
        output = ServerLog(home.folder / "initdb.log", max_bytes=0)
        output.path.unlink(missing_ok=True)
        ended = await _run_initdb(home, binaries, draft, locale, output)
        if not ended:
            output.path.unlink()
            return
        said = output.since(0)
        if cause_of(said) is Cause.DISK_FULL:
            raise disk_full(home.folder)
        if "invalid locale" not in said:
            break
    raise StartFailed(f"could not make its database: initdb {ended}", last_lines(said), home.folder / "initdb.log")


async def _run_initdb(home: Home, binaries: Binaries, draft: Path, locale: Sequence[str], output: ServerLog) -> str:
    """How initdb failed, or nothing."""
    argv: list[str | Path] = [
        binaries.program("initdb"),
        *("-D", draft / home.cluster.name),
        *("-U", ROLE, "--pwfile", draft / "password", "--auth=scram-sha-256"),
        *("-E", "UTF8", *locale, "--data-checksums", "--no-instructions"),
    ]
    descriptor = output.open()
    try:
        child = spawn(argv, home.account, descriptor)
    finally:
        os.close(descriptor)
    process = WatchedProcess(child.pid, child)
    try:
        if not await process.ends_within(INITDB_SECONDS):
            return f"did not finish within {INITDB_SECONDS:.0f} s"
    finally:
        if not process.exited.is_set():
            # It has a session of its own, so this reaches the servers that it starts too.
            os.killpg(child.pid, signal.SIGKILL)
            await process.ends_within(10.0)
        process.close()
    return "" if child.returncode == 0 else process.how_it_ended
