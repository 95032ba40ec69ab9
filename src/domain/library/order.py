"""The order of a folder's items: integer ranks with room between them, so that a move writes one row."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from synctv.domain.ids import ItemId
from synctv.domain.library.item import MediaItem

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


def place_before(items: Sequence[MediaItem], moving: ItemId, before: ItemId | None) -> list[MediaItem]:
    """The items that change so that `moving` stands right ahead of `before` (None: at the end).

    `items` are all items of the folder in their order. Usually one item changes; all do when the ranks are used up.
    `moving` and `before` must be among them.
    """
    moved = next(item for item in items if item.id == moving)
    others = [item for item in items if item.id != moving]
    index = len(others) if before is None else next(i for i, item in enumerate(others) if item.id == before)
    low = others[index - 1].rank if index > 0 else None
    high = others[index].rank if index < len(others) else None
    rank = rank_between(low, high)
    if rank is not None:
        return [moved.moved(rank)]
    spread = [*others[:index], moved, *others[index:]]
    return [item.moved(position * SPACING) for position, item in enumerate(spread)]


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

    The choice depends on nothing but its arguments, so that every node of a cluster makes the same one.
    """
    others = [item for item in order if item != current] or list(order)
    avoided = set(recent[-(len(order) // 2) :]) if len(order) > 1 else set()
    fresh = [item for item in others if item not in avoided] or others
    if not fresh:
        return None
    draw = int.from_bytes(sha256(seed.encode()).digest()[:8])
    return fresh[draw % len(fresh)]
