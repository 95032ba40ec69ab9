"""What is generated and committed is what its source generates today."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import GENERATED, ROOT

STALE = "Run `make generate` and commit the result."


def test_generating_the_protobuf_code_again_changes_nothing(tmp_path: Path) -> None:
    generate("tools/protobuf", tmp_path, ROOT)
    for name, committed in GENERATED.items():
        assert differing(committed, tmp_path / name) == [], STALE


def test_generating_the_page_s_protobuf_code_again_changes_nothing(tmp_path: Path) -> None:
    web = ROOT / "web"
    assert (web / "node_modules").is_dir(), "The generator of the page is not installed: make page"
    generate("scripts/generate.sh", tmp_path, web)
    assert differing(web / "src" / "lib" / "realtime" / "generated", tmp_path) == [], STALE


def generate(script: str, output: Path, folder: Path) -> None:
    """Runs a generator of the repository with the interpreter of the tests."""
    environment = os.environ | {"PYTHON": sys.executable}
    command = ["sh", script, str(output)]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def differing(committed: Path, generated: Path) -> list[str]:
    """The files that are not the same in both folders."""
    old, new = _files(committed), _files(generated)
    assert new, "Nothing was generated."
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
