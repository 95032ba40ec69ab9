"""What providers are made of: everything that one may ask for, from which it takes what it needs."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.adapters.extractors.extractor import Extractor
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch


@dataclass(frozen=True, slots=True)
class ProviderKit:
    """The ports that providers stand on."""

    fetch: Fetch
    clock: Clock
    extractor: Extractor
