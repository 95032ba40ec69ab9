"""Instants and spans of time as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

import typer

_SPAN = re.compile(r"([1-9][0-9]{0,5})([mhdw])")
_SECONDS = {"m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 7 * 86_400.0}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def span(text: str) -> float:
    """Seconds: `30m`, `12h`, `7d`, `4w`."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter("This is a number of minutes, hours, days or weeks: 30m, 12h, 7d, 4w.")
    return int(found[1]) * _SECONDS[found[2]]


def moment(text: str) -> int:
    """Microseconds of the Unix epoch: `2026-12-31`, where the day begins in UTC, or `2026-12-31T18:00:00+01:00`."""
    from synctv.entrypoints.views.times import micros_of

    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter("This is a date, 2026-12-31, or an instant, 2026-12-31T18:00:00Z.") from None
    if _DATE.fullmatch(text.strip()):
        read = datetime.combine(read.date(), time.min, UTC)
    if read.tzinfo is None:
        raise typer.BadParameter("An instant says its time zone: end it with Z for UTC, or with +01:00 and the like.")
    return micros_of(read)
