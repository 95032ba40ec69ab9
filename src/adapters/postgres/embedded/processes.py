"""Processes of PostgreSQL: started, watched and signalled without being taken for others that got their number."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from synctv.adapters.postgres.embedded.account import Account
from synctv.adapters.postgres.embedded.errors import BinariesUnusable, CannotDropPrivileges

POLL_SECONDS: Final = 0.2
"""Between looks at a process where the system can't report its end by itself (anything but Linux)."""

PROC: Final = Path("/proc")


def spawn(
    argv: Sequence[str | Path], account: Account | None, output: int, source: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Start a program of PostgreSQL as `account`, away from our terminal, our files and our secrets.

    It gets a session of its own, so Ctrl-C in a terminal reaches only us, and we stop it in order. The environment
    holds nothing of ours: settings of SyncTV may be secrets, and libpq's variables would change its behaviour.
    """
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    try:
        return subprocess.Popen(  # noqa: S603 - programs of the installed package, arguments from this package
            argv,
            stdin=source,
            stdout=output,
            stderr=output,
            cwd="/",
            env=environment,
            start_new_session=True,
            umask=0o077,
            user=None if account is None else account.uid,
            group=None if account is None else account.gid,
            extra_groups=None if account is None else [],
        )
    except FileNotFoundError as error:
        raise BinariesUnusable(Path(argv[0]), str(error)) from error
    except OSError as error:
        if account is not None:
            raise CannotDropPrivileges(f"becoming {account.name} was refused ({error.strerror})") from error
        raise BinariesUnusable(Path(argv[0]), str(error)) from error


class WatchedProcess:
    """One process, a child or not. `exited` is set once it has ended, and as a child it is reaped by then.

    Raises ProcessLookupError when a process that is no child is gone already. `close` when done with it.
    """

    def __init__(self, pid: int, child: subprocess.Popen[bytes] | None = None) -> None:
        self.pid = pid
        self.exited = asyncio.Event()
        self._child = child
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._pidfd = _open_pidfd(pid)
        if self._pidfd is None:
            self._poll()
        else:
            self._loop.add_reader(self._pidfd, self._ended)

    @property
    def how_it_ended(self) -> str:
        """For messages: `ended with status 1`, `was ended by SIGKILL`, or `ended` where nobody can know."""
        code = None if self._child is None else self._child.returncode
        if code is None:
            return "ended"
        if code >= 0:
            return f"ended with status {code}"
        return f"was ended by {signal.Signals(-code).name}"

    async def ends_within(self, seconds: float) -> bool:
        """Wait for the end; False when it didn't come in time."""
        try:
            async with asyncio.timeout(seconds):
                await self.exited.wait()
        except TimeoutError:
            return False
        return True

    def send(self, number: signal.Signals) -> None:
        """Signal exactly this process; nothing happens if it has ended."""
        if self.exited.is_set():
            return
        try:
            if sys.platform == "linux" and self._pidfd is not None:
                signal.pidfd_send_signal(self._pidfd, number)
            else:
                os.kill(self.pid, number)
        except ProcessLookupError:
            self._ended()

    async def end(self, patience: float) -> None:
        """PostgreSQL's fast stop; each time that takes longer than `patience` seconds, a harder one."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self.send(number)
            if await self.ends_within(patience):
                return

    def close(self) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = None

    def _ended(self) -> None:
        if self._child is not None:
            self._child.wait()  # it has ended already: this collects the status and returns at once
        self.exited.set()
        self.close()

    def _poll(self) -> None:
        alive = is_running(self.pid) if self._child is None else self._child.poll() is None
        if alive:
            self._timer = self._loop.call_later(POLL_SECONDS, self._poll)
        else:
            self._ended()


def _open_pidfd(pid: int) -> int | None:
    if sys.platform != "linux":
        return None
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except OSError:
        return None  # an old kernel, or a sandbox that lacks the call


def is_running(pid: int) -> bool:
    """Whether the process exists and is more than a zombie that nobody has collected."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    state = _state(pid)
    return state is None or state not in "ZX"


def _state(pid: int) -> str | None:
    """The letter by which the system describes a process, None where it can't be learnt."""
    if sys.platform != "linux":
        return _ask_ps(pid, "stat=")[:1] or None
    try:
        # The name stands in parentheses and may hold anything, so the fields begin after the last one.
        return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return None


def works_in(pid: int, cluster: Path) -> bool:
    """Whether `pid` is a living process of a PostgreSQL whose data folder is `cluster`.

    Its name and its working folder tell: PostgreSQL changes into its data folder. Where the working folder may not
    be seen (root in a container without the right to trace), the command line that we start servers with does.
    """
    if not is_running(pid):
        return False
    if sys.platform != "linux":
        command = f"{_ask_ps(pid, 'command=')} "
        return "postgres" in command and f" {cluster} " in command
    try:
        command = (PROC / str(pid) / "cmdline").read_text(errors="replace")
        name = command.partition("\0")[0].partition(": ")[0]
        return Path(name).name == "postgres" and _stands_in(pid, cluster, command)
    except OSError:
        return False  # it ended meanwhile


def _stands_in(pid: int, cluster: Path, command: str) -> bool:
    try:
        return os.path.samestat((PROC / str(pid) / "cwd").stat(), cluster.stat())
    except PermissionError:
        return f"\0{cluster}\0" in command


def _ask_ps(pid: int, column: str) -> str:
    done = subprocess.run(  # noqa: S603 - no input from outside
        ["/bin/ps", "-o", column, "-p", str(pid)], capture_output=True, text=True, timeout=10, check=False
    )
    return done.stdout.strip()


def processes_in(cluster: Path) -> Iterator[int]:
    """All processes of PostgreSQL that work in `cluster`, such as those that outlive a killed server for a moment.

    Only Linux can list them; elsewhere there are none to see, and one waits for them to go.
    """
    if sys.platform != "linux":
        return
    for entry in PROC.iterdir():
        if entry.name.isdecimal() and works_in(int(entry.name), cluster):
            yield int(entry.name)
