"""A server whose realtime hub fails does not go on without it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from synctv.application.realtime.hub import Hub
from synctv.entrypoints.bootstrap.serve import run
from synctv.entrypoints.bootstrap.settings import Settings

async def fail(self):
    raise ValueError("a fault of ours")

Hub.run = fail
sys.exit(run(Settings.model_validate({
    "data_dir": sys.argv[1],
    "storage": {"kind": "memory"},
    "http": {"port": 0},
    "realtime": {"port": 0},
    "metrics": {"enabled": False},
})))
"""


@pytest.mark.server
def test_the_process_ends_with_a_code_that_says_so(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "data")], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "a fault of ours" in ended.stdout + ended.stderr
