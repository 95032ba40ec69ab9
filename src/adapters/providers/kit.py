"""What providers are made of: everything that one may ask for, from which it takes what it needs."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from synctv.adapters.aiohttp.metered import Calls
from synctv.adapters.extractors.extractor import Extractor
from synctv.adapters.providers.remote.address import RemoteAddress
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch
from synctv.application.ports.providers import Provider


@dataclass(frozen=True, slots=True)
class ProviderKit:
    """The ports that providers stand on, and what the operator set up for them.

    `calls` counts what they ask of other servers.
    """

    fetch: Fetch
    clock: Clock
    extractor: Extractor
    remotes: Sequence[RemoteAddress] = ()
    calls: Calls = field(default_factory=Calls)

    def for_provider(self, name: str) -> ProviderKit:
        """The same for one provider, whose calls are counted under its name."""
        return replace(self, fetch=self.calls.metered(self.fetch, self.clock, name))


class Arriving(metaclass=ABCMeta):
    """A provider that learns what it is while the server runs, because another process has it.

    Its name is known from the start, so that what was added with it is never without a provider.
    """

    @abstractmethod
    def arrived(self) -> Provider:
        """It as it is known now: with the capabilities that it has, of which it has none at first."""

    @abstractmethod
    async def follow(self) -> None:
        """Learns what it is, again and again, until it is cancelled. A process that is away is waited for."""
