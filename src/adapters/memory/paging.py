"""One page of a list that is ordered by id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from synctv.domain.ids import is_typeid

_Value = TypeVar("_Value")
_Id = TypeVar("_Id", bound=str)


def page_after(found: Iterable[tuple[_Id, _Value]], after: _Id | None, limit: int) -> list[_Value]:
    """The values by ascending id, from the one after `after` on. There is nothing after what is no id."""
    if after is not None and not _is_id(after):
        return []
    ordered = sorted(found, key=lambda entry: entry[0])
    return [value for id, value in ordered if after is None or id > after][: max(limit, 0)]


def page_before(found: Iterable[tuple[_Id, _Value]], before: _Id | None, limit: int) -> list[_Value]:
    """The values by descending id, from the one after `before` on. There is nothing before what is no id."""
    if before is not None and not _is_id(before):
        return []
    ordered = sorted(found, key=lambda entry: entry[0], reverse=True)
    return [value for id, value in ordered if before is None or id < before][: max(limit, 0)]


def _is_id(text: str) -> bool:
    return is_typeid(text, text.rpartition("_")[0])
