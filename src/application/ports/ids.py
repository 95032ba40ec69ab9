"""New identifiers and secrets."""

from __future__ import annotations

from abc import ABC, abstractmethod


class Ids(ABC):
    """Where ids and randomness come from."""

    @abstractmethod
    def new(self, prefix: str) -> str:
        """A new TypeID with this prefix. Ids made by one process sort in the order in which they were made."""

    @abstractmethod
    def random(self, bits: int) -> int:
        """A number of so many unpredictable bits."""

    @abstractmethod
    def secret(self) -> str:
        """256 unpredictable bits as text that fits into a URL."""
