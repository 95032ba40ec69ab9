"""Sealing anew what is stored under keys that were replaced, so that these can be dropped."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.ports.sealed_rows import SealedRows
from synctv.application.ports.sealing import CannotOpen, Sealer

BATCH = 200


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many things of one kind are sealed under the newest key now that were not, and how many no key opens."""

    what: str
    purpose: str
    resealed: int
    unreadable: int


async def reseal(rows: SealedRows, sealer: Sealer, mark: bytes, batch: int = BATCH) -> Resealed:
    """Seals with the sealer's newest key, whose mark it is, whatever another one sealed.

    In batches, while servers go on; whatever stops it, what was done stays, and it can be begun again. Raises
    `Unavailable`.
    """

    def again(sealed: bytes, place: str) -> bytes | None:
        try:
            return sealer.seal(sealer.open(sealed, place), place)
        except CannotOpen:
            return None

    resealed = unreadable = 0
    after: str | None = None
    while True:
        done = await rows.reseal(mark, again, after=after, limit=batch)
        resealed, unreadable, after = resealed + done.resealed, unreadable + done.unreadable, done.last
        if after is None:
            return Resealed(rows.what, rows.purpose, resealed, unreadable)
