"""Listings of an Alist server's folders, and what was found on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synctv.adapters.providers.alist.account import Account
from synctv.adapters.providers.alist.answers import Entry, Hit, Listed
from synctv.adapters.providers.alist.api import AlistApi
from synctv.adapters.providers.answers import host_of
from synctv.adapters.providers.files import natural, shown, size_words, title_of, type_of
from synctv.adapters.providers.servers import MAX_PATH_LENGTH, is_name, joined, segments_of
from synctv.application.ports.providers import Crumb, ListedFolder, Listing, ResolvedSource
from synctv.domain.errors import UpstreamMissing

WHOLE = 200
"""Folders of up to so many entries are read whole and sorted; longer ones stay in the server's own order."""

MAX_FILES = 500
_MAX_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Folders:
    """Pages of folders. A cursor is a number of a page, which begins with 2."""

    api: AlistApi

    async def page(self, account: Account, path: str, cursor: str | None, limit: int) -> Listing:
        """A page of the folder. Entries that nobody can play are left out, so that it may be short."""
        names, number = segments_of(path, account.server), page_of(cursor, account.server)
        whole = await self.api.listed(account, joined(names), 1, WHOLE)
        if whole.total <= WHOLE:
            everything = sorted_entries(account.server, names, whole.content or ())
            shown_ = everything[(number - 1) * limit : number * limit]
            more, total = number * limit < len(everything), len(everything)
        else:
            found = (
                whole
                if number == 1 and limit == WHOLE
                else await self.api.listed(account, joined(names), number, limit)
            )
            shown_ = sorted_entries(account.server, names, found.content or ())
            more, total = bool(found.content) and number * limit < found.total, None
        return Listing(tuple(shown_), crumbs_of(names), str(number + 1) if more else None, total)

    async def files(self, account: Account, path: str) -> Sequence[ResolvedSource]:
        """Everything that plays in the folder itself, at most 500, in natural order."""
        names = segments_of(path, account.server)
        found: list[Entry] = []
        for number in range(1, 2_000 // WHOLE + 1):
            page: Listed = await self.api.listed(account, joined(names), number, WHOLE)
            found += page.content or ()
            if not page.content or number * WHOLE >= page.total:
                break
        entries = sorted_entries(account.server, names, found)
        return [entry for entry in entries if isinstance(entry, ResolvedSource)][:MAX_FILES]

    async def search(self, account: Account, words: str, path: str, cursor: str | None, limit: int) -> Listing:
        """What has the words in its name. A server without an index is asked for the folder itself."""
        names, number = segments_of(path, account.server), page_of(cursor, account.server)
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


def sorted_entries(
    server: str, parent: tuple[str, ...], entries: Iterable[Entry]
) -> list[ListedFolder | ResolvedSource]:
    """Folders first, then files, each in natural order; what is neither, or has no possible name, is left out."""
    ordered = sorted(entries, key=lambda entry: (not entry.is_dir, natural(entry.name)))
    made = (entry_of(server, parent, entry.name, entry.size, is_dir=entry.is_dir) for entry in ordered)
    return [entry for entry in made if entry is not None]


def entry_of(
    server: str, parent: tuple[str, ...], name: str, size: int | None, *, is_dir: bool
) -> ListedFolder | ResolvedSource | None:
    """A folder, or a file that plays."""
    path = joined((*parent, name))
    if not is_name(name) or len(path) > MAX_PATH_LENGTH or not shown(name):
        return None
    if is_dir:
        return ListedFolder(path, shown(name))
    return file_of(server, path, name, size)


def file_of(server: str, path: str, name: str, size: int | None) -> ResolvedSource | None:
    """A file that plays; its length is known to its player alone."""
    type_ = type_of(name)
    if type_ is None:
        return None
    return ResolvedSource({"server": server, "path": path}, title_of(name), type_.kind, None, detail=size_words(size))


def crumbs_of(names: tuple[str, ...]) -> tuple[Crumb, ...]:
    """The way from the top."""
    steps = (Crumb(joined(names[: end + 1]), shown(name) or name[:1]) for end, name in enumerate(names))
    return (Crumb("", "Top"), *steps)


def below(base: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The same place as the account names it; None when it lies outside of what the account sees."""
    return names[len(base) :] if names[: len(base)] == base else None


def page_of(cursor: str | None, server: str) -> int:
    """The page that a cursor names; the first without one."""
    if cursor is None:
        return 1
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 6 and 0 < int(cursor) <= _MAX_PAGE):
        raise UpstreamMissing(host_of(server), "this page does not exist. Go back to the first one.")
    return int(cursor)


def _hit(server: str, base: tuple[str, ...], hit: Hit) -> ListedFolder | ResolvedSource | None:
    parent = below(base, tuple(name for name in hit.parent.split("/") if name))
    if parent is None or not all(is_name(name) for name in parent):
        return None
    return entry_of(server, parent, hit.name, hit.size, is_dir=hit.is_dir)
