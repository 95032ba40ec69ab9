"""The tutorial is true: what it shows is run here, and keeps the contract of providers."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.providers.kit import ProviderKit
from synctv.application.ports.providers import Capability, Manifest, capabilities
from synctv.domain.errors import UpstreamFormat, UpstreamMissing
from tests.adapters.extractors.scripted import ScriptedExtractor
from tests.contracts import test_providers as contract

ROOT = Path(__file__).resolve().parents[3]
TUTORIAL = ROOT / "docs" / "providers" / "tutorial.md"
MOST_LINES = 100
PROVIDER, CASE = "synctv.adapters.providers.shelf.provider", "tests.contracts.provider_cases.shelf"

SUITE = {
    name: test
    for name, test in vars(contract).items()
    if name.startswith("test_") and "world" in inspect.signature(test).parameters
}


def blocks() -> list[str]:
    """The Python of the page: the provider and its case."""
    return re.findall(r"^```python\n(.*?)^```$", TUTORIAL.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, ModuleType]:
    """Both as the modules that they would be."""
    provider, case = blocks()
    loaded = []
    for name, text in ((PROVIDER, provider), (CASE, case)):
        path = tmp_path / f"{name.rpartition('.')[2]}.py"
        path.write_text(text, "utf-8")
        spec = spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        loaded.append(module)
    return loaded[0], loaded[1]


def test_it_is_as_short_as_it_says() -> None:
    lines = [line for line in blocks()[0].splitlines() if line.strip()]
    assert len(lines) <= MOST_LINES


def test_it_is_written_like_everything_else(tmp_path: Path) -> None:
    for number, text in enumerate(blocks()):
        path = tmp_path / f"block{number}.py"
        path.write_text(text, "utf-8")
        options = ["--config", str(ROOT / "pyproject.toml"), "--no-cache"]
        for command in (["check", *options, "--ignore", "D103"], ["format", "--check", *options]):
            run = subprocess.run(
                [sys.executable, "-m", "ruff", *command, str(path)], capture_output=True, text=True, check=False
            )
            assert run.returncode == 0, run.stdout + run.stderr


def test_it_has_the_shape_of_all(modules: tuple[ModuleType, ModuleType]) -> None:
    provider, _ = modules
    (made,) = provider.providers(ProviderKit(MemoryFetch(), MemoryClock(), ScriptedExtractor()))
    assert isinstance(provider.MANIFEST, Manifest)
    assert made.name == "shelf"
    assert capabilities(made) == {Capability.RECOGNISE, Capability.BROWSE}


@pytest.mark.parametrize("name", SUITE)
async def test_it_keeps_the_contract(name: str, modules: tuple[ModuleType, ModuleType]) -> None:
    _, case = modules
    (opened,) = case.cases()
    for more in arguments_of(SUITE[name]):
        async with opened.open() as world:
            await SUITE[name](world, **more)


async def test_its_errors_say_what_to_do(modules: tuple[ModuleType, ModuleType]) -> None:
    provider, case = modules
    fetch = MemoryFetch()
    shelf = provider.ShelfProvider(fetch, MemoryClock())
    fetch.answers(f"{provider.HOME}/catalogue.json", case.CATALOGUE)
    with pytest.raises(UpstreamMissing):
        await shelf.resolve({"url": f"{provider.HOME}/films/8"})
    fetch.answers(f"{provider.HOME}/catalogue.json", b"<html>")
    with pytest.raises(UpstreamFormat):
        await shelf.resolve({"url": f"{provider.HOME}/films/7"})


def arguments_of(test: Any) -> list[dict[str, object]]:
    """What a test of the suite is run with, beside its world."""
    for mark in getattr(test, "pytestmark", []):
        if mark.name == "parametrize":
            name, values = mark.args[:2]
            return [{name: value} for value in values]
    return [{}]
