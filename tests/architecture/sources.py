"""The source files as the rules see them: found, read and parsed once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
TESTS = ROOT / "tests"
GENERATED = {
    "wire": SRC / "entrypoints" / "wire",
    "provider": SRC / "adapters" / "providers" / "remote" / "wire",
}
"""The folders of generated code, by the names that `tools/protobuf` gives them elsewhere."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file, parsed. `path` is relative to the repository, with forward slashes."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How long it is."""
        return len(self.text.splitlines())

    def functions(self) -> Iterator[tuple[str, Function]]:
        """Every function with its name in the file, as `path::Class.function`."""
        yield from _functions(self.tree, f"{self.path}::")

    def classes(self) -> Iterator[ast.ClassDef]:
        """Every class, nested ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef))

    def imported(self) -> Iterator[str]:
        """The dotted names of all imported modules, wherever in the file they are imported."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                yield node.module

    def names(self) -> frozenset[str]:
        """Every identifier that the code uses; comments and strings don't count."""
        nodes = list(ast.walk(self.tree))
        used = {node.id for node in nodes if isinstance(node, ast.Name)}
        used |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        return frozenset(used)


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield prefix + child.name, child
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)


@cache
def sources(folder: str) -> tuple[Source, ...]:
    """All Python files in a folder that people wrote. Fails when there is none: a rule needs subjects."""
    found = sorted((ROOT / folder).rglob("*.py"))
    paths = [path for path in found if not any(path.is_relative_to(made) for made in GENERATED.values())]
    assert paths, f"No Python file in {folder}: the rule that asked for them would check nothing."
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text, filename=str(path)))


def base_names(node: ast.ClassDef) -> frozenset[str]:
    """The names of the direct bases, without modules and type arguments."""
    return frozenset(_plain_name(base) for base in node.bases)


def _plain_name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return _plain_name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def check_exceptions(found: dict[str, str], allowed: dict[str, str]) -> None:
    """Fails for what is found and not allowed, with its explanation, and for what is allowed and no longer found."""
    problems = [text for subject, text in sorted(found.items()) if subject not in allowed]
    problems += [f"{subject} needs no exception any more." for subject in sorted(allowed) if subject not in found]
    assert not problems, "\n" + "\n".join(problems)
