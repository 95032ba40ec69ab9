"""The order in a folder, of its items and of the folders in it: integer ranks with room between them, so that a move
writes one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Protocol, TypeVar

from synctv.domain.ids import ItemId

_Id = TypeVar("_Id", bound=str)
_Id_co = TypeVar("_Id_co", bound=str, covariant=True)

SPACING = 1 << 32
"""Between neighbours when nothing is squeezed in; 32 halvings fit before the folder has to be spread out again."""


def rank_between(before: int | None, after: int | None) -> int | None:
    """A rank after `before` and ahead of `after` (None: the end of that side), or None when there is no room left."""
    if before is None and after is None:
        return 0
    if before is None:
        return (after or 0) - SPACING
    if after is None:
        return before + SPACING
    middle = (before + after) // 2
    return middle if before < middle < after else None


class Ranked(Protocol[_Id_co]):
    """What has a place among others of its kind."""

    @property
    def id(self) -> _Id_co:
        """Which one it is."""

    @property
    def rank(self) -> int:
        """Where it stands."""


def place_before(entries: Sequence[Ranked[_Id]], moving: _Id, before: _Id | None) -> Mapping[_Id, int]:
    """The ranks that change so that `moving` stands right ahead of `before` (None: at the end).

    `entries` are all of the folder in their order; `moving` may be one of them or come from elsewhere, `before` must be
    another one. Usually one rank changes; all do when the ranks are used up.
    """
    others = [entry for entry in entries if entry.id != moving]
    index = len(others) if before is None else next(i for i, entry in enumerate(others) if entry.id == before)
    low = others[index - 1].rank if index > 0 else None
    high = others[index].rank if index < len(others) else None
    rank = rank_between(low, high)
    if rank is not None:
        return {moving: rank}
    spread = [entry.id for entry in others]
    spread.insert(index, moving)
    return {id: position * SPACING for position, id in enumerate(spread)}


def rank_at_end(entries: Sequence[Ranked[str]]) -> int:
    """The rank of what is appended to these, which are in their order."""
    return entries[-1].rank + SPACING if entries else 0


def neighbour(order: Sequence[ItemId], current: ItemId | None, step: int, *, wrap: bool) -> ItemId | None:
    """The item `step` (+1 or -1) places from `current`, or None past the end; without one, the first or last."""
    if not order:
        return None
    if current is None or current not in order:
        return order[0] if step > 0 else order[-1]
    index = order.index(current) + step
    if wrap:
        return order[index % len(order)]
    return order[index] if 0 <= index < len(order) else None


def shuffled(order: Sequence[ItemId], current: ItemId | None, recent: Sequence[ItemId], seed: str) -> ItemId | None:
    """An item at random: not `current` while there are others, nor one of the newest `recent`, half as many as items.

    `recent` may hold what is not in `order`, which doesn't count. The choice depends on nothing but its arguments, so
    that every node of a cluster makes the same one.
    """
    others = [item for item in order if item != current] or list(order)
    here = set(order)
    avoided = set([item for item in recent if item in here][-(len(order) // 2) :]) if len(order) > 1 else set()
    fresh = [item for item in others if item not in avoided] or others
    if not fresh:
        return None
    draw = int.from_bytes(sha256(seed.encode()).digest()[:8])
    return fresh[draw % len(fresh)]
