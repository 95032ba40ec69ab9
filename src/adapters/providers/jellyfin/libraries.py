"""Listings of a server's libraries, and what was found in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synctv.adapters.providers.answers import host_of
from synctv.adapters.providers.files import shown
from synctv.adapters.providers.jellyfin.account import Account
from synctv.adapters.providers.jellyfin.answers import Item
from synctv.adapters.providers.jellyfin.api import JellyfinApi
from synctv.adapters.providers.jellyfin.items import entry_of, is_id, resolved
from synctv.adapters.providers.listings import number_of
from synctv.application.ports.providers import Crumb, Listing, ResolvedSource
from synctv.domain.errors import UpstreamFailed, UpstreamMissing

MAX_ITEMS = 500
MAX_CRUMBS = 30
_TOPS = frozenset({"AggregateFolder", "UserRootFolder", "Root"})


@dataclass(frozen=True, slots=True)
class Libraries:
    """Pages of folders. A path is an id, a cursor the number of entries before it."""

    api: JellyfinApi

    async def page(self, account: Account, path: str, cursor: str | None, limit: int) -> Listing:
        """A page of the folder; the libraries at the top."""
        start = number_of(cursor, account.server, 0)
        if not path:
            return self._listing(account, await self.api.libraries(account), (Crumb("", "Top"),))
        folder = _folder(account, path)
        # Servers list everything for a folder that does not exist, so that it is looked at first.
        item = await self.api.item(account, folder)
        crumbs = (*await self._way(account, folder), Crumb(folder, shown(item.name or "") or "?"))
        page = await self.api.children(account, folder, start, limit)
        more = start + limit < page.total_record_count and bool(page.items)
        cursor = str(start + limit) if more else None
        return self._listing(account, page.items or (), crumbs, cursor, page.total_record_count)

    async def search(self, account: Account, words: str, path: str, cursor: str | None, limit: int) -> Listing:
        """A page of what the server finds in the folder and below."""
        start = number_of(cursor, account.server, 0)
        parent = _folder(account, path) if path else ""
        page = await self.api.found(account, words, parent, start, limit)
        more = start + limit < page.total_record_count and bool(page.items)
        return self._listing(account, page.items or (), (), str(start + limit) if more else None)

    async def everything(self, account: Account, folder: Item) -> Sequence[ResolvedSource]:
        """All that plays in a folder and below, at most 500."""
        found = (await self.api.everything(account, folder, MAX_ITEMS)).items or ()
        made = (resolved(account.server, item) for item in found if is_id(item.id))
        return [one for one in made if one is not None][:MAX_ITEMS]

    async def _way(self, account: Account, folder: str) -> tuple[Crumb, ...]:
        """The way to the folder; the top alone where the server does not tell it, since nothing rests on it."""
        try:
            return crumbs_of(await self.api.ancestors(account, folder))
        except UpstreamFailed:
            return crumbs_of(())

    def _listing(
        self,
        account: Account,
        items: Sequence[Item],
        crumbs: tuple[Crumb, ...],
        cursor: str | None = None,
        total: int | None = None,
    ) -> Listing:
        entries = (entry_of(account.server, item) for item in items[:200])
        return Listing(tuple(entry for entry in entries if entry is not None), crumbs, cursor, total)


def crumbs_of(ancestors: Sequence[Item]) -> tuple[Crumb, ...]:
    """The way from the top to what these are the ancestors of; they come the nearest first.

    The folder of the disk that a library consists of says nothing that the library does not.
    """
    kept: list[Item] = []
    for item in ancestors[:MAX_CRUMBS]:
        if item.type in _TOPS or not is_id(item.id):
            continue
        if item.type == "CollectionFolder" and kept and kept[-1].type == "Folder":
            kept.pop()
        kept.append(item)
    return (Crumb("", "Top"), *(Crumb(item.id, shown(item.name or "") or "?") for item in reversed(kept)))


def _folder(account: Account, path: str) -> str:
    if not is_id(path):
        raise UpstreamMissing(host_of(account.server))
    return path
