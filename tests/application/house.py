"""A furnished product on memory: people, rooms and films at a word, and a record of what was told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dependency_injector import providers

from synctv.adapters.memory.short_lived import MemoryShortLived
from synctv.adapters.memory.store import State
from synctv.adapters.memory.transaction import MemoryTransactions
from synctv.application.library.items import NewItem
from synctv.application.playback.commands import Command, Order
from synctv.application.playback.stage import PlaybackView
from synctv.application.ports.clock import Clock
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.providers import Login, Manifest, PlayRequest, Provider, ResolvedSource, Source
from synctv.application.ports.transaction import Transactions
from synctv.application.realtime.audience import Audience, Heard
from synctv.application.rooms.membership import AccessEdit
from synctv.domain.delivery.offer import Offer, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.errors import Invalid, Unavailable
from synctv.domain.ids import ItemId, RoomId
from synctv.domain.library.item import MediaItem, MediaKind
from synctv.domain.playback.playback import Playback
from synctv.domain.rooms.actor import AccountActor, Actor
from synctv.domain.rooms.events import LoggedEvent, RoomEvent
from synctv.domain.rooms.permissions import NOTHING, Permission, Permissions
from tests.applications import Memory, MemoryPorts, memory_container


class Shelf(Provider):
    """Plays what its source says: `title`, `kind` and `duration` are what resolving it finds."""

    manifest = Manifest("shelf", "Shelf", 50)

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """The source, unless it is called broken."""
        title, duration = source.get("title"), source.get("duration")
        if not isinstance(title, str) or title == "broken":
            raise Invalid.field("source.title", "Nothing on the shelf is called so. Choose another title.")
        kind = MediaKind(str(source.get("kind", "video")))
        return [ResolvedSource(source, title, kind, duration if isinstance(duration, float) else None)]

    async def play(self, request: PlayRequest) -> Offer:
        """One variant at an address made of the title."""
        upstream = Upstream(f"https://shelf.example/{request.source['title']}.mp4")
        return Offer((OfferedVariant("source", "Original", Container.MP4, upstream, public=True),))


class FlakyShortLived(MemoryShortLived):
    """Short-lived state whose server can be taken away with `down`, goes away by itself after `up_for` more calls, and
    can lose everything.

    `called` are the methods that it was asked for, `before_each` hears of each and of its key. Others get a turn before
    each call, as they do while a real server is asked.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.down = False
        self.up_for: int | None = None
        self.called: list[str] = []
        self.before_each: Callable[[str, str], None] | None = None

    def lose(self) -> None:
        """Forgets everything, as a server does that was restarted."""
        self._entries.clear()

    def remembered(self) -> list[str]:
        """The keys that are held, ended ones too."""
        return list(self._entries)

    async def put(self, key: str, value: bytes, ttl: float) -> None:
        """Sets the key."""
        await self._asked("put", key)
        await super().put(key, value, ttl)

    async def add(self, key: str, value: bytes, ttl: float) -> bool:
        """Sets the key unless it is there."""
        await self._asked("add", key)
        return await super().add(key, value, ttl)

    async def get(self, key: str) -> bytes | None:
        """The value."""
        await self._asked("get", key)
        return await super().get(key)

    async def take(self, key: str) -> bytes | None:
        """The value, which is gone with this."""
        await self._asked("take", key)
        return await super().take(key)

    async def delete(self, key: str) -> None:
        """Removes the key."""
        await self._asked("delete", key)
        await super().delete(key)

    async def count(self, key: str, ttl: float) -> int:
        """Counts."""
        await self._asked("count", key)
        return await super().count(key, ttl)

    async def uncount(self, key: str) -> None:
        """Takes one back."""
        await self._asked("uncount", key)
        await super().uncount(key)

    async def remaining(self, key: str) -> float:
        """Seconds until the key ends."""
        await self._asked("remaining", key)
        return await super().remaining(key)

    async def _asked(self, method: str, key: str) -> None:
        await asyncio.sleep(0)
        self.called.append(method)
        if self.before_each is not None:
            self.before_each(method, key)
        if self.up_for is not None:
            self.up_for -= 1
        if self.down or (self.up_for is not None and self.up_for < 0):
            raise Unavailable("short-lived state")


@dataclass(frozen=True)
class House(Memory):
    """The product, its ports, and every event that it told, in order."""

    ports: MemoryPorts
    transactions: Transactions
    short_lived: FlakyShortLived
    told: list[LoggedEvent] = field(default_factory=list)

    @property
    def state(self) -> State:
        """Everything that is stored now."""
        return self.ports.store.state

    def events(self, room_id: RoomId) -> list[RoomEvent]:
        """What was told of a room. Asserts that its numbers are dense."""
        found = [logged for logged in self.told if logged.room_id == room_id]
        assert [logged.seq for logged in found] == list(range(1, len(found) + 1))
        return [logged.event for logged in found]

    async def film(self, actor: Actor, room_id: RoomId, title: str = "Film", **source: object) -> MediaItem:
        """Adds an item of two minutes, or of what `kind` and `duration` say."""
        found = {"title": title, "duration": 120.0, **source}
        return await self.application.items.add(actor, room_id, NewItem("shelf", found))

    async def films(self, actor: Actor, room_id: RoomId, titles: str) -> dict[str, MediaItem]:
        """Adds an item for each letter."""
        return {title: await self.film(actor, room_id, title) for title in titles}

    async def do(self, actor: Actor, room_id: RoomId, command: Command, **order: Any) -> PlaybackView:
        """Gives a playback command."""
        return await self.application.playback.command(actor, room_id, Order(command, **order))

    def playback(self, room_id: RoomId) -> Playback:
        """What is stored of the playback."""
        return self.state.playbacks[room_id]

    def shown(self, room_id: RoomId) -> str | None:
        """The title of what the room shows."""
        item = self.playback(room_id).item
        return self.title(room_id, item.id) if item else None

    def title(self, room_id: RoomId, item_id: ItemId) -> str:
        """What an item is called."""
        return self.state.items[room_id][item_id].title

    async def watched_by(self, room_id: RoomId, online: int, lead: float = 0.2) -> None:
        """Notes so many connections, as hubs do."""
        await Audience(self.short_lived).note(room_id, Heard(online, lead))

    async def allow(self, by: Actor, room_id: RoomId, member: AccountActor, *added: Permission) -> None:
        """Gives a member permissions of their own."""
        await self._override(by, room_id, member, added=frozenset(added))

    async def forbid(self, by: Actor, room_id: RoomId, member: AccountActor, *removed: Permission) -> None:
        """Takes permissions from a member."""
        await self._override(by, room_id, member, removed=frozenset(removed))

    async def _override(
        self,
        by: Actor,
        room_id: RoomId,
        member: AccountActor,
        added: Permissions = NOTHING,
        removed: Permissions = NOTHING,
    ) -> None:
        edit = AccessEdit(added=added, removed=removed)
        await self.application.members.change_access(by, room_id, member.id, edit, None)


def furnished(passwords: PasswordHasher, **ports: Any) -> House:
    """A new house. `ports` are fields of `MemoryPorts`."""
    standing_on = MemoryPorts(passwords, **{"providers": {"shelf": Shelf()}, **ports})
    told: list[LoggedEvent] = []
    transactions = MemoryTransactions(standing_on.store, told.extend)
    short_lived = FlakyShortLived(standing_on.clock)
    container = memory_container(standing_on)
    container.transactions.override(providers.Object(transactions))
    container.short_lived.override(providers.Object(short_lived))
    return House(container.application(), container, standing_on.clock, standing_on, transactions, short_lived, told)
