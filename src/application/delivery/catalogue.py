"""What is known of the things that were asked for: which version an upstream has, and since when nobody looked."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from synctv.domain.delivery.media_object import MediaObject, ResourceId
from synctv.domain.ids import MICROS, Micros

MAX_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class Known:
    """`media` is None for a thing of which the upstream sends no parts."""

    media: MediaObject | None
    checked_at: Micros

    def age(self, now: Micros) -> float:
        """For how many seconds nobody looked."""
        return (now - self.checked_at) / MICROS


class Catalogue:
    """The last 10,000 things that were met."""

    def __init__(self, max_entries: int = MAX_ENTRIES) -> None:
        self._max_entries = max_entries
        self._known: OrderedDict[ResourceId, Known] = OrderedDict()

    def get(self, resource: ResourceId) -> Known | None:
        """What is known of it."""
        if (known := self._known.get(resource)) is not None:
            self._known.move_to_end(resource)
        return known

    def learn(self, resource: ResourceId, media: MediaObject | None, now: Micros) -> MediaObject | None:
        """Notes what an upstream showed; the version that was known until now and is no more, if there was one.

        What was seen again stays the version that it was. Only what has a validator can be recognised for fresh.
        """
        known = self._known.get(resource)
        before = known.media if known else None
        if known is not None and before is not None and media is not None and before.same_as(media):
            if media.validated:
                self._known[resource] = replace(known, checked_at=now)
            return None
        self.put(resource, Known(media, now))
        return before

    def put(self, resource: ResourceId, known: Known) -> None:
        """Notes it, whatever was known."""
        self._known[resource] = known
        self._known.move_to_end(resource)
        while len(self._known) > self._max_entries:
            self._known.popitem(last=False)

    def forget(self, resource: ResourceId | None = None) -> None:
        """Forgets a thing, or all of them."""
        if resource is None:
            self._known.clear()
        else:
            self._known.pop(resource, None)
