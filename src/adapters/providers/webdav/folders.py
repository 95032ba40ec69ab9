"""Listings of a WebDAV server's folders, and what was found on it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from synctv.adapters.providers.listings import Listed, Raw, crumbs_of, entries_of, entry_of, number_of
from synctv.adapters.providers.servers import joined, segments_of
from synctv.adapters.providers.webdav.account import Account
from synctv.adapters.providers.webdav.dav import Dav
from synctv.adapters.providers.webdav.multistatus import Resource
from synctv.adapters.providers.webdav.nextcloud import FILES, can_search, search_body
from synctv.adapters.providers.webdav.pages import Pages
from synctv.application.ports.clock import Clock
from synctv.application.ports.providers import ListedFolder, Listing
from synctv.domain.errors import UpstreamFailed

MAX_FILES = 500
MAX_WALKED = 25
"""So many folders are looked into for words, on a server that can't search by itself."""
MAX_HITS = 200


@dataclass(frozen=True, slots=True)
class Folders:
    """Pages of folders. A cursor is the number of entries before it."""

    dav: Dav
    clock: Clock
    pages: Pages = field(default_factory=Pages)

    async def page(self, account: Account, path: str, cursor: str | None, limit: int) -> Listing:
        """A page of the folder: folders first, then what plays, in natural order."""
        names, start = segments_of(path, account.server), number_of(cursor, account.server, 0)
        key = (account, names)
        entries = self.pages.get(key, self.clock.now()) if start else None
        if entries is None:
            found = await self.dav.look(account, names, folder=True)
            entries = entries_of(account.server, names, raw(found.children))
            if len(entries) > limit:
                self.pages.put(key, entries, self.clock.now())
        end = start + limit
        cursor = str(end) if end < len(entries) else None
        return Listing(tuple(entries[start:end]), crumbs_of(names), cursor, len(entries))

    async def search(self, account: Account, words: str, path: str, cursor: str | None, limit: int) -> Listing:
        """What has the words in its name below the folder."""
        names, start = segments_of(path, account.server), number_of(cursor, account.server, 0)
        if can_search(account.root):
            return await self._asked(account, words, names, start, limit)
        return Listing(tuple(await self._walked(account, words, names)))

    async def _asked(self, account: Account, words: str, names: tuple[str, ...], start: int, limit: int) -> Listing:
        prover = self.dav.prover(account)
        scope = joined(("files", account.root[-1], *names))
        url = f"{account.server}/remote.php/dav/"
        answer = await self.dav.ask(prover, "SEARCH", url, {}, search_body(words, scope, start, limit))
        found = await self.dav.resources(account, answer)
        entries = [entry for one in found if (entry := self._hit(account, one)) is not None]
        return Listing(tuple(entries), (), str(start + limit) if len(found) >= limit else None)

    def _hit(self, account: Account, found: Resource) -> Listed | None:
        """A resource anywhere below the account's top. A server behind a proxy may name its own top differently."""
        mark = (*FILES[1:], account.root[-1])
        for start in range(len(found.names) - len(mark)):
            if found.names[start : start + len(mark)] == mark:
                below = found.names[start + len(mark) :]
                return entry_of(account.server, below[:-1], found.name, found.size, is_folder=found.is_folder)
        return None

    async def _walked(self, account: Account, words: str, top: tuple[str, ...]) -> Sequence[Listed]:
        """Looks into the folder and the nearest ones below it."""
        wanted, ahead, hits = words.casefold().split(), deque([top]), list[Listed]()
        for turn in range(MAX_WALKED):
            if not ahead or len(hits) >= MAX_HITS:
                break
            names = ahead.popleft()
            try:
                found = await self.dav.look(account, names, folder=True)
            except UpstreamFailed:
                if turn == 0:
                    raise
                continue  # one folder that can't be opened hides nothing of the others
            entries = entries_of(account.server, names, raw(found.children))
            hits += [entry for entry in entries if all(word in entry.title.casefold() for word in wanted)]
            folders = (segments_of(entry.path, account.server) for entry in entries if isinstance(entry, ListedFolder))
            ahead.extend(list(folders)[:MAX_WALKED])
        return hits[:MAX_HITS]


def raw(resources: Iterable[Resource]) -> Iterable[Raw]:
    """The resources as what entries are made of."""
    return ((found.name, found.size, found.is_folder) for found in resources)
