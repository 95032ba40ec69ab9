"""The server process: started until it is ready or its failure is understood."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

from synctv.adapters.postgres.embedded.binaries import Binaries
from synctv.adapters.postgres.embedded.diagnosis import Cause, cause_of, disk_full
from synctv.adapters.postgres.embedded.errors import EmbeddedPostgresError, PortTaken, StartFailed
from synctv.adapters.postgres.embedded.home import Home
from synctv.adapters.postgres.embedded.log import ServerLog, last_lines
from synctv.adapters.postgres.embedded.pidfile import PidFile, end_leftovers
from synctv.adapters.postgres.embedded.ports import choose_port
from synctv.adapters.postgres.embedded.processes import WatchedProcess, spawn
from synctv.adapters.postgres.embedded.settings import HOST, ROLE, EmbeddedSettings

PORT_ATTEMPTS: Final = 5
LEFTOVER_ATTEMPTS: Final = 40
LEFTOVER_PAUSE: Final = 0.25
LOOK_EVERY: Final = 0.01

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that takes connections on 127.0.0.1:`port`."""

    process: WatchedProcess
    port: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A start that came to nothing."""

    cause: Cause
    error: EmbeddedPostgresError


@dataclass(frozen=True, slots=True)
class Postmaster:
    """Runs the server of one home. Whoever calls holds the home's lock."""

    home: Home
    binaries: Binaries
    settings: EmbeddedSettings
    log: ServerLog

    async def start(self, wanted_port: int) -> Serving:
        """Start the one server of this home, after ending any that was left behind.

        Port 0 takes the remembered port or any free one. Raises PortTaken, DiskFull, StartFailed, OSError.
        """
        self.log.trim()
        attempts = {Cause.PORT_TAKEN: 1 if wanted_port else PORT_ATTEMPTS, Cause.STILL_IN_USE: LEFTOVER_ATTEMPTS}
        while True:
            await end_leftovers(self.home.cluster, self.settings.stop_timeout)
            port = choose_port(wanted_port, self.home.last_port())
            outcome = await self._attempt(port)
            if isinstance(outcome, Serving):
                self.home.remember_port(port)
                return outcome
            attempts[outcome.cause] = attempts.get(outcome.cause, 1) - 1
            if attempts[outcome.cause] == 0:
                raise outcome.error
            if outcome.cause is Cause.STILL_IN_USE:
                await asyncio.sleep(LEFTOVER_PAUSE)

    async def _attempt(self, port: int) -> Serving | Failed:
        offset = self.log.size()
        options = {**self.settings.server_options(), "listen_addresses": HOST, "unix_socket_directories": ""}
        argv: list[str | Path] = [self.binaries.program("postgres"), "-D", self.home.cluster, "-p", str(port)]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        process = self._spawn(argv)
        try:
            ready = await self._becomes_ready(process)
        except BaseException:
            await process.end(self.settings.stop_timeout)
            raise
        if ready:
            return Serving(process, port)
        if not process.exited.is_set():
            await process.end(self.settings.stop_timeout)
            return self._failed(f"was not ready within {self.settings.start_timeout:.0f} s", offset, port)
        return self._failed(f"{process.how_it_ended} while starting", offset, port)

    def _spawn(self, argv: list[str | Path]) -> WatchedProcess:
        descriptor = self.log.open()
        try:
            child = spawn(argv, self.home.account, descriptor)
        finally:
            os.close(descriptor)
        return WatchedProcess(child.pid, child)

    async def _becomes_ready(self, process: WatchedProcess) -> bool:
        try:
            async with asyncio.timeout(self.settings.start_timeout):
                while not await process.ends_within(LOOK_EVERY):
                    found = PidFile.read(self.home.cluster)
                    if found is not None and found.pid == process.pid and found.ready:
                        return True
        except TimeoutError:
            pass
        return False

    def _failed(self, what: str, offset: int, port: int) -> Failed:
        said = self.log.since(offset)
        cause = cause_of(said)
        if cause is Cause.PORT_TAKEN:
            return Failed(cause, PortTaken(port, "another program took it first"))
        if cause is Cause.DISK_FULL:
            return Failed(cause, disk_full(self.home.folder))
        return Failed(cause, StartFailed(what, last_lines(said), self.log.path))

    async def set_password(self, password: str) -> None:
        """Give the role this password without knowing the old one; the server must not be running.

        PostgreSQL's single-user mode allows it to whoever owns the files, which is who keeps the password anyway.
        """
        await end_leftovers(self.home.cluster, self.settings.stop_timeout)
        argv: list[str | Path] = [self.binaries.program("postgres"), "--single", "-D", self.home.cluster, "postgres"]
        offset = self.log.size()
        descriptor = self.log.open()
        try:
            child = spawn(argv, self.home.account, descriptor, subprocess.PIPE)
        finally:
            os.close(descriptor)
        process = WatchedProcess(child.pid, child)
        try:
            with contextlib.suppress(BrokenPipeError), cast("IO[bytes]", child.stdin) as source:
                source.write(f"ALTER ROLE {ROLE} PASSWORD '{password}'\n".encode())
            await process.ends_within(self.settings.start_timeout)
        finally:
            await process.end(self.settings.stop_timeout)
        if child.returncode != 0:
            raise StartFailed("did not accept a new password", last_lines(self.log.since(offset)), self.log.path)
        logger.warning("The database's password was lost or changed; it has been set anew.")
