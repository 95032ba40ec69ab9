"""Who asks in the bench of slices: wrk for throughput, and connections of our own for everything else."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measures import MIB, cpu_seconds

_ASK = """
local asked, size, length = 0, {size}, {length}
request = function()
  local start = (asked % math.floor(length / size)) * size
  asked = asked + 1
  return wrk.format("GET", "{path}", {{["Range"] = "bytes=" .. start .. "-" .. (start + size - 1)}})
end
done = function(summary)
  io.write("FOUND " .. summary.bytes .. " " .. summary.duration .. " "
    .. (summary.errors.status + summary.errors.read + summary.errors.timeout) .. "\\n")
end
"""


@dataclass(frozen=True, slots=True)
class Target:
    """A server that has the film: where, and the process whose CPU counts."""

    name: str
    port: int
    path: str
    pid: int


@dataclass(frozen=True, slots=True)
class Run:
    """Bytes a second, and CPU seconds of the server for each GiB."""

    throughput: float
    cpu: float


async def throughput(target: Target, size: int, length: int, seconds: float, folder: Path) -> Run:
    """One run of wrk: ranges of `size` bytes over eight connections, one after the other."""
    script = folder / "ask.lua"
    script.write_text(_ASK.format(size=size, length=length, path=target.path))
    before = cpu_seconds(target.pid)
    arguments = ("-t1", "-c8", f"-d{seconds:g}s", "-s", str(script), f"http://127.0.0.1:{target.port}/")
    process = await asyncio.create_subprocess_exec("wrk", *arguments, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    used = cpu_seconds(target.pid) - before
    found = re.search(r"FOUND (\d+) (\d+) (\d+)", output.decode())
    if found is None or found[3] != "0":
        raise SystemExit(f"wrk failed at {target.name}: {output.decode()}")
    count, micros = int(found[1]), int(found[2])
    return Run(count / micros * 1e6, used / (count / MIB / 1_024))


def first_bytes(target: Target, length: int, count: int) -> list[float]:
    """Seconds from asking for a range of 64 KiB to its first byte, over one connection, all over the film."""
    found = []
    with socket.create_connection(("127.0.0.1", target.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for turn in range(count):
            start = turn * 7_654_321 % (length - 65_536)
            request = _request(target.path, start, start + 65_536)
            began = time.perf_counter()
            connection.sendall(request)
            data = connection.recv(1 << 16)
            head, _, rest = data.partition(b"\r\n\r\n")
            if not rest:
                rest = connection.recv(1 << 16)
            found.append(time.perf_counter() - began)
            assert b" 206 " in head[:16], head
            left = 65_536 - len(rest)
            while left:
                left -= len(connection.recv(left))
    return found


@asynccontextmanager
async def viewer(port: int, path: str, start: int, end: int) -> AsyncIterator[asyncio.StreamReader]:
    """A connection on which these bytes were asked for, with the head of the answer read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 16)
    try:
        writer.write(_request(path, start, end))
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 206 " not in head[:16]:
            raise SystemExit(f"An answer that nobody expected: {head!r}")
        yield reader
    finally:
        writer.close()


async def whole(port: int, path: str, length: int) -> int:
    """Reads all of a film as one viewer; the bytes that came."""
    count = 0
    async with viewer(port, path, 0, length) as reader:
        while count < length and (piece := await reader.read(1 << 18)):
            count += len(piece)
    return count


@asynccontextmanager
async def slow_viewers(port: int, asked: list[tuple[str, int, int]]) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Viewers who have their heads and read nothing by themselves."""
    async with AsyncExitStack() as stack:
        opening = [asyncio.ensure_future(stack.enter_async_context(viewer(port, *one))) for one in asked]
        yield await asyncio.gather(*opening)


async def figures(port: int) -> dict[str, Any]:
    """What our server knows of itself."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /figures?collect=1 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    found: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return found


def _request(path: str, start: int, end: int) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: here\r\nRange: bytes={start}-{end - 1}\r\n\r\n".encode()
