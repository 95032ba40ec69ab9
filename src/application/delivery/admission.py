"""Admission to media: whether a viewer may still have what an address was given out for."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from synctv.application.accounts.identity import Identity
from synctv.application.ports.clock import Clock
from synctv.application.ports.media_links import AccountViewer, GuestViewer, MediaClaims, Viewer
from synctv.application.ports.transaction import Transactions
from synctv.application.rooms.access import Access
from synctv.domain.errors import NotFound
from synctv.domain.ids import ItemId, Micros, RoomId, seconds_after
from synctv.domain.library.item import MediaItem
from synctv.domain.rooms.actor import AccountActor, Actor, GuestActor

CHECKED_SECONDS = 10.0
"""How long an answer holds: so long may media go on for who was removed. A player asks several times a second."""

KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Admitted:
    item: MediaItem
    until: Micros


class Admission:
    """Looks at the account, its session, the membership and the item, as for any other request of the viewer."""

    def __init__(self, transactions: Transactions, access: Access, identity: Identity, clock: Clock) -> None:
        self._transactions = transactions
        self._access = access
        self._identity = identity
        self._clock = clock
        self._kept: OrderedDict[tuple[RoomId, ItemId, Viewer], _Admitted] = OrderedDict()

    async def item(self, claims: MediaClaims) -> MediaItem:
        """The item. Raises as identifying the viewer and entering the room do, and `NotFound` for one that is gone."""
        key = (claims.room_id, claims.item_id, claims.viewer)
        kept = self._kept.get(key)
        now = self._clock.now()
        if kept is not None and now < kept.until:
            return kept.item
        self._kept.pop(key, None)
        item = await self._looked_at(claims)
        self._kept[key] = _Admitted(item, seconds_after(now, CHECKED_SECONDS))
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return item

    async def _looked_at(self, claims: MediaClaims) -> MediaItem:
        actor = await self._actor(claims)
        async with self._transactions.read() as tx:
            await self._access.standing(tx, actor, claims.room_id)
            item = await tx.library.get(claims.room_id, claims.item_id)
        if item is None:
            raise NotFound("item")
        return item

    async def _actor(self, claims: MediaClaims) -> Actor:
        viewer = claims.viewer
        if isinstance(viewer, AccountViewer):
            return await self._identity.by_session(viewer.account_id, viewer.session_id, viewer.generation)
        return GuestActor(viewer.guest_id, "", claims.room_id, viewer.guest_version)


def viewer_of(actor: Actor) -> Viewer:
    """How an address remembers who it was given to."""
    if isinstance(actor, AccountActor):
        return AccountViewer(actor.id, actor.session_id, actor.generation)
    return GuestViewer(actor.id, actor.guest_version)
