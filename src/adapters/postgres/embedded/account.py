"""The unprivileged user that PostgreSQL runs as when SyncTV is started by root, and what that user can reach."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from synctv.adapters.postgres.embedded.errors import CannotDropPrivileges

if sys.platform != "win32":
    import pwd

SERVICE_USERS: Final = ("synctv", "nobody")
"""Tried in this order: a user made for the purpose, else the one that every system has for programs without rights.

`postgres` is left out on purpose: it owns the databases of a PostgreSQL from the distribution, and the two would be
able to read and signal each other.
"""


@dataclass(frozen=True, slots=True)
class Account:
    """A user other than root, by number, with the name that messages use."""

    uid: int
    gid: int
    name: str

    def blocked_at(self, path: Path) -> Path | None:
        """The first part of `path` which this user may not enter (or, for a file, execute); None if there is none.

        Judged by owner, group and mode. An access list that allows more is not seen, which errs on the safe side.
        """
        for part in (*reversed(path.parents), path):
            if not self._may(part, stat.S_IXUSR):
                return part
        return None

    def can_read(self, path: Path) -> bool:
        """Whether this user can reach the file `path` and read it."""
        return self.blocked_at(path.parent) is None and self._may(path, stat.S_IRUSR)

    def _may(self, path: Path, owner_bit: int) -> bool:
        found = path.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & owner_bit)
        if found.st_gid == self.gid:
            return bool(found.st_mode & (owner_bit >> 3))
        return bool(found.st_mode & (owner_bit >> 6))


def is_root() -> bool:
    """Whether this process has root's identity, which PostgreSQL refuses."""
    return os.geteuid() == 0


def user_name(uid: int) -> str:
    """The name of a user, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def choose_account(cluster: Path, folders: Iterable[Path]) -> Account:
    """The user to run as: whoever owns the data already, so that it never changes hands; else a service user.

    `folders` are the folders around the cluster, innermost first: when a user's own folder is given to a server that
    root starts, the files in it stay that user's. Folders that don't exist are passed over.
    """
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, user_name(owner.st_uid))
    for folder in folders:
        if folder.exists() and (uid := folder.stat().st_uid) != 0 and (known := _by_uid(uid)):
            return known
    for name in SERVICE_USERS:
        if known := _by_name(name):
            return known
    raise CannotDropPrivileges(f"this system has no user called {' or '.join(SERVICE_USERS)}")


def _by_uid(uid: int) -> Account | None:
    # initdb looks its user up, so a bare number won't do for making a cluster.
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)


def _by_name(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name) if entry.pw_uid != 0 else None
