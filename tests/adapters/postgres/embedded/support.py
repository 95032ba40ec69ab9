"""What the tests of the embedded PostgreSQL share: queries, processes, and a SyncTV that can be killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]

from synctv.adapters.postgres.embedded.account import Account, choose_account, is_root
from synctv.adapters.postgres.embedded.processes import processes_in
from synctv.adapters.postgres.embedded.server import EmbeddedPostgres
from synctv.adapters.postgres.embedded.settings import EmbeddedSettings

UNREACHED: Final = EmbeddedSettings(outside=Path("/nonexistent/never-needed"))
"""Settings for folders that everybody can reach; using the outside place would fail."""

KILLABLE: Final = """
import asyncio, sys
from pathlib import Path
from synctv.adapters.postgres.embedded.errors import EmbeddedPostgresError
from synctv.adapters.postgres.embedded.server import EmbeddedPostgres

async def main():
    server = EmbeddedPostgres(Path(sys.argv[1]))
    try:
        await server.start()
    except EmbeddedPostgresError as error:
        print(error.code, flush=True)
        return
    print(server.url, server.pid, flush=True)
    await asyncio.Event().wait()

if "uvloop" in sys.argv:
    import uvloop
    uvloop.run(main())
else:
    asyncio.run(main())
"""


def embedded(data_dir: Path, port: int = 0) -> EmbeddedPostgres:
    """A server that has not been started."""
    return EmbeddedPostgres(data_dir, port=port, settings=UNREACHED)


async def ask(url: str, query: str, *arguments: object) -> Any:
    """The first value of the answer."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query, *arguments)
    finally:
        await connection.close()


async def remember(url: str, text: str) -> None:
    """Commit something that a later start must still know."""
    await ask(url, "CREATE TABLE IF NOT EXISTS kept (text text)")
    await ask(url, "INSERT INTO kept VALUES ($1)", text)


async def remembered(url: str) -> str:
    """What `remember` committed last."""
    return str(await ask(url, "SELECT text FROM kept"))


def runner() -> Account | None:
    """Whoever runs the server in these tests."""
    return choose_account(Path("/nonexistent"), ()) if is_root() else None


def spawn_as_runner(*argv: str) -> subprocess.Popen[bytes]:
    """A process of the user that runs the server, which is what makes PostgreSQL believe in it."""
    account = runner()
    if account is None:
        return subprocess.Popen(argv, cwd="/")
    return subprocess.Popen(argv, cwd="/", user=account.uid, group=account.gid, extra_groups=[])


def start_killable(data_dir: Path, *arguments: str) -> subprocess.Popen[str]:
    """Another SyncTV on this data folder, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-c", KILLABLE, str(data_dir), *arguments], stdout=subprocess.PIPE, text=True, env=environment
    )


async def first_line(process: subprocess.Popen[str]) -> str:
    """What it reports: its address and its server, or the code of the error."""
    assert process.stdout is not None
    return await asyncio.to_thread(process.stdout.readline)


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL, as the system does when memory is short."""
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


@asynccontextmanager
async def other_synctv(data_dir: Path, *arguments: str) -> AsyncIterator[tuple[subprocess.Popen[str], str, int]]:
    """Another SyncTV that serves already: its process, the address and the server's process id."""
    process = start_killable(data_dir, *arguments)
    try:
        url, pid = (await first_line(process)).split()
        yield process, url, int(pid)
    finally:
        kill(process)


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that the system does in its own time; the test's time limit is the bound."""
    while True:
        if condition():
            return
        await asyncio.sleep(0.005)


def exists(pid: int) -> bool:
    """Whether the number is in use, be it by a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def none_left_in(cluster: Path) -> None:
    """Wait until no process of PostgreSQL works in this data folder, ending what a failed test left."""
    for pid in list(processes_in(cluster)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
    await until(lambda: not list(processes_in(cluster)))
