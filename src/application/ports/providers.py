"""Providers: what turns a source into something to play."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from synctv.domain.delivery.playable import Playable
from synctv.domain.library.item import MediaItem, MediaKind


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """What a provider found behind a source: the source in its normal form, and what it knows of it."""

    source: Mapping[str, object]
    title: str
    kind: MediaKind
    duration: float | None


class Provider(ABC):
    """One way to turn sources into playables. `name` is stored with each item, so it never changes."""

    name: str

    @abstractmethod
    async def resolve(self, source: Mapping[str, object]) -> ResolvedSource:
        """What the source is. Raises `Invalid` with paths below `source` for one that can't be played."""

    @abstractmethod
    async def play(self, item: MediaItem) -> Playable:
        """What a player needs now to show one of this provider's items."""
