"""Transcodings that were asked for lately, so that all who watch together share one, and what plays of which item.

A server transcodes for each playing that it was asked for; without this, each viewer would keep it busy alone. Each
room has playings of its own: where one ends, the server stops what belongs to that playing.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from synctv.adapters.providers.jellyfin.account import Account
from synctv.application.ports.clock import Clock
from synctv.domain.ids import MICROS, Micros

MAX_ITEMS = 500
KEPT_SECONDS = 6 * 3600


@dataclass(frozen=True, slots=True)
class Transcoding:
    """The address of one, without what proves who asks, and the server's name for it. None where it makes none."""

    url: str | None
    play_session: str


@dataclass(slots=True)
class Playing:
    """What is known of one item that an account plays for one room: its version, and its transcodings by version and
    quality."""

    until: Micros
    source_id: str = ""
    play_session: str = ""
    transcodings: dict[tuple[str, str], Transcoding] = field(default_factory=dict)
    reported: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Sessions:
    """The items that are played; what was touched longest ago is forgotten first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._items: OrderedDict[tuple[str, str, str], Playing] = OrderedDict()

    def of(self, account: Account, item_id: str, screening: str) -> Playing:
        """What is known of this item where it is watched."""
        key, now = (account.session, item_id, screening), self._clock.now()
        playing = self._items.pop(key, None)
        if playing is None or playing.until <= now:
            playing = Playing(Micros(now + KEPT_SECONDS * MICROS))
        self._items[key] = playing
        if len(self._items) > MAX_ITEMS:
            self._items.popitem(last=False)
        return playing

    def forget(self, account: Account, item_id: str, screening: str) -> None:
        """It is no longer played there."""
        self._items.pop((account.session, item_id, screening), None)
