"""Long folders in pages. WebDAV lists a folder whole, so that the pages after the first one come from memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from synctv.adapters.providers.listings import Listed
from synctv.adapters.providers.webdav.account import Account
from synctv.domain.ids import MICROS, Micros

KEPT_SECONDS = 60
MAX_ENTRIES = 50_000
"""So many entries of all folders together are kept at most."""

Key = tuple[Account, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Kept:
    entries: Sequence[Listed]
    until: Micros


class Pages:
    """Folders that were listed within the last minute and are longer than their first page.

    Each is kept for the account that listed it, password and all: nobody else sees it.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._entries = 0

    def put(self, key: Key, entries: Sequence[Listed], now: Micros) -> None:
        """Keeps a folder. What was listed longest ago makes room."""
        self._drop(key)
        self._kept[key] = _Kept(entries, Micros(now + KEPT_SECONDS * MICROS))
        self._entries += len(entries)
        while self._entries > MAX_ENTRIES:
            self._drop(next(iter(self._kept)))

    def get(self, key: Key, now: Micros) -> Sequence[Listed] | None:
        """The folder as it was; None when it is too long ago."""
        kept = self._kept.get(key)
        return kept.entries if kept is not None and now < kept.until else None

    def _drop(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._entries -= len(kept.entries)
