"""Guessing takes time: every try to prove who one is, counted before it is known how it ends."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from synctv.application.limits.origin import network, origin
from synctv.application.ports.short_lived import ShortLived
from synctv.domain.accounts.throttle import AT_ACCOUNT_FROM_NETWORK, AT_ADDRESS, WINDOW_SECONDS, Tolerance, tolerance_at
from synctv.domain.errors import RateLimited


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that was let through. It counts as failed until it is told that it succeeded.

    `at_account`, `at_address` and `at_network` say the how manieth it is of this origin at the account, of this origin
    at all, and of its network at the account. Without a `network` the last one was not counted.
    """

    account: str
    origin: str
    network: str
    at_account: int
    at_address: int
    at_network: int


@dataclass(frozen=True, slots=True)
class Throttle:
    """Lets tries through as fast as `domain.accounts.throttle` allows.

    Each key that is counted has a door beside it, which the try that is not free any more closes behind itself for its
    delay: of any number of tries that wait for it to open, one gets through. Every method raises `Unavailable` while
    nothing can be counted, so that nobody guesses in the meantime.
    """

    short_lived: ShortLived

    async def admit(
        self, account: str, address: str, *, at_most: int | None = None, by_network: bool = False
    ) -> Attempt:
        """Counts a try at an account, or at a stable text that stands for a name that nobody has.

        To be called before the proof is looked at, and before anything is answered that a guess can be checked
        against. Raises `RateLimited` when this address has to wait; with `at_most`, also when so many tries from
        anywhere failed at the account. That would let strangers lock it, so it is only for what no stranger gets to.
        `by_network` makes the addresses of one network wait for each other, too, once that has tried often: for what a
        few hundred addresses could guess.
        """
        where = origin(address)
        if at_most is not None and await self._counted(_account(account)) >= at_most:
            raise RateLimited(await self.short_lived.remaining(_account(account)))
        at_address = await self._enter(_address(where), AT_ADDRESS)
        attempt = Attempt(account, where, network(address) if by_network else "", 0, at_address, 0)
        try:
            attempt = await self._enter_network(attempt)
            at_account = await self._enter(_pair(account, where), await self._tolerance(account))
        except RateLimited:
            await self._leave_around(attempt)
            raise
        attempt = replace(attempt, at_account=at_account)
        counted = await self.short_lived.count(_account(account), WINDOW_SECONDS)
        if at_most is not None and counted > at_most:
            # Others took the last ones since it was looked.
            await self._withdraw(attempt)
            raise RateLimited(await self.short_lived.remaining(_account(account)))
        return attempt

    async def failed(self, attempt: Attempt) -> None:
        """The proof was wrong: what has to be waited is waited from now on."""
        await self._close(_address(attempt.origin), attempt.at_address, AT_ADDRESS)
        if attempt.at_network:
            around = _network(attempt.account, attempt.network)
            await self._close(around, attempt.at_network, AT_ACCOUNT_FROM_NETWORK)
        tolerance = await self._tolerance(attempt.account)
        await self._close(_pair(attempt.account, attempt.origin), attempt.at_account, tolerance)

    async def succeeded(self, attempt: Attempt) -> None:
        """The proof was right: this origin has a clean slate at the account, and the try counts nowhere.

        To be told once, and only of the proof that the try was admitted for.
        """
        pair = _pair(attempt.account, attempt.origin)
        await self.short_lived.delete(pair)
        await self.short_lived.delete(_door(pair))
        await self._leave_around(attempt)
        await self.short_lived.uncount(_account(attempt.account))

    async def _withdraw(self, attempt: Attempt) -> None:
        await self.short_lived.uncount(_account(attempt.account))
        tolerance = await self._tolerance(attempt.account)
        await self._leave(_pair(attempt.account, attempt.origin), attempt.at_account, tolerance)
        await self._leave_around(attempt)

    async def _enter_network(self, attempt: Attempt) -> Attempt:
        if not attempt.network:
            return attempt
        around = _network(attempt.account, attempt.network)
        return replace(attempt, at_network=await self._enter(around, AT_ACCOUNT_FROM_NETWORK))

    async def _leave_around(self, attempt: Attempt) -> None:
        if attempt.at_network:
            around = _network(attempt.account, attempt.network)
            await self._leave(around, attempt.at_network, AT_ACCOUNT_FROM_NETWORK)
        await self._leave(_address(attempt.origin), attempt.at_address, AT_ADDRESS)

    async def _tolerance(self, account: str) -> Tolerance:
        return tolerance_at(await self._counted(_account(account)))

    async def _counted(self, key: str) -> int:
        return int(await self.short_lived.get(key) or 0)

    async def _enter(self, key: str, tolerance: Tolerance) -> int:
        number = await self._counted(key) + 1
        delay = tolerance.delay(number)
        if delay:
            await self._pass_door(key, number, delay)
            await self.short_lived.count(key, WINDOW_SECONDS)
            return number
        number = await self.short_lived.count(key, WINDOW_SECONDS)
        if tolerance.delay(number):
            # Others took the last free ones since it was looked. Whoever comes after them finds the door.
            await self.short_lived.uncount(key)
            raise RateLimited(tolerance.delay(tolerance.free + 1))
        return number

    async def _pass_door(self, key: str, number: int, delay: float) -> None:
        if not await self.short_lived.add(_door(key), _mark(number), delay):
            raise RateLimited(await self.short_lived.remaining(_door(key)))

    async def _leave(self, key: str, number: int, tolerance: Tolerance) -> None:
        await self.short_lived.uncount(key)
        if tolerance.delay(number) and await self.short_lived.get(_door(key)) == _mark(number):
            await self.short_lived.delete(_door(key))

    async def _close(self, key: str, number: int, tolerance: Tolerance) -> None:
        delay = tolerance.delay(number)
        if delay and await self.short_lived.get(_door(key)) in (None, _mark(number)):
            await self.short_lived.put(_door(key), _mark(number), delay)


def _account(account: str) -> str:
    return _key("account", account)


def _address(where: str) -> str:
    return _key("address", where)


def _network(account: str, where: str) -> str:
    return _key("network", account, where)


def _pair(account: str, where: str) -> str:
    return _key("pair", account, where)


def _key(kind: str, *parts: str) -> str:
    # A digest: names and addresses of any length fit, and nobody reads in the store who signs in from where.
    digest = hashlib.blake2b("\n".join(parts).encode("utf-8", "surrogatepass"), digest_size=16)
    return f"throttle:{kind}:{digest.hexdigest()}"


def _door(key: str) -> str:
    return f"{key}:door"


def _mark(number: int) -> bytes:
    """Whose closing it is: two at once may have the same number, and then the later one stands for both."""
    return b"%d" % number
