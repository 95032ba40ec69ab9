"""Containers that tests lend and give back.

Making one copies each of its providers, with what these hold: 4 ms, which is more than most tests take. One that is
emptied is as good as new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dependency_injector import providers

if TYPE_CHECKING:
    # Loaded by who builds one, so that tests without a product don't wait for all of it.
    from synctv.entrypoints.bootstrap.container import Container


class LentContainers:
    """Those of this process. What is taken while no test runs, for fixtures of many tests, is never given back."""

    def __init__(self) -> None:
        self._idle: list[_Lent] = []
        self._lent: list[_Lent] | None = None

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Takes back what was lent within the block, which is one test with all its fixtures."""
        lent: list[_Lent] = []
        self._lent = lent
        try:
            yield
        finally:
            self._lent = None
            for one in lent:
                one.empty()
            self._idle += lent

    def take(self, new: Callable[[], Container]) -> Container:
        """An empty one."""
        if self._lent is None:
            return new()
        lent = self._idle.pop() if self._idle else _Lent(new())
        self._lent.append(lent)
        return lent.container


class _Lent:
    """A container, and what of it remembers something. Looking for that takes longer than forgetting it."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self._singletons = list(container.traverse(types=[providers.BaseSingleton]))
        self._inner = [one for one in container.providers.values() if isinstance(one, providers.Container)]

    def empty(self) -> None:
        """Makes it as good as new."""
        self.container.reset_override()
        for singleton in self._singletons:
            singleton.reset()
        for inner in self._inner:
            # What a container inside is given counts as overriding, and went with the rest.
            inner.apply_overridings()


LENT = LentContainers()
