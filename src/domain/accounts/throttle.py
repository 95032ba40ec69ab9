"""How long a guesser waits: a delay that grows with every failed proof, and that no stranger can turn into a lock-out.

Failures are counted for each pair of account and address, for each address over all accounts, and for each account over
all addresses. Only the first two delay anybody. An account under attack from everywhere gets its strangers fewer tries
before their own delay begins, but an address that has not failed there yet always gets its first try at once; for codes
by email, unless others of its network have failed there often.
"""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_SECONDS = 3_600.0
"""Failures are forgotten so long after the first of them."""
LONGEST_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Tolerance:
    """`free` failures cost nothing; the next one costs a second, and each one more twice the time before it."""

    free: int

    def delay(self, failures: int) -> float:
        """Seconds to wait after so many failures; 0 for none, at most `LONGEST_SECONDS`."""
        beyond = failures - self.free
        return min(2.0 ** min(beyond - 1, 20), LONGEST_SECONDS) if beyond > 0 else 0.0


AT_ADDRESS = Tolerance(30)
"""Many people may share one address."""
AT_ACCOUNT = Tolerance(5)
AT_ACCOUNT_FROM_NETWORK = Tolerance(20)
"""More than one address is ever let try in an hour, so it slows down only who has many of one network."""
UNDER_ATTACK = Tolerance(1)
ATTACK_FAILURES = 50
"""So many failures at one account from anywhere are no longer somebody's forgetfulness."""


SECOND_STEPS = 20
"""So many wrong second steps in an hour are the most at one account, from wherever. Only who has proven the first step
gets to try, so this locks nobody out but with the password in hand; six digits would not last against many addresses.
"""


def tolerance_at(account_failures: int) -> Tolerance:
    """What one address may do at an account that has seen so many failures from all addresses."""
    return UNDER_ATTACK if account_failures >= ATTACK_FAILURES else AT_ACCOUNT
