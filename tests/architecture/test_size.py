"""Files and functions stay short, and every module says what it is for."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.exceptions import LONG_FILES, LONG_FUNCTIONS
from tests.architecture.sources import ROOT, Source, check_exceptions, sources

LINES_PER_FILE = {"src": 400, "tests": 600, "migrations": 400, "bench": 400}
LINES_PER_FUNCTION = 50


def written() -> tuple[Source, ...]:
    """All files under a limit. `src` and `tests` must have some; the others may be empty for now."""
    optional = [folder for folder in ("migrations", "bench") if any((ROOT / folder).rglob("*.py"))]
    return tuple(source for folder in ("src", "tests", *optional) for source in sources(folder))


def test_files_stay_within_their_limit() -> None:
    found = {}
    for source in written():
        limit = LINES_PER_FILE[source.path.partition("/")[0]]
        if source.lines > limit:
            found[source.path] = f"{source.path} has {source.lines} lines, {limit} are allowed: split it by subject."
    check_exceptions(found, LONG_FILES)


def test_functions_stay_within_their_limit() -> None:
    found, seen = {}, 0
    for source in written():
        for name, function in source.functions():
            seen += 1
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > LINES_PER_FUNCTION:
                found[name] = f"{name} has {lines} lines, {LINES_PER_FUNCTION} are allowed."
    assert seen > 100, f"Only {seen} functions found: this rule looks in the wrong place."
    check_exceptions(found, LONG_FUNCTIONS)


def test_every_module_says_what_it_is_for() -> None:
    silent = [source.path for source in written() if source.tree.body and not ast.get_docstring(source.tree)]
    assert not silent, f"A module docstring is missing in: {', '.join(silent)}"


@pytest.mark.parametrize("folder", ["src", "tests"])
def test_no_module_has_a_name_that_says_nothing(folder: str) -> None:
    empty_words = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}
    vague = [source.path for source in sources(folder) if empty_words & set(source.path.removesuffix(".py").split("/"))]
    assert not vague, f"Name these for what they do: {', '.join(vague)}"
