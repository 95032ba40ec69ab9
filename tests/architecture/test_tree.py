"""The shape of the tree: `src` is the package `synctv`, has four folders, and features keep their names."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from synctv.adapters.providers import registry
from synctv.application.ports.providers import Manifest
from tests.architecture.sources import ROOT, SRC

RINGS = {"domain", "application", "adapters", "entrypoints"}
ENTRYPOINTS = {"http", "realtime", "management", "provider", "cli", "bootstrap", "wire", "errors", "views"}


def test_src_holds_exactly_the_four_rings() -> None:
    found = {path.name for path in SRC.iterdir() if path.name != "__pycache__"}
    assert found == RINGS, "src is the package itself; everything in it belongs to one of the four rings."


def test_every_entrypoint_has_its_place_among_the_layers() -> None:
    found = {path.stem for path in (SRC / "entrypoints").iterdir()} - {"__init__", "__pycache__"}
    assert found == ENTRYPOINTS, "A new one needs a line in [tool.importlinter] of pyproject.toml, and then here."


def test_the_development_link_points_at_src() -> None:
    link = ROOT / ".dev" / "synctv"
    assert link.is_symlink()
    assert link.readlink().as_posix() == "../src", "A relative link, so that it holds in every clone."


def test_the_package_is_imported_from_this_tree() -> None:
    spec = importlib.util.find_spec("synctv.domain")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    assert SRC / "domain" in {Path(location).resolve() for location in spec.submodule_search_locations}


def test_only_the_package_name_can_be_imported(tmp_path: Path) -> None:
    attempt = "import importlib.util as i; print([n for n in ('domain', 'src', 'application') if i.find_spec(n)])"
    # Not from the repository's root, where any folder is importable by the accident of the working directory.
    run = subprocess.run([sys.executable, "-c", attempt], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_each_provider_is_one_folder() -> None:
    providers = SRC / "adapters" / "providers"
    shared = {"__init__.py", "answers.py", "files.py", "kit.py", "listings.py", "registry.py", "servers.py"}
    loose = sorted(path.name for path in providers.glob("*.py") if path.name not in shared)
    assert not loose, f"A provider is a folder of its own: {', '.join(loose)}"


@pytest.mark.parametrize("folder", registry.folders())
def test_each_provider_has_the_shape_of_all(folder: str) -> None:
    wanted = {
        "what it is": SRC / "adapters" / "providers" / folder / "provider.py",
        "its case in the contract suite": ROOT / "tests" / "contracts" / "provider_cases" / f"{folder}.py",
        "tests of its own": ROOT / "tests" / "adapters" / "providers" / folder,
        "a page for people": ROOT / "docs" / "providers" / f"{folder}.md",
    }
    missing = [f"{what}: {path.relative_to(ROOT)}" for what, path in wanted.items() if not path.exists()]
    assert not missing, f"The provider {folder} lacks {', '.join(missing)}"
    module = import_module(f"synctv.adapters.providers.{folder}.provider")
    assert isinstance(module.MANIFEST, Manifest), "provider.py says what it is in MANIFEST."
    assert callable(module.providers), "provider.py makes what it offers in providers(kit)."


def test_each_feature_of_the_domain_has_use_cases_under_the_same_name() -> None:
    features = folders(SRC / "domain")
    assert len(features) > 3
    missing = features - folders(SRC / "application")
    assert not missing, f"src/application has no folder for: {', '.join(sorted(missing))}"


def folders(parent: Path) -> set[str]:
    """The names of the packages in a folder."""
    return {path.name for path in parent.iterdir() if path.is_dir() and path.name != "__pycache__"}
