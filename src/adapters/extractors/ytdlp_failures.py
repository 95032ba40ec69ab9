"""What went wrong in yt-dlp, as one of the kinds of `failures.py`. Runs in a worker.

Its errors have types for few things only. For the rest their texts are looked at, here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from yt_dlp.networking.exceptions import HTTPError, TransportError  # type: ignore[import-untyped]
from yt_dlp.utils import (  # type: ignore[import-untyped]
    ExtractorError,
    GeoRestrictedError,
    UnsupportedError,
    UserNotLive,
    YoutubeDLError,
)

MAX_MESSAGE_LENGTH = 200

_TYPES: tuple[tuple[type[BaseException], str], ...] = (
    (GeoRestrictedError, "geo"),
    (UserNotLive, "not_live"),
    (UnsupportedError, "unsupported"),
)
_STATUSES = {401: "login", 403: "refused", 404: "missing", 410: "missing", 412: "risk", 429: "limited"}
_TEXTS: tuple[tuple[str, str], ...] = (
    (r"no suitable extractor|unsupported url", "unsupported"),
    (r"\bdrm\b", "drm"),
    (r"not a bot|captcha|risk control|verify (that )?you", "risk"),
    (r"members?[- ]only|join this channel|premium|subscribers? only|paid|purchase|大会员|付费|专享", "members"),
    (r"--cookies|log(ged)? ?in|sign(ed)? ?in|registered users|private video|fresh cookies|登录", "login"),
    (r"geo|your (country|location|region)|地区", "geo"),
    (r"not currently live|is offline|has ended|will begin|premieres? in|not live|未开播", "not_live"),
    (r"too many requests|rate[- ]limit|try again later", "limited"),
    (r"not (be )?found|unavailable|does ?n.t exist|removed|deleted|no longer|terminated|不存在|失效", "missing"),
    (r"no video formats|requested format is not available", "nothing"),
)


def failure_of(error: YoutubeDLError) -> dict[str, str]:
    """The kind of the failure, and what yt-dlp says of it where that is meant for people."""
    chain = list(_causes(error))
    return {"kind": _by_type(chain) or _by_status(chain) or _by_text(chain), "message": _message(chain)}


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, outermost first."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting and len(seen) < 20:
        current = waiting.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = getattr(current, "exc_info", None)
        waiting += [inner[1] if inner else None, getattr(current, "cause", None), current.__cause__]


def _by_type(chain: list[BaseException]) -> str | None:
    return next((kind for error in chain for type_, kind in _TYPES if isinstance(error, type_)), None)


def _by_status(chain: list[BaseException]) -> str | None:
    for error in chain:
        if isinstance(error, HTTPError):
            return _STATUSES.get(error.status, "unavailable" if error.status >= 500 else "other")
    return "unreachable" if any(isinstance(error, TransportError) for error in chain) else None


def _by_text(chain: list[BaseException]) -> str:
    text = " ".join(str(error) for error in chain).lower()
    return next((kind for pattern, kind in _TEXTS if re.search(pattern, text)), "other")


def _message(chain: list[BaseException]) -> str:
    for error in chain:
        if isinstance(error, ExtractorError) and error.expected:
            plain = re.sub(r"https?://\S+", "", str(error.orig_msg))
            # Advice for who uses yt-dlp by hand would only confuse.
            first = re.split(r"[.;] (?:Use|See|You|Confirm|Please|Try) ", plain)[0]
            return " ".join(first.split())[:MAX_MESSAGE_LENGTH]
    return ""
