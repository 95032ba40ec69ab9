"""What the two inner rings may know, where import-linter's list of forbidden names would always lack one."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.architecture.exceptions import FOREIGN_IMPORTS, LOOP_TASKS
from tests.architecture.sources import check_exceptions, sources


@pytest.mark.parametrize("ring", ["domain", "application"])
def test_inner_rings_import_the_standard_library_and_synctv_alone(ring: str) -> None:
    found, seen = {}, 0
    for source in sources(f"src/{ring}"):
        for name in source.imported():
            seen += 1
            package = name.partition(".")[0]
            if package != "synctv" and package not in sys.stdlib_module_names:
                found[f"{source.path} imports {package}"] = f"{source.path} imports {package}: put it behind a port."
    assert seen > 20, f"Only {seen} imports found: this rule looks in the wrong place."
    check_exceptions(found, {key: why for key, why in FOREIGN_IMPORTS.items() if key.startswith(f"src/{ring}/")})


def test_the_domain_never_awaits() -> None:
    waiting = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    found = [
        source.path for source in sources("src/domain") if any(isinstance(n, waiting) for n in ast.walk(source.tree))
    ]
    assert not found, f"Rules are synchronous; waiting belongs to the application: {', '.join(found)}"


def test_the_command_talks_to_a_server_through_management_or_starts_one_through_bootstrap() -> None:
    imported = {name for source in sources("src/entrypoints/cli") for name in source.imported()}
    behind = tuple(f"synctv.{name}" for name in ("adapters", "entrypoints.http", "entrypoints.realtime"))
    assert any(name.startswith("synctv.entrypoints.wire") for name in imported), "It is the client of management."
    found = sorted(name for name in imported if name.startswith(behind))
    assert not found, f"The command reaches around the management entrypoint: {', '.join(found)}"


def test_the_product_does_not_import_its_tests() -> None:
    found = [
        source.path for source in sources("src") if any(name.split(".")[0] == "tests" for name in source.imported())
    ]
    assert not found


def test_every_task_has_an_owner() -> None:
    found = {}
    for source in sources("src"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and _starts_task_on_the_loop(node.func):
                found[source.path] = f"{source.path}:{node.lineno} starts a task without an owner: use a TaskGroup."
    check_exceptions(found, LOOP_TASKS)


def _starts_task_on_the_loop(function: ast.expr) -> bool:
    """Whether it is `asyncio.create_task`, `loop.create_task`, `asyncio.get_running_loop().create_task` or alike."""
    if not isinstance(function, ast.Attribute) or function.attr not in {"create_task", "ensure_future"}:
        return False
    owner = ast.unparse(function.value)
    return owner == "asyncio" or "loop" in owner
