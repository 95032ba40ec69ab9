"""Lists come in pages."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from synctv.domain.errors import Invalid

MOST = 200
USUAL = 50


class ListQuery(Struct, frozen=True, rename="camel"):
    """Which page: `cursor` is the `nextCursor` of the one before."""

    cursor: str | None = None
    limit: Annotated[int, Meta(description=f"1 to {MOST}.")] = USUAL


def checked_limit(limit: int) -> int:
    """The number of entries that is asked for. Raises `Invalid` past the bounds."""
    if not 1 <= limit <= MOST:
        raise Invalid.field("limit", f"A page has 1 to {MOST} entries.", "range")
    return limit
