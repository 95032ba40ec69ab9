"""Dynamic folders as their providers have them now: pages of them, and what is beside an item that came from one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from synctv.application.library.credentials import Credentials
from synctv.application.library.found import Behalf
from synctv.application.limits.portions import person
from synctv.application.ports.providers import Browses, Listing, Provider, ResolvedSource
from synctv.application.ports.transaction import Transactions
from synctv.domain.errors import Invalid, UpstreamCredential, UpstreamTimeout
from synctv.domain.ids import AccountId
from synctv.domain.library.folder import DynamicSource, Folder
from synctv.domain.library.item import MediaItem

PAGE = 100
MAX_PAGES = 20
"""So many pages of a folder are looked through for the neighbour of an item."""

LOOK_SECONDS = 20.0
"""So long a room waits for its provider to say what comes next."""

_SOMEBODY_ELSES = "the sign-in of who added this folder is no longer good there. They have to sign in there again."


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What stands beside an item in its dynamic folder, and on whose behalf it is played."""

    found: ResolvedSource
    behalf: Behalf


@dataclass(frozen=True, slots=True)
class LiveFolders:
    """Asks providers with the sign-ins of those who added the folders, and on their behalf."""

    transactions: Transactions
    providers: Mapping[str, Provider]
    credentials: Credentials

    async def page(
        self, folder: Folder, source: DynamicSource, path: str, cursor: str | None, *, asked_by: str | None = None
    ) -> Listing:
        """A page of what is at the path: that of the dynamic folder, whose source this is, or of a folder within.

        Raises what providers raise, and `TooManyCalls`. Only where it is `asked_by` who added the folder, they are told
        where to sign in.
        """
        provider = self.providers.get(source.provider)
        if provider is None or not isinstance(provider, Browses):
            raise Invalid.field("folderId", "This server no longer has what this folder is read with.", "capability")
        login = None
        if source.credential_id is not None:
            owner = AccountId(folder.added_by.id)
            login = await self.credentials.lent(folder.room_id, owner, source.credential_id, source.provider)
        try:
            async with self.credentials.using(source.credential_id, person(folder.added_by, folder.room_id)):
                return await provider.browse(login, path, cursor, PAGE)
        except UpstreamCredential as error:
            if asked_by == folder.added_by.id:
                raise error.at(source.provider, login.server if login else None) from None
            # A sign-in of one's own would be of no use, so that nobody else is asked for one.
            raise UpstreamCredential(error.host, _SOMEBODY_ELSES) from None

    async def beside(self, item: MediaItem, step: int) -> Neighbour | None:
        """What comes after the item (+1) or before it (-1) where it was chosen; None at the end of the folder.

        None, too, where the folder is gone, or no longer has the item. Raises what providers raise,
        `UpstreamTimeout` and `TooManyCalls`.
        """
        if item.origin is None:
            return None
        async with self.transactions.read() as tx:
            folder = await tx.folders.get(item.room_id, item.origin.folder_id)
        if folder is None or folder.dynamic is None:
            return None
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                found = await self._beside(folder, folder.dynamic, item, step)
        except TimeoutError:
            raise UpstreamTimeout(folder.title, LOOK_SECONDS) from None
        if found is None:
            return None
        behalf = Behalf(folder.dynamic.provider, folder.dynamic.credential_id, folder.added_by, item.origin)
        return Neighbour(found, behalf)

    async def _beside(self, folder: Folder, source: DynamicSource, item: MediaItem, step: int) -> ResolvedSource | None:
        before: ResolvedSource | None = None
        async for entry in self._entries(folder, source, item.origin.path if item.origin else source.path):
            if step < 0 and entry.source == item.source:
                return before
            if step > 0 and before is not None and before.source == item.source:
                return entry
            before = entry
        return None

    async def _entries(self, folder: Folder, source: DynamicSource, path: str) -> AsyncIterator[ResolvedSource]:
        """What can be played of the folder, one after the other, as far as it is looked through."""
        cursor = None
        for _ in range(MAX_PAGES):
            listing = await self.page(folder, source, path, cursor)
            for entry in listing.entries:
                if isinstance(entry, ResolvedSource):
                    yield entry
            cursor = listing.next_cursor
            if cursor is None:
                return
