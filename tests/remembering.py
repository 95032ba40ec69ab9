"""The slowest of the real adapters, for tests that are about something else."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from synctv.adapters.crypto.opaque import RustOpaque, new_setup

MANY = 1_000

K = TypeVar("K")
V = TypeVar("V")


class RememberingOpaque(RustOpaque):
    """The real one, with one server's secret, which does not stretch the same password for the same question again.

    Ids are the same in every test, and so are most passwords. What it remembers are pure answers: whoever registered
    with these bytes and this identifier may have this record, and whether a password fits a record never changes.
    """

    def __init__(self) -> None:
        super().__init__(new_setup(), workers=1)
        self._records: dict[tuple[str, str], bytes] = {}
        self._fitting: dict[tuple[str, str, bytes | None], bool] = {}

    async def register(self, password: str, identifier: str) -> bytes:
        """A record that may have been made before."""
        await asyncio.sleep(0)  # others get their turn in any case
        asked = (password, identifier)
        if asked in self._records:
            return self._records[asked]
        return _kept(self._records, asked, await super().register(*asked))

    async def verify(self, password: str, identifier: str, record: bytes | None) -> bool:
        """What was found before, or is found now."""
        await asyncio.sleep(0)
        asked = (password, identifier, record)
        if asked in self._fitting:
            return self._fitting[asked]
        return _kept(self._fitting, asked, await super().verify(*asked))


def _kept(answers: dict[K, V], asked: K, answer: V) -> V:
    if len(answers) >= MANY:
        answers.clear()
    answers[asked] = answer
    return answer
