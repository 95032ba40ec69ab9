"""When an address runs out, as far as it says so itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from synctv.domain.ids import MICROS, Micros, seconds_after

UNKNOWN_SECONDS = 600.0
"""For addresses that tell nothing."""

_NAMES = frozenset({"expire", "expires", "deadline", "x-expires", "e", "exp"})
_IN_PATH = re.compile(r"/expires?/(\d{9,13})(?:/|$)")
_IN_TOKEN = re.compile(r'"expires"\s*:\s*(\d{9,13})')
_DIGITS = re.compile(r"\d{9,13}")
_HEX = re.compile(r"[0-9a-fA-F]{8}")
_FURTHEST_SECONDS = 400 * 86_400


def runs_out(urls: Iterable[str], at: Micros) -> Micros:
    """The instant at which the first of the addresses, found at `at`, runs out."""
    known = [instant for url in urls if (instant := _of_one(url, at)) is not None]
    return min(known, default=seconds_after(at, UNKNOWN_SECONDS))


def _of_one(url: str, at: Micros) -> Micros | None:
    parts = urlsplit(url)
    query = {name.lower(): value for name, value in parse_qsl(parts.query, max_num_fields=200)}
    epochs = [int(value) for name, value in query.items() if name in _NAMES and _DIGITS.fullmatch(value)]
    epochs += [int(found) for found in _IN_PATH.findall(parts.path)]
    epochs += [int(found) for found in _IN_TOKEN.findall(query.get("token", ""))]
    if _HEX.fullmatch(query.get("wstime", "")):
        epochs.append(int(query["wstime"], 16))
    signed = _amazon(query.get("x-amz-date", ""), query.get("x-amz-expires", ""))
    epochs += [signed] if signed is not None else []
    return _earliest(epochs, at)


def _earliest(epochs: Iterable[int], at: Micros) -> Micros | None:
    """Numbers that can be no time near now are something else."""
    seconds = [epoch // 1_000 if epoch > 10**11 else epoch for epoch in epochs]
    now = at // MICROS
    usable = [epoch for epoch in seconds if now - 86_400 < epoch < now + _FURTHEST_SECONDS]
    return Micros(min(usable) * MICROS) if usable else None


def _amazon(date: str, seconds: str) -> int | None:
    try:
        begun = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return int(begun.timestamp()) + int(seconds)
    except ValueError:
        return None
