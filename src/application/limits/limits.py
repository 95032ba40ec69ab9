"""How often somebody may do something: a sliding window per category and caller, shared by all processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from synctv.application.limits.origin import origin
from synctv.application.limits.window import wait_for_one_more
from synctv.application.ports.clock import Clock
from synctv.application.ports.short_lived import ShortLived
from synctv.domain.errors import RateLimited, Unavailable
from synctv.domain.ids import MICROS

ADDRESS_FACTOR = 4
CALLER_LENGTH = 200


class Category(StrEnum):
    """What is counted together."""

    AUTH = "auth"
    WRITE = "write"
    READ = "read"
    MEDIA = "media"
    ADMIN = "admin"
    STREAMING = "streaming"
    WEBSOCKET = "websocket"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count`, 1 or more, in any `seconds`."""

    count: int
    seconds: float


DEFAULT_RATES: Mapping[Category, Rate] = {
    Category.AUTH: Rate(30, 60.0),
    Category.WRITE: Rate(300, 60.0),
    Category.READ: Rate(1_200, 60.0),
    Category.MEDIA: Rate(300, 60.0),
    Category.ADMIN: Rate(300, 60.0),
    Category.STREAMING: Rate(6_000, 60.0),
    Category.WEBSOCKET: Rate(60, 60.0),
}


@dataclass(frozen=True, slots=True)
class _Bound:
    """Who is counted, and how many are too many."""

    caller: str
    count: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts, and refuses what is too much. What is refused counts nowhere: asking on prolongs no wait.

    A client address may do `address_factor` times as much as one account, since a household or an office shares it.
    While the counters can't be reached nobody can try passwords (`Unavailable`); everything else goes on uncounted.
    """

    short_lived: ShortLived
    clock: Clock
    rates: Mapping[Category, Rate]
    address_factor: int = ADDRESS_FACTOR

    async def check(self, category: Category, caller: str) -> None:
        """Counts one use by this caller. Raises `RateLimited`, which says for how long, past the category's rate."""
        await self._check(category, [_Bound(caller, self.rates[category].count)])

    async def check_request(self, category: Category, *, account: str | None, address: str | None) -> None:
        """Counts one request by whom and wherefrom it is, as far as that is known, and raises as `check` does.

        So an account gets no more by asking from many addresses, and an address no more by asking for many accounts.
        """
        allowed = self.rates[category].count
        bounds = []
        if account is not None:
            bounds.append(_Bound(f"account:{account}", allowed))
        if address is not None:
            bounds.append(_Bound(f"address:{origin(address)}", allowed * self.address_factor))
        await self._check(category, bounds)

    async def _check(self, category: Category, bounds: Sequence[_Bound]) -> None:
        try:
            await self._count(category, bounds)
        except Unavailable:
            if category is Category.AUTH:
                raise

    async def _count(self, category: Category, bounds: Sequence[_Bound]) -> None:
        length = round(self.rates[category].seconds * MICROS)
        number, elapsed = divmod(self.clock.now(), length)
        counted: list[str] = []
        for bound in bounds:
            name = f"limit:{category}:{bound.caller[:CALLER_LENGTH]}"
            present = f"{name}:{number}"
            before = int(await self.short_lived.get(f"{name}:{number - 1}") or 0)
            # Counted before it is decided, so that of many at once no more than fit get through.
            now = await self.short_lived.count(present, 2 * length / MICROS)
            counted.append(present)
            wait = wait_for_one_more(bound.count, before, now - 1, elapsed, length)
            if wait > 0:
                for key in counted:
                    await self.short_lived.uncount(key)
                raise RateLimited(wait / MICROS)
