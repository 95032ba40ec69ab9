"""Which item follows: the room's auto-play mode over the order of its library."""

from __future__ import annotations

from collections.abc import Sequence

from synctv.domain.ids import ItemId
from synctv.domain.library.order import neighbour, shuffled
from synctv.domain.playback.playback import Playback
from synctv.domain.rooms.settings import AutoPlayMode


def after_the_end(
    playback: Playback, order: Sequence[ItemId], recent: Sequence[ItemId], mode: AutoPlayMode, seed: str
) -> ItemId | None:
    """The item that plays by itself after the current one has ended, or None when the room then stands still."""
    current = playback.item.id if playback.item else None
    match mode:
        case AutoPlayMode.OFF:
            return None
        case AutoPlayMode.REPEAT_ONE:
            return current
        case AutoPlayMode.SHUFFLE:
            return shuffled(order, current, recent, f"{seed}/{playback.version}")
        case AutoPlayMode.SEQUENTIAL | AutoPlayMode.REPEAT_ALL:
            return neighbour(order, current, +1, wrap=mode is AutoPlayMode.REPEAT_ALL)


def goes_beyond(playback: Playback, order: Sequence[ItemId], mode: AutoPlayMode, step: int, *, asked: bool) -> bool:
    """Whether the order has nothing more in this direction, so that what the item was chosen from goes on.

    `asked` tells that a person wants to go there; else the item has ended.
    """
    if playback.item is None or neighbour(order, playback.item.id, step, wrap=False) is not None:
        return False
    if asked:
        return mode is not AutoPlayMode.SHUFFLE or step < 0
    return mode in (AutoPlayMode.SEQUENTIAL, AutoPlayMode.REPEAT_ALL)


def on_demand(
    playback: Playback, order: Sequence[ItemId], recent: Sequence[ItemId], mode: AutoPlayMode, seed: str, step: int
) -> ItemId | None:
    """The item that a person's `next` (+1) or `previous` (-1) leads to; repeating one item does not bind them."""
    current = playback.item.id if playback.item else None
    if mode is AutoPlayMode.SHUFFLE and step > 0:
        return shuffled(order, current, recent, f"{seed}/{playback.version}")
    return neighbour(order, current, step, wrap=mode is AutoPlayMode.REPEAT_ALL)
