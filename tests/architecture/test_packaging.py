"""The wheel holds all that the server needs, under the one name `synctv`."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, SRC

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def run(command: Sequence[str | Path], folder: Path) -> str:
    """What the command prints; fails with its complaint."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the tree as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], ROOT)
    (built,) = folder.glob("synctv-*.whl")
    return built


def test_the_wheel_holds_the_package_and_nothing_beside_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"synctv"}
    for pattern in ("*.py", "*.jinja"):
        assert {f"synctv/{path.relative_to(SRC).as_posix()}" for path in SRC.rglob(pattern)} <= set(names)


def test_the_wheel_holds_the_migrations_and_the_page(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    migrations = {f"synctv/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "migrations").rglob("*.py")}
    assert migrations
    assert migrations <= names
    assert "synctv/entrypoints/http/page/index.html" in names, "Build the page first: make page"


def test_an_installed_wheel_is_called_synctv_alone(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    python = tmp_path / "venv" / "bin" / "python"
    # Unpacked by the pip beside the tests: the dependencies are not the question here.
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-deps",
        "--no-index",
        "--quiet",
        wheel,
    ]
    run(pip, tmp_path)
    assert (tmp_path / "venv" / "bin" / "synctv").exists()
    script = "import importlib.util as i; print([n for n in ('synctv.domain', 'domain', 'src') if i.find_spec(n)])"
    assert run([python, "-c", script], tmp_path).strip() == "['synctv.domain']"
    assert (
        run([python, "-c", "import synctv.domain.errors as e; print(e.NotFound.code)"], tmp_path).strip() == "not_found"
    )
