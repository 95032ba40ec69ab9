"""How long a letter that could not be sent waits, and when it is given up."""

from __future__ import annotations

from synctv.application.ports.mail import QueuedMail
from synctv.domain.ids import Micros, seconds_after

WAITS_SECONDS = (60.0, 120.0, 300.0, 900.0, 3_600.0, 10_800.0, 21_600.0)
"""After the first failed attempt, the second, and so on. The first four fall into the ten minutes that a code holds for
and into what a server with a greylist lets strangers wait."""

MAX_ATTEMPTS = len(WAITS_SECONDS) + 1
SPREAD = 0.1
"""Each wait is longer by up to a tenth, so that letters which failed together don't come back together."""


def next_attempt(mail: QueuedMail, now: Micros, chance: float) -> Micros | None:
    """When to try again what failed just now, or None to give up: after the last attempt, or when it would be too late.

    `mail.attempts` were made before the one that failed; `chance` is from 0 to less than 1.
    """
    if mail.attempts >= len(WAITS_SECONDS):
        return None
    due_at = seconds_after(now, WAITS_SECONDS[mail.attempts] * (1 + SPREAD * chance))
    return due_at if due_at < mail.expires_at else None
