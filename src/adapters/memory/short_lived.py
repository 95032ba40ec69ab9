"""Short-lived state in this process."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from synctv.application.ports.clock import Clock
from synctv.application.ports.short_lived import ShortLived
from synctv.domain.errors import Unavailable
from synctv.domain.ids import MICROS, Micros, seconds_after

MAX_KEYS = 200_000
_SPARE_ENDS = 1_024


@dataclass(frozen=True, slots=True)
class _Entry:
    value: bytes
    ends_at: Micros


class MemoryShortLived(ShortLived):
    """A bounded dictionary whose entries end by the clock.

    When it is full of living keys a new one is refused with `Unavailable`: dropping one instead could let a spent
    ticket or an ended session come back.
    """

    def __init__(self, clock: Clock, max_keys: int = MAX_KEYS) -> None:
        self._clock = clock
        self._max_keys = max_keys
        self._entries: dict[str, _Entry] = {}
        # When each key may end, earliest first. A key that was set again leaves an outdated end behind.
        self._ends: list[tuple[Micros, str]] = []

    async def put(self, key: str, value: bytes, ttl: float) -> None:
        """Sets the key, whatever it was."""
        self._sweep()
        self._set(key, value, ttl)

    async def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Sets the key unless it is there."""
        self._sweep()
        if key in self._entries:
            return False
        self._set(key, value, ttl)
        return True

    async def get(self, key: str) -> bytes | None:
        """The value, or None when there is none or its time is over."""
        entry = self._living(key)
        return entry.value if entry else None

    async def take(self, key: str) -> bytes | None:
        """The value, which is gone with this."""
        entry = self._living(key)
        self._entries.pop(key, None)
        return entry.value if entry else None

    async def delete(self, key: str) -> None:
        """Removes the key."""
        self._entries.pop(key, None)

    async def count(self, key: str, ttl: float) -> int:
        """Adds one to a counter and returns it."""
        self._sweep()
        entry = self._entries.get(key)
        if entry is None:
            self._set(key, b"1", ttl)
            return 1
        counted = int(entry.value) + 1
        self._entries[key] = _Entry(b"%d" % counted, entry.ends_at)
        return counted

    async def uncount(self, key: str) -> None:
        """Takes one back from a counter."""
        entry = self._living(key)
        if entry is not None and int(entry.value) > 0:
            self._entries[key] = _Entry(b"%d" % (int(entry.value) - 1), entry.ends_at)

    async def remaining(self, key: str) -> float:
        """Seconds until the key ends; 0 when there is none."""
        entry = self._living(key)
        return (entry.ends_at - self._clock.now()) / MICROS if entry else 0.0

    def __len__(self) -> int:
        """How many keys are held, with those that have ended and were not swept yet."""
        return len(self._entries)

    def _living(self, key: str) -> _Entry | None:
        entry = self._entries.get(key)
        return entry if entry is not None and self._clock.now() < entry.ends_at else None

    def _set(self, key: str, value: bytes, ttl: float) -> None:
        if key not in self._entries and len(self._entries) >= self._max_keys:
            raise Unavailable("short-lived state of this server")
        entry = _Entry(value, seconds_after(self._clock.now(), ttl))
        self._entries[key] = entry
        heappush(self._ends, (entry.ends_at, key))

    def _sweep(self) -> None:
        now = self._clock.now()
        while self._ends and self._ends[0][0] <= now:
            _, key = heappop(self._ends)
            entry = self._entries.get(key)
            if entry is not None and entry.ends_at <= now:
                del self._entries[key]
        if len(self._ends) > 2 * len(self._entries) + _SPARE_ENDS:
            self._ends = [(entry.ends_at, key) for key, entry in self._entries.items()]
            heapify(self._ends)
