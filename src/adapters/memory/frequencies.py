"""How often things were wanted lately, in little memory: a count-min sketch that ages."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

ROWS = 4
DEFAULT_WIDTH = 1 << 14
MAX_COUNT = 15
_SAMPLE = 10
_STRIDE = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1


class Frequencies:
    """Counts up to 15, never too low and seldom too high. After ten times `width` counts all are halved, so that what
    was once wanted much does not stay for ever."""

    def __init__(self, width: int = DEFAULT_WIDTH) -> None:
        if width & (width - 1):
            raise ValueError("the width is a power of two")
        self._mask = width - 1
        self._rows = tuple(bytearray(width) for _ in range(ROWS))
        self._left = self._sample = _SAMPLE * width

    def add(self, key: Hashable) -> None:
        """Counts it once more."""
        places = list(self._places(key))
        least = min(row[place] for row, place in places)
        if least < MAX_COUNT:
            # Only the lowest counts tell how often it was; raising the others would raise what shares them.
            for row, place in places:
                if row[place] == least:
                    row[place] += 1
        self._left -= 1
        if self._left <= 0:
            self._age()

    def of(self, key: Hashable) -> int:
        """How often it was counted lately."""
        return min(row[place] for row, place in self._places(key))

    def _places(self, key: Hashable) -> Iterator[tuple[bytearray, int]]:
        mixed = hash(key) & _WORD
        for row in self._rows:
            mixed = (mixed * _STRIDE + 1) & _WORD
            yield row, mixed >> 40 & self._mask

    def _age(self) -> None:
        self._left = self._sample
        halves = bytes(count >> 1 for count in range(256))
        for row in self._rows:
            row[:] = row.translate(halves)
