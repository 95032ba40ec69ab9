"""The embedded PostgreSQL as the rest of SyncTV sees it: an address while it runs, and a way to keep it running."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from synctv.adapters.postgres.embedded.binaries import find_binaries, reachable_binaries
from synctv.adapters.postgres.embedded.cluster import ensure_cluster
from synctv.adapters.postgres.embedded.database import PasswordRefused, database_url, ensure_database
from synctv.adapters.postgres.embedded.diagnosis import os_errors
from synctv.adapters.postgres.embedded.errors import EmbeddedPostgresError
from synctv.adapters.postgres.embedded.home import open_home
from synctv.adapters.postgres.embedded.lock import FolderLock
from synctv.adapters.postgres.embedded.log import ServerLog
from synctv.adapters.postgres.embedded.postmaster import Postmaster, Serving
from synctv.adapters.postgres.embedded.settings import EmbeddedSettings

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 30.0
STEADY_SECONDS: Final = 60.0
"""A server that lived this long has recovered: its next end is a new misfortune, not the same one."""
LOG_CHECK_SECONDS: Final = 30.0

logger = logging.getLogger(__name__)


class EmbeddedPostgres:
    """One PostgreSQL server for one data folder, a child of this process.

    `async with EmbeddedPostgres(data_dir) as server:` starts it and stops it; `start` and `stop` do the same by hand.
    Its data outlives everything: a killed server or a killed SyncTV is recovered by the next start. A port of 0 is
    free choice, and the same one is taken again as long as it is free.
    All methods belong to one event loop and raise EmbeddedPostgresError.
    """

    def __init__(self, data_dir: Path, *, port: int = 0, settings: EmbeddedSettings | None = None) -> None:
        if not 0 <= port <= 65535:
            raise ValueError(f"A port is a number from 0 to 65535, not {port}.")
        self._data_dir = data_dir
        self._port = port
        self._settings = settings or EmbeddedSettings()
        self._changing = asyncio.Lock()
        self._lock: FolderLock | None = None
        self._postmaster: Postmaster | None = None
        self._serving: Serving | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """`postgresql://app:<password>@127.0.0.1:<port>/synctv?sslmode=disable`.

        Where the port is of free choice, a restart changes it if another program has taken it in between.
        """
        home = self._running.home
        return database_url(self._now_serving.port, home.saved_password() or "")

    @property
    def folder(self) -> Path:
        """Where the database's files really are."""
        return self._running.home.folder

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._now_serving.process.pid

    @property
    def exited(self) -> asyncio.Event:
        """Set when the present server process has ended, for whatever reason. A restart comes with a new event."""
        return self._now_serving.process.exited

    async def start(self) -> None:
        """Make the database if there is none, and serve it. On an error or a cancellation nothing is left running."""
        if self._postmaster is not None:
            raise RuntimeError("The embedded PostgreSQL is started already.")
        async with self._changing:
            try:
                with os_errors(self._data_dir):
                    self._postmaster = await self._prepare()
                    self._serving = await self._serve(self._postmaster)
            except BaseException:
                self._forget()
                raise

    async def stop(self) -> None:
        """End the server in order, harder when it takes too long, and release the data folder. Twice is fine."""
        async with self._changing:
            try:
                if self._serving is not None:
                    await self._serving.process.end(self._settings.stop_timeout)
            finally:
                self._forget()

    async def restart(self) -> None:
        """Stop the server if it still runs, and start it again. After an error it may be tried again."""
        old = self._now_serving
        async with self._changing:
            if self._postmaster is not None and self._serving is old:
                await self._replace(self._postmaster, old)

    async def keep_running(self, on_restart: Callable[[str], Awaitable[None]] | None = None) -> None:
        """Start the server again whenever it ends by itself, until `stop`; also keeps the log within its bound.

        Waits between attempts, from 0.1 s doubling to 30 s, and reports each failure to the log rather than raising.
        `on_restart` gets the URL after each success. Run it in the task group of whoever owns the server, and cancel
        it before `stop`, so that a start under way doesn't delay the end.
        """
        pause = FIRST_PAUSE
        clock = asyncio.get_running_loop().time
        since = clock()
        while (serving := self._serving) is not None:
            if not await serving.process.ends_within(LOG_CHECK_SECONDS):
                self._trim_log()
                continue
            if clock() - since > STEADY_SECONDS:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            revived = await self._revive(serving)
            since = clock()
            if revived and on_restart is not None:
                await on_restart(self.url)

    async def _revive(self, dead: Serving) -> bool:
        async with self._changing:
            postmaster = self._postmaster
            if postmaster is None or self._serving is not dead:
                return False  # stopped or restarted on purpose meanwhile
            logger.error("The embedded PostgreSQL %s; starting it again.", dead.process.how_it_ended)
            try:
                await self._replace(postmaster, dead)
            except EmbeddedPostgresError as error:
                logger.error("It could not be started again, and will be tried later. %s", error)
                return False
            return True

    async def _replace(self, postmaster: Postmaster, old: Serving) -> None:
        with os_errors(self._data_dir):
            await old.process.end(self._settings.stop_timeout)
            self._serving = await self._serve(postmaster)

    async def _prepare(self) -> Postmaster:
        found = find_binaries()
        home = open_home(self._data_dir, self._settings.outside)
        self._lock = FolderLock(home.lock)
        self._lock.acquire()
        binaries = reachable_binaries(found, home.account, home.folder)
        await ensure_cluster(home, binaries)
        return Postmaster(home, binaries, self._settings, ServerLog(home.log, self._settings.log_bytes))

    async def _serve(self, postmaster: Postmaster) -> Serving:
        password = postmaster.home.saved_password()
        if password is None:
            return await self._serve_with_new_password(postmaster)
        try:
            return await self._serve_with(postmaster, password)
        except PasswordRefused:
            return await self._serve_with_new_password(postmaster)

    async def _serve_with_new_password(self, postmaster: Postmaster) -> Serving:
        password = postmaster.home.new_password()
        await postmaster.set_password(password)
        return await self._serve_with(postmaster, password)

    async def _serve_with(self, postmaster: Postmaster, password: str) -> Serving:
        serving = await postmaster.start(self._port)
        try:
            await ensure_database(serving.port, password, postmaster.home)
        except BaseException:
            await serving.process.end(self._settings.stop_timeout)
            raise
        return serving

    def _trim_log(self) -> None:
        try:
            self._running.log.trim()
        except OSError as error:
            logger.warning("The log of the embedded PostgreSQL could not be cut: %s", error)

    def _forget(self) -> None:
        self._postmaster = None
        self._serving = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @property
    def _running(self) -> Postmaster:
        if self._postmaster is None:
            raise RuntimeError("The embedded PostgreSQL is not started.")
        return self._postmaster

    @property
    def _now_serving(self) -> Serving:
        if self._serving is None:
            raise RuntimeError("The embedded PostgreSQL is not started.")
        return self._serving
