"""What is stored sealed, seen as that alone: for sealing it anew when a key is replaced."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResealedBatch:
    """What came of one batch. `last` is where the next one goes on, None after the last."""

    resealed: int
    unreadable: int
    last: str | None


class SealedRows(ABC):
    """The sealed things of one kind, each sealed for its place.

    `purpose` is the key's name (`totp`), `what` names them for the operator. Sealed bytes begin with a mark of the key
    that sealed them; marks are given by who knows the keys.
    """

    purpose: str
    what: str

    @abstractmethod
    async def count_but(self, marks: Collection[bytes]) -> int:
        """How many begin with none of these marks, which are all of one length."""

    @abstractmethod
    async def reseal(
        self, mark: bytes, again: Callable[[bytes, str], bytes | None], *, after: str | None, limit: int
    ) -> ResealedBatch:
        """Puts what `again` makes of the sealed bytes and their place in their stead, in one transaction, where they
        don't begin with the mark. Up to `limit` of them, from the one after `after` on, each once.

        Nobody else changes them meanwhile. None from `again` leaves them as they are. Raises `Unavailable`.
        """
