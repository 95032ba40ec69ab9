"""The items of a room's library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from synctv.application.library.credentials import Credentials
from synctv.application.library.found import Behalf, Spot, item_of
from synctv.application.library.places import Into, must_be_fillable, own, require_to_change, tell
from synctv.application.limits.portions import person
from synctv.application.playback.control import PlaybackControl
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.providers import Login, Provider, ResolvedSource
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.application.rooms.access import Access, Standing
from synctv.domain.errors import Invalid, NotFound, QuotaExceeded, VersionConflict
from synctv.domain.ids import CredentialId, FolderId, ItemId, RoomId
from synctv.domain.library.credential import normal_server
from synctv.domain.library.item import MAX_DURATION_SECONDS, MAX_ITEMS, MediaItem, MediaKind, valid_title
from synctv.domain.library.order import place_before, rank_at_end
from synctv.domain.rooms.actor import AccountActor, Actor
from synctv.domain.rooms.permissions import Permission


@dataclass(frozen=True, slots=True)
class NewItem:
    """What a person adds: a source of one provider, and a title if they have a better one than the source's own.

    `credential_id` is a login of theirs, on whose behalf it is fetched as long as the item is there.
    """

    provider: str
    source: Mapping[str, object]
    title: str | None = None
    folder_id: FolderId | None = None
    credential_id: CredentialId | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """To right ahead of an item of the folder, or to the end (None)."""

    before: ItemId | None


@dataclass(frozen=True, slots=True)
class Items:
    """Adds, changes, moves and removes items."""

    transactions: Transactions
    access: Access
    providers: Mapping[str, Provider]
    playback: PlaybackControl
    clock: Clock
    ids: Ids
    credentials: Credentials

    async def add(self, actor: Actor, room_id: RoomId, new: NewItem) -> MediaItem:
        """Looks at the source and appends it to the folder.

        Raises `Denied`, `Invalid`, `NotFound` for the folder and for a login that is not the actor's, `QuotaExceeded`,
        and what providers raise.
        """
        title = valid_title(new.title) if new.title is not None else None
        provider = self._provider(new.provider)
        async with self.transactions.read() as tx:
            (await self.access.standing(tx, actor, room_id)).require(Permission.MANAGE_OWN_MEDIA)
            await must_be_fillable(tx, room_id, new.folder_id)
        login = await self._login(actor, new)
        async with self.credentials.using(new.credential_id, person(actor.ref, room_id)):
            resolved = _only(await provider.resolve(new.source, login))
        if title is not None:
            resolved = replace(resolved, title=title)
        behalf = Behalf(new.provider, new.credential_id, actor.ref)
        (item,) = await self.add_resolved(actor, room_id, [resolved], behalf, new.folder_id)
        return item

    async def add_resolved(
        self,
        actor: Actor,
        room_id: RoomId,
        found: Sequence[ResolvedSource],
        behalf: Behalf,
        folder_id: FolderId | None,
    ) -> Sequence[MediaItem]:
        """Appends what a provider found, in this order, all or none.

        Raises `Denied`, `Invalid` and `NotFound` for the folder, and `QuotaExceeded`.
        """
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id, lock=True)
            standing.require(Permission.MANAGE_OWN_MEDIA)
            await must_be_fillable(tx, room_id, folder_id)
            if await tx.library.total(room_id) + len(found) > MAX_ITEMS:
                raise QuotaExceeded("items in this room", MAX_ITEMS)
            last, items = await self._last(tx, room_id, folder_id), []
            for resolved in found:
                spot = Spot(room_id, folder_id, rank_at_end(last))
                item = item_of(ItemId(self.ids.new("item")), resolved, behalf, spot, self.clock.now())
                await tx.library.add(item)
                items.append(item)
                last = [item]
            if items:
                await self._told(tx, items[0])
            return items

    async def edit(
        self,
        actor: Actor,
        room_id: RoomId,
        item_id: ItemId,
        *,
        title: str | None,
        move: Move | None,
        expected_version: int | None,
        into: Into | None = None,
    ) -> MediaItem:
        """Renames and moves an item: one's own, or any with the permission to. No change, no event.

        `into` comes first, so that `move` means a place of the folder that the item is in afterwards.
        """
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id, lock=True)
            standing.require(Permission.BROWSE_LIBRARY)
            before = item = await self._item(tx, room_id, item_id)
            if expected_version is not None and expected_version != item.version:
                raise VersionConflict("item", item)
            if title is not None:
                require_to_change(standing, item, Permission.DELETE_MEDIA)
                item = await self._save(tx, item.renamed(valid_title(title)))
            if move is not None or into is not None:
                require_to_change(standing, item, Permission.REORDER_MEDIA)
                item = await self._move(tx, item, move, into)
            if item is not before:
                await self._told(tx, before, item)
            return item

    async def delete(self, actor: Actor, room_id: RoomId, item_id: ItemId) -> None:
        """Removes an item: one's own, or any with the permission to. What plays it stops."""
        async with self.transactions.write() as tx:
            standing = await self.access.standing(tx, actor, room_id, lock=True)
            item = await self._item(tx, room_id, item_id)
            if not own(standing, item):
                standing.require(Permission.DELETE_MEDIA)
            await tx.library.delete(room_id, item_id)
            await self.playback.items_removed(tx, room_id, actor)
            await self._told(tx, item)

    async def learn_duration(self, standing: Standing, item_id: ItemId, duration: float) -> None:
        """Notes how long an item lasts, as the player of somebody who controls playback found out, if nobody knew."""
        if not (0 < duration <= MAX_DURATION_SECONDS and standing.may(Permission.CONTROL_PLAYBACK_STATE)):
            return
        async with self.transactions.write() as tx:
            item = await tx.library.get(standing.room.id, item_id)
            if item is None or item.duration is not None or item.kind is MediaKind.LIVE:
                return
            item = await self._save(tx, item.lasting(duration))
            await self.playback.item_lasts(tx, item)
            await self._told(tx, item)

    def _provider(self, name: str) -> Provider:
        provider = self.providers.get(name)
        if provider is None:
            known = ", ".join(sorted(self.providers))
            raise Invalid.field("provider", f"There is no provider of this name. There are: {known}.", "choice")
        return provider

    async def _login(self, actor: Actor, new: NewItem) -> Login | None:
        """The login that the item is fetched with. What it opens is shown to no other server than its own."""
        if new.credential_id is None:
            return None
        if not isinstance(actor, AccountActor):
            raise NotFound("sign-in")
        login = await self.credentials.login_for(actor.id, new.credential_id, new.provider)
        server = new.source.get("server")
        if isinstance(server, str) and normal_server(server) != login.server:
            raise Invalid.field(
                "source.server", "This is at another server than the sign-in. Choose the right one.", "server"
            )
        return login

    async def _item(self, tx: Transaction, room_id: RoomId, item_id: ItemId) -> MediaItem:
        item = await tx.library.get(room_id, item_id)
        if item is None:
            raise NotFound("item")
        return item

    async def _move(self, tx: Transaction, item: MediaItem, move: Move | None, into: Into | None) -> MediaItem:
        folder = item.folder_id if into is None else into.folder_id
        before = move.before if move else None
        if folder != item.folder_id:
            await must_be_fillable(tx, item.room_id, folder)
        elif move is None or before == item.id:
            return item
        items = {other.id: other for other in await tx.library.in_order(item.room_id, folder)}
        if before is not None and before not in items:
            raise NotFound("item")
        for id, rank in place_before(list(items.values()), item.id, before).items():
            saved = await self._save(tx, items.get(id, item).moved(rank, folder))
            item = saved if saved.id == item.id else item
        return item

    async def _last(self, tx: Transaction, room_id: RoomId, folder_id: FolderId | None) -> Sequence[MediaItem]:
        count = await tx.library.count(room_id, folder_id)
        return await tx.library.in_order(room_id, folder_id, offset=max(count - 1, 0), limit=1)

    async def _save(self, tx: Transaction, item: MediaItem) -> MediaItem:
        await tx.library.update(item, item.version - 1)
        return item

    async def _told(self, tx: Transaction, *items: MediaItem) -> None:
        await tell(tx, items[0].room_id, [item.folder_id for item in items], self.clock.now())


def _only(found: Sequence[ResolvedSource]) -> ResolvedSource:
    """The one thing that a source is. Raises `Invalid` where it is several, of which somebody has to choose."""
    if len(found) != 1:
        raise Invalid.field(
            "source", f"There are {len(found)} things behind this. Choose which ones to add.", "several"
        )
    return found[0]
