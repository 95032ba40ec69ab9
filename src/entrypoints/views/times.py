"""Instants on the wire: microseconds inside, UTC date-times in the views."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from msgspec import Meta

from synctv.domain.ids import Micros

Instant = Annotated[datetime, Meta(tz=True)]
"""A date-time in UTC. msgspec writes it as RFC 3339, and says so in schemas."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def instant(micros: Micros) -> datetime:
    """The date-time of an instant, exact to the microsecond."""
    return _EPOCH + timedelta(microseconds=micros)


def micros_of(moment: datetime) -> Micros:
    """The instant of a date-time, exact to the microsecond; for wires that carry numbers."""
    return Micros((moment - _EPOCH) // _MICROSECOND)
