"""The command, run in this process, and a management server that it can talk to, run in another thread."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from synctv.adapters.crypto.passwords import FAST, Argon2PasswordHasher
from synctv.entrypoints.bootstrap.endpoints import alive, announced, run_folder
from synctv.entrypoints.cli.main import app
from tests.entrypoints.management.conftest import Server

T = TypeVar("T")

COMMAND: Any = get_command(app)  # of typer's own copy of click, which click's runner takes as its own
"""Made once, as in a process: typer looks at every function of every command, which takes longer than most runs."""


class Command(Protocol):
    """Runs `synctv` with these arguments."""

    def __call__(self, *arguments: str, input: str | None = None) -> Result: ...  # noqa: A002 - click's name


class RunningServer:
    """A server in a thread of its own, which ends when it is told to stop."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.passwords = Argon2PasswordHasher(FAST)
        self.server = Server(run_folder(data_dir), self.passwords)
        self._started: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()
        self._started.result(10)

    def run(self, work: Callable[[Server], Coroutine[Any, Any, T]]) -> T:
        """Does something inside of the server."""
        return asyncio.run_coroutine_threadsafe(work(self.server), self._started.result()).result(10)

    def end(self) -> None:
        self.run(self._stop)
        self._thread.join(10)
        self.passwords.close()

    def _run(self) -> None:
        with alive(self.data_dir):
            asyncio.run(self._serve())

    async def _stop(self, server: Server) -> None:
        server.stops.append(True)

    async def _serve(self) -> None:
        try:
            async with self.server.running():
                with announced(self.data_dir, {"management": f"unix://{self.server.path}"}):
                    self._started.set_result(asyncio.get_running_loop())
                    while not self.server.stops:
                        await asyncio.sleep(0.01)
        except BaseException as error:
            if not self._started.done():
                self._started.set_exception(error)
            raise


@pytest.fixture
def data_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder that the command finds, and a current folder without settings."""
    with tempfile.TemporaryDirectory(prefix="synctv-") as name:
        monkeypatch.setenv("SYNCTV_DATA_DIR", name)
        monkeypatch.chdir(name)
        yield Path(name)


@pytest.fixture
def synctv(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setattr("typer.testing._get_command", lambda _: COMMAND)
    runner = CliRunner()

    def run(*arguments: str, input: str | None = None) -> Result:  # noqa: A002
        return runner.invoke(app, arguments, input=input)

    return run


@pytest.fixture
def running(data_dir: Path) -> Iterator[RunningServer]:
    server = RunningServer(data_dir)
    server.start()
    yield server
    if server._thread.is_alive():
        server.end()
