"""Ids in the order of time, and unpredictable numbers from the operating system."""

from __future__ import annotations

import secrets
from threading import Lock

from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.domain.ids import typeid, uuid7

_RANDOM_BITS = 74
_STEP_BITS = 32


class SystemIds(Ids):
    """UUIDv7 from the clock's milliseconds and 74 random bits.

    Within one millisecond, the random bits of the id before are raised by a random step (RFC 9562, 6.2, method 2), so
    that the ids of this process sort in the order in which they were made. Any thread may ask.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0
        self._lock = Lock()

    def new(self, prefix: str) -> str:
        """A new TypeID with this prefix."""
        drawn = (self._clock.now() // 1_000) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
        with self._lock:
            self._last = max(drawn, self._last + 1 + secrets.randbits(_STEP_BITS))
            number = self._last
        return typeid(prefix, uuid7(number >> _RANDOM_BITS, number & ((1 << _RANDOM_BITS) - 1)))

    def random(self, bits: int) -> int:
        """A number of so many bits."""
        return secrets.randbits(bits)

    def secret(self) -> str:
        """32 bytes in base64url, 43 characters."""
        return secrets.token_urlsafe(32)
