"""How many bodies are sent at the same time, and how much of each may be in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from synctv.domain.errors import Unavailable

LARGEST_PIECE = 1_024 * 1_024
SMALLEST_PIECE = 16 * 1_024
_IN_FLIGHT = 2
"""Pieces of one body in memory: one that the network takes, and the next one."""


class Streams:
    """Divides a number of bytes among all bodies: the more there are, the smaller the pieces they are sent in."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._places = max(1, max_bytes // (SMALLEST_PIECE * _IN_FLIGHT))
        self._count = 0
        self._piece = LARGEST_PIECE

    @property
    def count(self) -> int:
        """How many there are."""
        return self._count

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """A place, until the block is left. Raises `Unavailable` when all are taken."""
        if self._count >= self._places:
            raise Unavailable("media proxy")
        self._set(self._count + 1)
        try:
            yield
        finally:
            self._set(self._count - 1)

    def piece_end(self, start: int, end: int) -> int:
        """Where the piece that begins at `start` is to end, at `end` at the latest.

        Pieces end at multiples of their size, which are where stores have their seams.
        """
        return min(end, (start // self._piece + 1) * self._piece)

    def _set(self, count: int) -> None:
        self._count = count
        piece = LARGEST_PIECE
        while piece > SMALLEST_PIECE and piece * _IN_FLIGHT * count > self._max_bytes:
            piece //= 2
        self._piece = piece
