"""Where the embedded database lives: `postgres/` in the data folder, or the place that it points to.

    postgres/               the home; root's, when root starts SyncTV, so that the server can't plant links for us
        cluster/            PostgreSQL's data folder, owned by the user that the server runs as, mode 0700
        password            of the one database role, mode 0600
        port                the port of the last start, taken again if it is free
        lock                held while a SyncTV uses this home
        postgres.log(.1)    what the server says

A normal user's database always lies in the data folder itself. PostgreSQL refuses to run as root, so root's runs as
an unprivileged user, and that one must be able to enter. Where it can, nothing changes. Where it can't (root's own
home is closed to others, and opening it is not ours to do), the home is made in `EmbeddedSettings.outside`, under a
random name, and `postgres` in the data folder becomes a link to it:

- The link is the only record, so the data folder stays what one moves, backs up (following links) and deletes:
  a new data folder never picks up an old database, and a copied one is stopped by the lock.
- The decision is made once, when the home is made. A later change of permissions is reported, never answered with a
  second, empty database; neither is a link whose target is missing, such as a container's lost `/var/lib`.
"""

from __future__ import annotations

import logging
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from synctv.adapters.postgres.embedded.account import Account, choose_account, is_root, user_name
from synctv.adapters.postgres.embedded.errors import DataFolderGone, NotOwner, NotReachable
from synctv.adapters.postgres.embedded.private_files import read_private, write_private

NAME: Final = "postgres"
CLUSTER: Final = "cluster"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one embedded database, and the user to run it as (None: the present one)."""

    folder: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data folder; it exists only complete."""
        return self.folder / CLUSTER

    @property
    def log(self) -> Path:
        """The log of the server."""
        return self.folder / "postgres.log"

    @property
    def lock(self) -> Path:
        """The file that is locked while the home is in use."""
        return self.folder / "lock"

    def saved_password(self) -> str | None:
        """The password of the database role, None when it was never made or is lost."""
        try:
            return read_private(self.folder / "password").strip() or None
        except FileNotFoundError:
            return None

    def new_password(self) -> str:
        """A random password, written down before anything can depend on it."""
        password = secrets.token_urlsafe(32)
        write_private(self.folder / "password", f"{password}\n")
        return password

    def last_port(self) -> int | None:
        """The port of the last start, None when there is no sensible record of one."""
        try:
            saved = read_private(self.folder / "port").strip()
        except FileNotFoundError:
            return None
        return int(saved) if saved.isdecimal() and 0 < int(saved) < 65536 else None

    def remember_port(self, port: int) -> None:
        """Have the next start try this port first."""
        if self.last_port() != port:
            write_private(self.folder / "port", f"{port}\n")


def open_home(data_dir: Path, outside: Path) -> Home:
    """Find the home of `data_dir`, making what is missing.

    Raises NotOwner, NotReachable, DataFolderGone, CannotDropPrivileges, or OSError.
    """
    data_dir = Path(os.path.abspath(data_dir))  # noqa: PTH100 - unlike absolute(), it folds `..`; links stay
    if not data_dir.is_dir():
        # Root's server must be able to pass, if nothing further up stops it; what lies inside is closed by itself.
        _make_folder(data_dir, 0o711 if is_root() else 0o700)
    link = data_dir / NAME
    if link.is_symlink() and not link.exists():
        raise DataFolderGone(link, link.readlink())
    return _home_of_root(link, outside) if is_root() else _home_of_user(link)


def _home_of_user(link: Path) -> Home:
    if not link.exists():
        _make_folder(link, 0o700)
    folder = link.resolve()
    for path in (folder / CLUSTER, folder) if os.access(folder, os.X_OK) else (folder,):
        if path.exists() and (owner := path.stat().st_uid) != os.geteuid():
            raise NotOwner(folder, user_name(owner), user_name(os.geteuid()))
    return Home(folder, None)


def _home_of_root(link: Path, outside: Path) -> Home:
    data_dir = link.parent.resolve()
    folder = link.resolve()
    account = choose_account(folder / CLUSTER, (folder, data_dir))
    if not link.exists():
        folder = _make_home(link, account, outside)
    if closed := account.blocked_at(folder):
        raise NotReachable(folder, closed, account.name)
    return Home(folder, account)


def _make_home(link: Path, account: Account, outside: Path) -> Path:
    data_dir = link.parent.resolve()
    if account.blocked_at(data_dir) is None:
        _make_folder(link, 0o711)
        owner = data_dir.stat()
        os.chown(link, owner.st_uid, owner.st_gid)
        return link.resolve()
    if not outside.is_dir():
        _make_folder(outside, 0o711)
    folder = outside.resolve() / f"{data_dir.name.lstrip('.') or 'data'}-{secrets.token_hex(4)}"
    _make_folder(folder, 0o711)
    try:
        link.symlink_to(folder)
    except FileExistsError:
        folder.rmdir()  # another start was faster; the lock decides between us
        return link.resolve()
    logger.warning(
        "PostgreSQL doesn't run as root, and the user %s that it runs as can't enter %s: "
        "the database is kept in %s, and %s points there.",
        account.name,
        data_dir,
        folder,
        link,
    )
    return folder


def _make_folder(folder: Path, mode: int) -> None:
    """Make a folder with exactly this mode, whatever the umask; parents get the usual one.

    Another start may be making the same one at this moment: the lock comes later.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(mode)
