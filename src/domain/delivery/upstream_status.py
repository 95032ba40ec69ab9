"""What the status of another server's answer means."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from synctv.domain.errors import (
    UpstreamCredential,
    UpstreamFailed,
    UpstreamLimited,
    UpstreamMissing,
    UpstreamRefused,
    UpstreamUnavailable,
)
from synctv.domain.ids import MICROS, Micros

MAX_RETRY_AFTER = 86_400.0
DEFAULT_RETRY_AFTER = 30.0

MAY_HAVE_EXPIRED = frozenset({401, 403, 404, 410})
"""Statuses that an address which was good once may have now, because it was signed for a while."""


def host_of(url: str) -> str:
    """The host of an address, for a sentence; the port is told where it is not the usual one."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or url[:60]


def failure(host: str, status: int, retry_after: str | None, now: Micros) -> UpstreamFailed:
    """What a status outside 2xx means (RFC 9110, 15)."""
    match status:
        case 401 | 407:
            return UpstreamCredential(host)
        case 403:
            return UpstreamRefused(host, "it does not allow this. Check whether the sign-in there may see it.")
        case 404 | 410:
            return UpstreamMissing(host)
        case 429:
            return UpstreamLimited(host, seconds_of(retry_after, now))
        case _ if status >= 500:
            return UpstreamUnavailable(host)
        case _:
            return UpstreamFailed(host, f"it answered with status {status}.")


def seconds_of(retry_after: str | None, now: Micros) -> float:
    """How long a `Retry-After` (seconds, or a date) asks to wait: 1 to 86,400 s; 30 s for nonsense."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(max(float(text), 1.0), MAX_RETRY_AFTER)
    try:
        wait = parsedate_to_datetime(text).timestamp() - now / MICROS
    except (ValueError, OverflowError):
        return DEFAULT_RETRY_AFTER
    return min(max(wait, 1.0), MAX_RETRY_AFTER)
