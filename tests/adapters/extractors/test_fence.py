"""What a worker may not do, in a process of its own: the fence can't be taken down again."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

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
