"""What a worker may not do, in a process of its own: the fence can't be taken down again."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.egress_proxy import egress_proxy
from synctv.adapters.extractors.extractor import Job, Tool
from synctv.adapters.extractors.pool import worker_extractor
from synctv.adapters.memory.clock import MemoryClock

SCRIPT = """
import sys
from synctv.adapters.extractors.fence import FencedOff, limit_resources, raise_fence
raise_fence(int(sys.argv[1]))
try:
    exec(sys.argv[2])
except FencedOff:
    print("fenced off")
else:
    print("done")
"""


def tried(deed: str, port: int = 9) -> str:
    run = subprocess.run([sys.executable, "-c", SCRIPT, str(port), deed], capture_output=True, text=True, check=True)
    return run.stdout.strip()


@pytest.mark.parametrize(
    "deed",
    [
        "import socket; socket.create_connection(('127.0.0.1', 10), 1)",
        "import socket; socket.create_connection(('192.0.2.1', 9), 1)",
        "import socket; socket.socket(socket.AF_UNIX).connect('/run/somebody.sock')",
        "import socket; socket.getaddrinfo('media.test', 80)",
        "import socket; socket.gethostbyname('media.test')",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['/bin/echo'])",
        "import subprocess; subprocess.run('echo', shell=True)",
        "import os; os.system('echo')",
        "import os; os.execv('/bin/echo', ['echo'])",
        "import os; os.fork()",
        "import asyncio; asyncio.run(asyncio.create_subprocess_exec('/bin/echo'))",
    ],
)
def test_another_way_out_is_fenced_off(deed: str) -> None:
    assert tried(deed) == "fenced off"


def test_the_proxy_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert tried(f"import socket; socket.create_connection(('127.0.0.1', {port}), 5).close()", port) == "done"


WORKER = """
import socket
from synctv.adapters.extractors import worker

def run(job, setup):
    try:
        socket.create_connection(("127.0.0.1", int(job["url"].rpartition("/")[2])), 5)
    except PermissionError as error:
        return {"info": {"title": type(error).__name__}}
    return {"info": {"title": "connected"}}

worker._answer = run
worker.main()
"""


async def test_every_worker_is_fenced_in() -> None:
    command = (sys.executable, "-c", WORKER)
    with socket.create_server(("127.0.0.1", 0)) as server:
        page = f"https://site.test/{server.getsockname()[1]}"
        async with (
            egress_proxy(EgressPolicy()) as proxy,
            worker_extractor(proxy, MemoryClock(), command=command) as extractor,
        ):
            found = await extractor.extract(Job(Tool.YT_DLP, page))
    assert found.info.title == "FencedOff"


def test_the_server_itself_never_loads_what_reads_pages() -> None:
    look = """
import sys
from synctv.adapters.providers.registry import folders
from synctv.entrypoints.bootstrap.container import Container
for folder in folders():
    __import__(f"synctv.adapters.providers.{folder}.provider")
print({"yt_dlp", "streamlink"} & {*sys.modules})
"""
    run = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_memory_beyond_the_limit_is_an_error_of_the_process() -> None:
    deed = """limit_resources(200, 60)
try:
    bytearray(400 << 20)
except MemoryError:
    pass
else:
    raise SystemExit(1)"""
    if sys.platform == "linux":
        assert tried(deed) == "done"
