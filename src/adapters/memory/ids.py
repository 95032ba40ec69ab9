"""Ids and "secrets" that are the same in every run. Never for a server that somebody uses."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import shake_256
from itertools import count

from synctv.adapters.memory.clock import START
from synctv.application.ports.ids import Ids
from synctv.domain.ids import typeid, uuid7

_SECRET_BYTES = 32


class MemoryIds(Ids):
    """The n-th id is always the same one; later ids sort after earlier ones."""

    def __init__(self, seed: str = "") -> None:
        self._seed = seed
        self._made = count(1)
        self._drawn = count(1)

    def new(self, prefix: str) -> str:
        """The next id: one millisecond after the one before."""
        millis = START // 1_000 + next(self._made)
        return typeid(prefix, uuid7(millis, self._draw(74, f"id {millis}")))

    def random(self, bits: int) -> int:
        """A number that looks random, and is the same in every run."""
        return self._draw(bits, f"random {next(self._drawn)}")

    def secret(self) -> str:
        """A text that looks like a secret, and is none."""
        number = self._draw(_SECRET_BYTES * 8, f"secret {next(self._drawn)}")
        return urlsafe_b64encode(number.to_bytes(_SECRET_BYTES)).rstrip(b"=").decode()

    def _draw(self, bits: int, what: str) -> int:
        size = (bits + 7) // 8
        digest = shake_256(f"{self._seed} {what}".encode()).digest(size)
        return int.from_bytes(digest) >> (size * 8 - bits)
