"""What waits to be pushed to one connection that does not keep up."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from synctv.application.realtime.messages import Changed, Outgoing


@dataclass(slots=True)
class Outbox:
    """A bounded queue. Of values that replace each other only the newest waits; all else waits in its order."""

    bound: int
    _waiting: OrderedDict[object, Outgoing] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, outgoing: Outgoing, replaces: str | None) -> bool:
        """Queues a message, in the place of the older one of the value that `replaces` names. False: no room left."""
        key: object = replaces if replaces is not None else outgoing
        if key not in self._waiting and len(self._waiting) >= self.bound:
            return False
        # The newest value goes to the end: it may speak of things that are ahead of it in the queue.
        self._waiting.pop(key, None)
        self._waiting[key] = outgoing
        return True

    def take(self) -> Outgoing | None:
        """The oldest message, or None."""
        return self._waiting.popitem(last=False)[1] if self._waiting else None

    def forget(self, name: str) -> None:
        """Drops what waits for an observation that has ended."""
        theirs = [key for key, outgoing in self._waiting.items() if _is_for(outgoing, name)]
        for key in theirs:
            del self._waiting[key]


def _is_for(outgoing: Outgoing, name: str) -> bool:
    return isinstance(outgoing.message, Changed) and outgoing.message.id == name
