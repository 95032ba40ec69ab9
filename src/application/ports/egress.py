"""The gate that every call to another server passes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection


class EgressGate(ABC):
    """Lets calls out of this process to public servers, and to private ones that the operator allowed.

    What the start settings allow is allowed for as long as the process lives.
    """

    @property
    @abstractmethod
    def configured(self) -> tuple[str, ...]:
        """What the start settings allow."""

    @abstractmethod
    def allow(self, destinations: Collection[str]) -> None:
        """From now on lets calls to these through, too, and to nothing that was allowed in this way before.

        Each is in the form of `valid_destination`. What is connected by now goes on.
        """
