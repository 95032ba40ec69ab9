"""An nginx of a bench's own: it serves films, keeps slices of them in front of that, and writes down who asked."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_CONFIGURATION = """
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  access_log off;
  log_format asked "$request_uri $http_range";
  client_body_temp_path {folder}/client;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  proxy_cache_path {folder}/kept keys_zone=kept:10m max_size=8g;
  server {{
    listen 127.0.0.1:{origin};
    root {films};
    access_log {folder}/asked.log asked;
  }}
  server {{
    listen 127.0.0.1:{sliced};
    location / {{
      slice 2m;
      proxy_cache kept;
      proxy_cache_key $uri$slice_range;
      proxy_set_header Range $slice_range;
      proxy_cache_valid 200 206 1h;
      proxy_pass http://127.0.0.1:{origin};
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running one: the port of the films, the one of the slices in front of them, and the worker's process."""

    origin: int
    sliced: int
    worker: int
    log: Path

    def asked(self, path: str) -> list[str]:
        """The ranges of a film that were asked for so far, in order."""
        lines = [line.split(" ", 1) for line in self.log.read_text().splitlines()]
        return [asked for name, asked in lines if name == path]


@asynccontextmanager
async def nginx(folder: Path, films: Path) -> AsyncIterator[Nginx]:
    """One, until the block is left. The folder is for its own files."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        raise SystemExit("There is no nginx here to compare with.")
    await asyncio.to_thread(folder.mkdir)
    origin, sliced = _free_port(), _free_port()
    user = "user root;" if os.getuid() == 0 else ""
    told = folder / "nginx.conf"
    told.write_text(_CONFIGURATION.format(folder=folder, films=films, origin=origin, sliced=sliced, user=user))
    process = await asyncio.create_subprocess_exec(program, "-c", str(told), "-e", str(folder / "error.log"))
    try:
        for port in (origin, sliced):
            await _listening(port)
        yield Nginx(origin, sliced, await _worker(process.pid), folder / "asked.log")
    finally:
        process.terminate()
        await process.wait()


async def _worker(pid: int) -> int:
    """The process that does the work; the others look after the files. Sockets listen before it is there."""
    for _ in range(200):
        if (found := _worker_if_any(pid)) is not None:
            return found
        await asyncio.sleep(0.05)
    raise SystemExit("nginx does not start; its log says why.")


def _worker_if_any(pid: int) -> int | None:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return next((int(child) for child in children if "worker" in Path(f"/proc/{child}/cmdline").read_text()), None)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def _listening(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise SystemExit("nginx does not start; its log says why.")
