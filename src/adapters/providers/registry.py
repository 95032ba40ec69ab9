"""The providers of this server: one or more for each folder here, found by looking.

A folder has a module `provider` with a function `providers(kit)` that makes what it offers. Nothing else has to know of
it.
"""

from __future__ import annotations

import asyncio
import pkgutil
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module

from synctv.adapters import providers
from synctv.adapters.providers.kit import Arriving, ProviderKit
from synctv.application.ports.providers import Provider


class Registry(Mapping[str, Provider]):
    """Each provider under its name. The names stay the same; one that arrives later is looked up as it is then."""

    def __init__(self, made: Mapping[str, Provider]) -> None:
        self._made = made

    def __getitem__(self, name: str) -> Provider:
        provider = self._made[name]
        return provider.arrived() if isinstance(provider, Arriving) else provider

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    async def follow(self) -> None:
        """Keeps what is known of providers in other processes up to date, until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            for provider in self._made.values():
                if isinstance(provider, Arriving):
                    group.create_task(provider.follow(), name=f"following {provider.name}")
            await asyncio.Event().wait()


def folders() -> tuple[str, ...]:
    """The names of the folders, in alphabetical order."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(providers.__path__) if found.ispkg))


def all_providers(kit: ProviderKit, only: Collection[str] | None = None) -> Registry:
    """All of them, or those of these folders. Raises `ValueError` when two have the same name."""
    made: dict[str, Provider] = {}
    for folder in folders() if only is None else sorted(only):
        for provider in import_module(f"{providers.__name__}.{folder}.provider").providers(kit.for_provider(folder)):
            if provider.name in made:
                raise ValueError(f"Two providers are called {provider.name}.")
            made[provider.name] = provider
    return Registry(made)
