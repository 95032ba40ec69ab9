"""What is generated and committed is what its source generates today."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.architecture.sources import GENERATED, ROOT


def test_generating_the_protobuf_code_again_changes_nothing(tmp_path: Path) -> None:
    fresh = tmp_path / "wire"
    run = subprocess.run(["tools/protobuf", str(fresh)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    committed, generated = _files(GENERATED), _files(fresh)
    assert len(generated) > 3
    changed = sorted(name for name in committed.keys() | generated.keys() if committed.get(name) != generated.get(name))
    assert not changed, f"Run `make generate` and commit the result. Differing: {', '.join(changed)}"


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
