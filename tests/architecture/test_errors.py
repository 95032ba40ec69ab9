"""Every error that a person can meet has a code of its own and a row in the one table of the entrypoints."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator

import synctv.application
import synctv.domain
from synctv.domain.errors import DomainError
from synctv.entrypoints.errors import TABLE


def errors() -> list[type[DomainError]]:
    """All subclasses that the two inner rings define, found by importing every module of theirs."""
    for ring in (synctv.domain, synctv.application):
        for module in pkgutil.walk_packages(ring.__path__, f"{ring.__name__}."):
            importlib.import_module(module.name)
    found = list(_subclasses(DomainError))
    assert len(found) > 10, f"Only {len(found)} errors found: this rule looks in the wrong place."
    return found


def _subclasses(error: type[DomainError]) -> Iterator[type[DomainError]]:
    for subclass in error.__subclasses__():
        if subclass.__module__.startswith(("synctv.domain.", "synctv.application.")):
            yield subclass
        yield from _subclasses(subclass)


def test_every_error_has_a_code_of_its_own() -> None:
    silent = [error.__qualname__ for error in errors() if not isinstance(error.__dict__.get("code"), str)]
    assert not silent, f"Without a code of their own: {', '.join(silent)}"
    counted = Counter(error.code for error in errors())
    doubled = sorted(code for code, count in counted.items() if count > 1)
    assert not doubled, f"Several errors share the codes {', '.join(doubled)}"


def test_codes_are_snake_case() -> None:
    odd = [error.code for error in errors() if not error.code.replace("_", "a").isalpha() or not error.code.islower()]
    assert not odd


def test_every_error_has_a_row_in_the_table_of_the_entrypoints() -> None:
    missing = sorted(error.__qualname__ for error in set(errors()) - set(TABLE))
    assert not missing, f"Without a row in src/entrypoints/errors.py: {', '.join(missing)}"


def test_every_error_explains_itself() -> None:
    silent = [error.__qualname__ for error in errors() if not error.__doc__]
    assert not silent
