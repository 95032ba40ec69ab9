"""How often somebody may do something: a fixed window per category and caller, shared by all processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from synctv.application.ports.short_lived import ShortLived
from synctv.domain.errors import RateLimited, Unavailable


class Category(StrEnum):
    """What is counted together."""

    AUTH = "auth"
    WRITE = "write"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in every window of `seconds`."""

    count: int
    seconds: float


DEFAULT_RATES: Mapping[Category, Rate] = {
    Category.AUTH: Rate(30, 60.0),
    Category.WRITE: Rate(300, 60.0),
    Category.READ: Rate(1_200, 60.0),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts, and refuses what is too much."""

    short_lived: ShortLived
    rates: Mapping[Category, Rate]

    async def check(self, category: Category, caller: str) -> None:
        """Counts one use by this caller. Raises `RateLimited`, which says for how long, past the category's rate.

        While the counters can't be reached nobody can try passwords (`Unavailable`); everything else goes on uncounted.
        """
        try:
            await self._count(self.rates[category], f"limit:{category}:{caller}"[:256])
        except Unavailable:
            if category is Category.AUTH:
                raise

    async def _count(self, rate: Rate, key: str) -> None:
        if await self.short_lived.count(key, rate.seconds) > rate.count:
            raise RateLimited(await self.short_lived.remaining(key))
