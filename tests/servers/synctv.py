"""A SyncTV server as a process of its own: started as a person starts it, on free ports, ended by signals.

Tests and benches share it. `client.py` has somebody who talks to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any, Final

import aiohttp

from synctv.entrypoints.bootstrap import endpoints

COMMAND: Final = (sys.executable, "-c", "from synctv.entrypoints.cli.main import main; main()")
PARTS: Final = ("http", "realtime", "management")
WAIT_SECONDS: Final = 60.0
"""How long anything may take before it counts as never coming. No measure of speed."""

POLL_SECONDS: Final = 0.01
NOT_INHERITED: Final = ("SYNCTV_", "PYTHONDONTWRITEBYTECODE")
"""Settings of whoever runs the tests; and a server that may not keep what it compiled starts several times slower."""

ROOT_PASSWORD: Final = "correct horse"

Setting = str | int | float | bool
DEFAULTS: Final[Mapping[str, Setting]] = {
    "storage.kind": "memory",
    "http.host": "127.0.0.1",
    "http.port": 0,
    "realtime.host": "127.0.0.1",
    "realtime.port": 0,
    "metrics.port": 0,
    "bootstrap.root_password": ROOT_PASSWORD,
    # Checking a password costs nothing here, and nobody is slowed down.
    "passwords.memory_kib": 8,
    "passwords.passes": 1,
    "limits.auth_per_minute": 100_000,
    "limits.write_per_minute": 1_000_000,
    "limits.read_per_minute": 1_000_000,
    "limits.media_per_minute": 1_000_000,
    "limits.websocket_per_minute": 100_000,
    # Films of tests come from this machine.
    "security.egress.allow": "127.0.0.1",
}


class ServerEnded(AssertionError):
    """The process ended while it was being waited for."""


class SynctvServer:
    """One server process with a data folder. It may be started again after it has ended.

    `settings` are added to `DEFAULTS` by their dotted names. `parts` are those of `synctv serve`; none are all.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, Setting] | None = None, parts: Sequence[str] = ()):
        self.data_dir = data_dir
        self.settings = {**DEFAULTS, **(settings or {})}
        self.parts = tuple(parts)
        self._process: subprocess.Popen[bytes] | None = None
        self._addresses: dict[str, str] = {}
        self._name = "-".join(parts) or "all"

    # ------------------------------------------------------------ life

    async def start(self) -> None:
        """Starts it and waits until it is ready. Raises `ServerEnded` with what it wrote when it refuses."""
        self.spawn()
        await self.announced()
        if "http" in self._addresses:
            await self.until_ready()

    def spawn(self) -> None:
        """Starts it and waits for nothing."""
        assert self._process is None or self._process.poll() is not None, "It runs already."
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._addresses = {}
        self._forget_addresses()
        with self._log("stdout") as out, self._log("stderr") as err:
            self._process = subprocess.Popen(
                [*COMMAND, "serve", *self.parts],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                # Ctrl+C in the terminal of the tests is theirs to handle.
                start_new_session=True,
            )

    async def announced(self) -> None:
        """Waits until it has said where it listens."""
        wanted = set(self.parts or PARTS)
        async with asyncio.timeout(WAIT_SECONDS):
            while not wanted <= (known := endpoints.read(self.data_dir)).keys():
                self._must_run()
                await asyncio.sleep(POLL_SECONDS)
        self._addresses = {part: known[part] for part in wanted}

    async def until_ready(self, *, ready: bool = True) -> None:
        """Waits until `/health/ready` says that it is, or is not."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(WAIT_SECONDS):
            while await self._readiness(session) is not ready:
                self._must_run()
                await asyncio.sleep(POLL_SECONDS)

    async def ended(self) -> int:
        """Waits for the end of the process; its exit code, negative after a signal."""
        process = self._running
        async with asyncio.timeout(WAIT_SECONDS):
            while (code := process.poll()) is None:
                await asyncio.sleep(POLL_SECONDS)
        return code

    def signal(self, number: signal.Signals) -> None:
        """Sends it a signal."""
        self._running.send_signal(number)

    async def stop(self) -> int:
        """Stops it in order; its exit code."""
        self.signal(signal.SIGTERM)
        return await self.ended()

    async def kill(self) -> None:
        """Ends it as a crash would."""
        self.signal(signal.SIGKILL)
        await self.ended()

    async def discard(self) -> None:
        """Makes sure that nothing of it is left, whatever state it is in."""
        if self._process is None or self._process.poll() is not None:
            return
        with contextlib.suppress(TimeoutError):
            await self.stop()
        if self._process.poll() is None:
            await self.kill()

    async def operate(self, *arguments: str, given: str = "") -> str:
        """What a command of the operator prints, such as `stats`; it has to succeed. `given` is its standard input."""
        pipe = asyncio.subprocess.PIPE
        command = await asyncio.create_subprocess_exec(
            *COMMAND, *arguments, env=self._environment(), stdin=pipe, stdout=pipe, stderr=pipe
        )
        async with asyncio.timeout(WAIT_SECONDS):
            out, err = await command.communicate(given.encode())
        assert command.returncode == 0, err.decode()
        return out.decode()

    # ------------------------------------------------------------ figures

    @property
    def pid(self) -> int:
        """The process."""
        return self._running.pid

    @property
    def http(self) -> str:
        """The address of the page and the API."""
        return f"http://{self._addresses['http']}"

    @property
    def realtime(self) -> str:
        """The address of the WebSocket server."""
        return f"ws://{self._addresses['realtime']}"

    def output(self) -> str:
        """What it printed for the person at the terminal."""
        return self._log_file("stdout").read_text(errors="replace")

    def log(self) -> str:
        """What it logged since it was made, over all its starts."""
        return self._log_file("stderr").read_text(errors="replace")

    # ------------------------------------------------------------ inside

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "It was never started."
        return self._process

    def _must_run(self) -> None:
        code = self._running.poll()
        if code is not None:
            raise ServerEnded(f"The server ended with {code}. It wrote:\n{self.output()}\n{self.log()}")

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
        named = {f"SYNCTV_{name.upper().replace('.', '__')}": str(value) for name, value in self.settings.items()}
        return {**inherited, **named, "SYNCTV_DATA_DIR": str(self.data_dir), "PYTHONUNBUFFERED": "1"}

    def _forget_addresses(self) -> None:
        """Takes back what an earlier process wrote that could not do it itself."""
        known = endpoints.read(self.data_dir)
        left = {part: address for part, address in known.items() if part not in (self.parts or PARTS)}
        if left != known:
            (self.data_dir / "run" / endpoints.FILE_NAME).write_text(json.dumps(left))

    async def _readiness(self, session: aiohttp.ClientSession) -> bool | None:
        try:
            async with session.get(f"{self.http}/health/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectionError:
            return None if self._running.poll() is None else False

    def _log_file(self, stream: str) -> Path:
        return self.data_dir.parent / f"{self.data_dir.name}.{self._name}.{stream}"

    def _log(self, stream: str) -> IO[Any]:
        return self._log_file(stream).open("ab")


@asynccontextmanager
async def synctv_server(
    data_dir: Path, settings: Mapping[str, Setting] | None = None, parts: Sequence[str] = ()
) -> AsyncIterator[SynctvServer]:
    """A server that is ready, and gone afterwards."""
    server = SynctvServer(data_dir, settings, parts)
    try:
        await server.start()
        yield server
    finally:
        await server.discard()
