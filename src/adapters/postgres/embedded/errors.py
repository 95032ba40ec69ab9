"""Why the embedded PostgreSQL can't be used: each error is a sentence that says what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from synctv.adapters.postgres.embedded.settings import ALTERNATIVES, DATA_DIR_SETTING, PORT_SETTING


class EmbeddedPostgresError(Exception):
    """The root of all errors below. Subclasses set `code`; `str(error)` is the sentence for the operator."""

    code: ClassVar[str] = "embedded_postgres"


class BinariesMissing(EmbeddedPostgresError):
    """The package with PostgreSQL's programs is not installed, or not made for this platform."""

    code = "embedded_binaries_missing"

    def __init__(self, platform: str, missing: str) -> None:
        self.platform = platform
        self.missing = missing
        super().__init__(
            f"There is no embedded PostgreSQL for this machine ({platform}): {missing} is missing. {ALTERNATIVES} "
            "If your platform should have it, install the package `embedded-postgres`."
        )


class BinariesUnusable(EmbeddedPostgresError):
    """PostgreSQL's programs are there but don't run."""

    code = "embedded_binaries_unusable"

    def __init__(self, program: Path, detail: str) -> None:
        self.program = program
        self.detail = detail
        super().__init__(f"The embedded PostgreSQL doesn't run here: {program}: {detail}. {ALTERNATIVES}")


class DataFolderInUse(EmbeddedPostgresError):
    """Another living process holds the lock of this data folder."""

    code = "embedded_data_in_use"

    def __init__(self, folder: Path, holder: int | None) -> None:
        self.folder = folder
        self.holder = holder
        who = f"Another SyncTV (process {holder})" if holder else "Another SyncTV"
        super().__init__(
            f"{who} is already using the database in {folder}. "
            f"Stop it first, or give this one another data folder with {DATA_DIR_SETTING} or `--data-dir`."
        )


class WrongMajorVersion(EmbeddedPostgresError):
    """The data folder was written by another major version of PostgreSQL."""

    code = "embedded_wrong_major_version"

    def __init__(self, folder: Path, found: int, installed: int) -> None:
        self.folder = folder
        self.found = found
        self.installed = installed
        super().__init__(
            f"The database in {folder} was made by PostgreSQL {found}, but PostgreSQL {installed} is installed; "
            "neither reads the other's files, and nothing has been changed. To carry your data over:\n"
            f"  1. Install the SyncTV that made it (with `embedded-postgres=={found}.*`), start it, and save the data "
            "with `pg_dump` from that package.\n"
            f"  2. Move {folder} away, install this version again and start it once: it makes an empty database.\n"
            "  3. Load what you saved with `psql`.\n"
            f"Or keep the data in a server that does such upgrades. {ALTERNATIVES}"
        )


class DamagedData(EmbeddedPostgresError):
    """Something that is not a database lies where the database should be."""

    code = "embedded_data_damaged"

    def __init__(self, folder: Path, detail: str) -> None:
        self.folder = folder
        self.detail = detail
        super().__init__(
            f"{folder} is not a complete PostgreSQL database: {detail}. "
            "Restore it from a backup, or move it away to begin with an empty one."
        )


class NotOwner(EmbeddedPostgresError):
    """The data belongs to another user, so PostgreSQL would refuse it."""

    code = "embedded_not_owner"

    def __init__(self, folder: Path, owner: str, user: str) -> None:
        self.folder = folder
        self.owner = owner
        self.user = user
        super().__init__(
            f"The database in {folder} belongs to the user {owner}, but SyncTV runs as {user}. "
            f"Start it as {owner} (or as root, if it was first started so), "
            f"or hand the files over: `chown -R {user} {folder}`."
        )


class NotReachable(EmbeddedPostgresError):
    """As root the server drops to an unprivileged user, and that one can't enter the folder."""

    code = "embedded_data_unreachable"

    def __init__(self, folder: Path, closed: Path, user: str) -> None:
        self.folder = folder
        self.closed = closed
        self.user = user
        super().__init__(
            f"PostgreSQL doesn't run as root, and the user {user} that it runs as can't enter {closed}, "
            f"above the database in {folder}. Let others pass (`chmod o+x {closed}`), "
            "or start SyncTV as the user who owns that folder."
        )


class DataFolderGone(EmbeddedPostgresError):
    """The pointer in the data folder names a place that no longer exists."""

    code = "embedded_data_gone"

    def __init__(self, link: Path, target: Path) -> None:
        self.link = link
        self.target = target
        super().__init__(
            f"{link} says that the database is in {target}, but nothing is there. Bring it back (is a disk or a "
            f"volume not mounted?), or remove {link} to begin with an empty database."
        )


class CannotDropPrivileges(EmbeddedPostgresError):
    """PostgreSQL refuses to run as root, and there is no way to another user."""

    code = "embedded_cannot_drop_privileges"

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(
            f"PostgreSQL doesn't run as root, and SyncTV can't run it as another user: {detail}. "
            f"Start SyncTV as a normal user. {ALTERNATIVES}"
        )


class DiskFull(EmbeddedPostgresError):
    """No room for the database."""

    code = "embedded_disk_full"

    def __init__(self, folder: Path, free: int) -> None:
        self.folder = folder
        self.free = free
        super().__init__(
            f"The disk is full: the database in {folder} can't be written ({free // 1024**2} MB are free). "
            "Make room (at least 200 MB) and start again, "
            f"or choose another disk with {DATA_DIR_SETTING} or `--data-dir`."
        )


class NotWritable(EmbeddedPostgresError):
    """The operating system refuses to write where the data should be."""

    code = "embedded_not_writable"

    def __init__(self, folder: Path, detail: str) -> None:
        self.folder = folder
        self.detail = detail
        super().__init__(
            f"The database can't be kept in {folder}: {detail}. "
            f"Make it writable, or choose another folder with {DATA_DIR_SETTING} or `--data-dir`."
        )


class PortTaken(EmbeddedPostgresError):
    """The port that was asked for can't be listened on."""

    code = "embedded_port_taken"

    def __init__(self, port: int, detail: str) -> None:
        self.port = port
        self.detail = detail
        super().__init__(
            f"The embedded PostgreSQL can't listen on port {port}: {detail}. "
            f"End the program that uses it, or set {PORT_SETTING} to another port (0 takes any free one)."
        )


class StartFailed(EmbeddedPostgresError):
    """PostgreSQL ended or hung for a reason that we don't know; its own last words are quoted."""

    code = "embedded_start_failed"

    def __init__(self, what: str, last_lines: str, log: Path) -> None:
        self.what = what
        self.last_lines = last_lines
        self.log = log
        said = f" It said:\n{last_lines}\n" if last_lines else " "
        super().__init__(f"The embedded PostgreSQL {what}.{said}The whole log is in {log}.")
