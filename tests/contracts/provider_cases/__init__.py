"""What the contract suite of providers runs on: one module for each folder of `adapters/providers`, called like it.

Each has a function `cases()`, found by looking.
"""

from __future__ import annotations

import pkgutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib import import_module

from synctv.application.ports.providers import Login, Provider, Source


@dataclass(frozen=True, slots=True)
class World:
    """A provider with a server that it can call.

    `source` is one as a person gives it, which is one thing alone. `pasted` are texts that it recognises, `strange`
    those that it does not. `folder` is a path that can be browsed, `query` words that find something. `form` and
    `fields` sign in.
    """

    provider: Provider
    source: Source
    login: Login | None = None
    pasted: Sequence[str] = ()
    strange: Sequence[str] = ("", "hello", "javascript:alert(1)", "ftp://media.test/a.mp4")
    folder: str = ""
    query: str = ""
    form: str = ""
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """`open` makes a world for one test."""

    name: str
    open: Callable[[], AbstractAsyncContextManager[World]]


def all_cases() -> list[Case]:
    """The cases of all modules here."""
    modules = sorted(found.name for found in pkgutil.iter_modules(__path__))
    return [case for name in modules for case in import_module(f"{__name__}.{name}").cases()]


Worlds = AsyncIterator[World]
