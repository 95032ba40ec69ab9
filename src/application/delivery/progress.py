"""Progress: telling a media server what is watched, so that it can be continued there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from synctv.application.library.credentials import Credentials
from synctv.application.limits.portions import person
from synctv.application.ports.providers import PlayRequest, Provider, Reports
from synctv.domain.errors import DomainError
from synctv.domain.ids import AccountId
from synctv.domain.library.item import MediaItem

log = logging.getLogger(__name__)

REPORT_SECONDS = 15.0
"""No report takes longer: it is given up, and the next one tells more."""


@dataclass(frozen=True, slots=True)
class Watched:
    """An item and how far it has been watched, in seconds."""

    item: MediaItem
    position: float
    playing: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """Reports on behalf of who added an item, with their login."""

    providers: Mapping[str, Provider]
    credentials: Credentials

    def wanted(self, item: MediaItem) -> bool:
        """Whether there is anybody to tell."""
        return item.credential_id is not None and isinstance(self.providers.get(item.provider), Reports)

    async def report(self, watched: Watched, *, ended: bool) -> None:
        """Tells the item's server. Whatever becomes of that, nobody here is the worse for it."""
        try:
            async with asyncio.timeout(REPORT_SECONDS):
                await self._reported(watched, ended=ended)
        except (DomainError, TimeoutError) as error:
            log.info("The server of an item was not told how far it was watched: %s", error)

    async def _reported(self, watched: Watched, *, ended: bool) -> None:
        item, credential_id = watched.item, watched.item.credential_id
        provider: object = self.providers.get(item.provider)
        if credential_id is None or not isinstance(provider, Reports):
            return
        login = await self.credentials.lent(item.room_id, AccountId(item.added_by.id), credential_id, item.provider)
        request = PlayRequest(item.source, item.kind, login, screening=item.id)
        async with self.credentials.using(credential_id, person(item.added_by, item.room_id)):
            await provider.report(request, watched.position, playing=watched.playing, ended=ended)
