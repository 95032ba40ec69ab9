"""The providers of this server: one for each folder here, found by looking.

A folder has a module `provider` with a function `providers(kit)` that makes what it offers. Nothing else has to know of
it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module

from synctv.adapters import providers
from synctv.adapters.providers.kit import ProviderKit
from synctv.application.ports.providers import Provider


def folders() -> tuple[str, ...]:
    """The names of the folders, in alphabetical order."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(providers.__path__) if found.ispkg))


def all_providers(kit: ProviderKit) -> Mapping[str, Provider]:
    """Each provider under its name. Raises `ValueError` when two have the same."""
    made: dict[str, Provider] = {}
    for folder in folders():
        for provider in import_module(f"{providers.__name__}.{folder}.provider").providers(kit):
            if provider.name in made:
                raise ValueError(f"Two providers are called {provider.name}.")
            made[provider.name] = provider
    return made
