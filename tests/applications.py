"""The whole product on memory adapters, wired as the server wires it, for tests that drive use cases and edges."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from synctv.adapters.crypto.keys import Keys, signing_keys
from synctv.adapters.crypto.passwords import FAST, Argon2PasswordHasher
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.memory.ids import MemoryIds
from synctv.application.accounts.sessions import Client, SignedIn
from synctv.application.application import Application
from synctv.application.library.items import NewItem
from synctv.application.realtime.tasks import Tasks
from synctv.application.rooms.lifecycle import NewRoom
from synctv.domain.accounts.account import GlobalRole
from synctv.domain.ids import RoomId
from synctv.domain.library.item import MediaItem
from synctv.domain.rooms.actor import AccountActor, Actor, GuestActor
from synctv.domain.rooms.settings import RoomSettings
from synctv.entrypoints.bootstrap.container import Container
from synctv.entrypoints.bootstrap.resources import Resources
from synctv.entrypoints.bootstrap.settings import Settings

CLIENT = Client("tests", "127.0.0.1")
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Memory:
    """An application with what a test wants to reach behind it."""

    application: Application
    container: Container
    clock: MemoryClock
    fetch: MemoryFetch

    async def account(self, name: str, role: GlobalRole = GlobalRole.USER) -> AccountActor:
        """A new account, signed in."""
        actor, _ = await self.signed_in(name, role)
        return actor

    async def signed_in(self, name: str, role: GlobalRole = GlobalRole.USER) -> tuple[AccountActor, SignedIn]:
        """A new account with the tokens of its first session."""
        await self.application.operators.create_account(name, PASSWORD, role)
        signed_in = await self.application.sign_in.with_password(name, PASSWORD, CLIENT)
        actor = await self.application.identity.of(signed_in.access_token)
        assert isinstance(actor, AccountActor)
        return actor, signed_in

    async def room(self, owner: Actor, **settings: Any) -> RoomId:
        """A new room with these settings."""
        return await self.application.rooms.create(owner, NewRoom("Cinema", settings=RoomSettings(**settings)))

    async def member(self, name: str, room_id: RoomId) -> AccountActor:
        """A new account that has joined the room."""
        actor = await self.account(name)
        await self.application.members.join(actor, room_id, None, "")
        return actor

    async def guest(self, room_id: RoomId, name: str = "Guest") -> GuestActor:
        """A guest of the room."""
        return (await self.application.guests.enter(room_id, name, "127.0.0.1")).guest

    async def item(self, actor: Actor, room_id: RoomId, title: str = "Film") -> MediaItem:
        """A new item of unknown duration."""
        source = {"url": f"https://media.example/{title}.mp4"}
        return await self.application.items.add(actor, room_id, NewItem("direct", source, title))


def memory(clock: MemoryClock | None = None, **settings: Any) -> Memory:
    """The product on memory. Times stand still unless the clock is advanced."""
    clock, fetch = clock or MemoryClock(), MemoryFetch()
    resources = Resources(
        settings=Settings.model_validate({"storage": {"kind": "memory"}, **settings}),
        clock=clock,
        ids=MemoryIds(),
        keys=Keys(signing_keys(["of-no-worth-outside-tests-0a9b8c7d6e5f4g"], "tests")),
        passwords=Argon2PasswordHasher(FAST, workers=1),
        fetch=fetch,
    )
    container = Container(resources=resources)
    return Memory(container.application(), container, clock, fetch)


@asynccontextmanager
async def running(product: Memory) -> AsyncIterator[Memory]:
    """The product with its hub and its publisher at work."""
    publisher, log = product.container.publisher(), product.container.event_log()
    async with Tasks() as tasks:
        tasks.start(product.application.hub.run(), "hub")
        tasks.start(publisher.publish(log), "publisher")
        yield product
