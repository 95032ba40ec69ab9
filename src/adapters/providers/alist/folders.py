"""Listings of an Alist server's folders, and what was found on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synctv.adapters.providers.alist.account import Account
from synctv.adapters.providers.alist.answers import Entry, Hit
from synctv.adapters.providers.alist.api import AlistApi
from synctv.adapters.providers.listings import Listed, Raw, crumbs_of, entries_of, entry_of, number_of
from synctv.adapters.providers.servers import is_name, joined, segments_of
from synctv.application.ports.providers import Listing, ResolvedSource
from synctv.domain.errors import UpstreamMissing

WHOLE = 200
"""Folders of up to so many entries are read whole and sorted; longer ones stay in the server's own order."""

MAX_FILES = 500


@dataclass(frozen=True, slots=True)
class Folders:
    """Pages of folders. A cursor is a number of a page, which begins with 2."""

    api: AlistApi

    async def page(self, account: Account, path: str, cursor: str | None, limit: int) -> Listing:
        """A page of the folder. Entries that nobody can play are left out, so that it may be short."""
        names, number = segments_of(path, account.server), number_of(cursor, account.server, 1)
        whole = await self.api.listed(account, joined(names), 1, WHOLE)
        if whole.total <= WHOLE:
            everything = entries_of(account.server, names, _raw(whole.content))
            shown_ = everything[(number - 1) * limit : number * limit]
            more, total = number * limit < len(everything), len(everything)
        else:
            found = (
                whole
                if number == 1 and limit == WHOLE
                else await self.api.listed(account, joined(names), number, limit)
            )
            shown_ = entries_of(account.server, names, _raw(found.content))
            more, total = bool(found.content) and number * limit < found.total, None
        return Listing(tuple(shown_), crumbs_of(names), str(number + 1) if more else None, total)

    async def files(self, account: Account, path: str) -> Sequence[ResolvedSource]:
        """Everything that plays in the folder itself, at most 500, in natural order."""
        names = segments_of(path, account.server)
        found: list[Entry] = []
        for number in range(1, 2_000 // WHOLE + 1):
            page = await self.api.listed(account, joined(names), number, WHOLE)
            found += page.content or ()
            if not page.content or number * WHOLE >= page.total:
                break
        entries = entries_of(account.server, names, _raw(found))
        return [entry for entry in entries if isinstance(entry, ResolvedSource)][:MAX_FILES]

    async def search(self, account: Account, words: str, path: str, cursor: str | None, limit: int) -> Listing:
        """What has the words in its name. A server without an index is asked for the folder itself."""
        names, number = segments_of(path, account.server), number_of(cursor, account.server, 1)
        base = segments_of((await self.api.me(account)).base_path, account.server)
        try:
            hits = await self.api.found(account, words, joined(names), number, limit)
        except UpstreamMissing:
            return await self._filtered(account, words, path, cursor, limit)
        content = hits.content or []
        once = {(hit.parent, hit.name): hit for hit in content}  # Alist repeats some while it pages
        made = (_hit(account.server, base, hit) for hit in once.values())
        entries = [entry for entry in made if entry is not None]
        return Listing(tuple(entries), (), str(number + 1) if len(content) >= limit else None)

    async def _filtered(self, account: Account, words: str, path: str, cursor: str | None, limit: int) -> Listing:
        page = await self.page(account, path, cursor, limit)
        wanted = words.casefold().split()
        entries = [entry for entry in page.entries if all(word in entry.title.casefold() for word in wanted)]
        return Listing(tuple(entries), (), page.next_cursor)


def below(base: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The same place as the account names it; None when it lies outside of what the account sees."""
    return names[len(base) :] if names[: len(base)] == base else None


def _raw(entries: Iterable[Entry] | None) -> Iterable[Raw]:
    return ((entry.name, entry.size, entry.is_dir) for entry in entries or ())


def _hit(server: str, base: tuple[str, ...], hit: Hit) -> Listed | None:
    parent = below(base, tuple(name for name in hit.parent.split("/") if name))
    if parent is None or not all(is_name(name) for name in parent):
        return None
    return entry_of(server, parent, hit.name, hit.size, is_folder=hit.is_dir)
