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
        self._idle: list[Container] = []
        self._lent: list[Container] | None = None

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Takes back what was lent within the block, which is one test with all its fixtures."""
        lent: list[Container] = []
        self._lent = lent
        try:
            yield
        finally:
            self._lent = None
            for container in lent:
                _empty(container)
            self._idle += lent

    def take(self, new: Callable[[], Container]) -> Container:
        """An empty one."""
        if self._lent is None:
            return new()
        container = self._idle.pop() if self._idle else new()
        self._lent.append(container)
        return container


LENT = LentContainers()


def _empty(container: Container) -> None:
    container.reset_override()
    container.reset_singletons()
    for provider in container.providers.values():
        if isinstance(provider, providers.Container):
            # What a container inside is given counts as overriding, and went with the rest.
            provider.apply_overridings()
