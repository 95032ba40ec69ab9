"""Tickets: one use, one room, half a minute, and the way into rooms that are open to all."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from synctv.application.rooms.lifecycle import NewRoom
from synctv.domain.errors import Denied, Unauthenticated
from synctv.domain.rooms.room import Visibility
from synctv.domain.rooms.settings import RoomSettings
from tests.applications import Memory, running


@pytest.fixture
async def product() -> AsyncIterator[Memory]:
    async with running() as product:
        yield product


async def test_a_ticket_is_spent_once(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    ticket = await product.application.tickets.issue(mia, "token", room_id)
    assert await product.application.tickets.spend(ticket.text, room_id) == "token"
    with pytest.raises(Unauthenticated):
        await product.application.tickets.spend(ticket.text, room_id)


async def test_a_ticket_opens_its_own_room_only(product: Memory) -> None:
    mia = await product.account("mia")
    ticket = await product.application.tickets.issue(mia, "token", await product.room(mia))
    with pytest.raises(Unauthenticated):
        await product.application.tickets.spend(ticket.text, await product.room(mia))


async def test_a_ticket_runs_out(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    ticket = await product.application.tickets.issue(mia, "token", room_id)
    product.clock.advance(ticket.expires_in + 1)
    with pytest.raises(Unauthenticated):
        await product.application.tickets.spend(ticket.text, room_id)


@pytest.mark.parametrize(
    "visibility,settings,password,taken",
    [
        (Visibility.PUBLIC, RoomSettings(), None, True),
        (Visibility.PUBLIC, RoomSettings(auto_join=False), None, False),
        (Visibility.PUBLIC, RoomSettings(require_approval=True), None, False),
        (Visibility.PUBLIC, RoomSettings(), "secret", False),
        (Visibility.UNLISTED, RoomSettings(), None, False),
    ],
)
async def test_only_a_room_that_is_open_to_all_takes_a_newcomer_in(
    product: Memory, visibility: Visibility, settings: RoomSettings, password: str | None, *, taken: bool
) -> None:
    mia, tom = await product.account("mia"), await product.account("tom")
    new = NewRoom("Cinema", visibility=visibility, password=password, settings=settings)
    room_id = await product.application.rooms.create(mia, new)
    if taken:
        await product.application.tickets.issue(tom, "token", room_id)
        page = await product.application.members.list(mia, room_id, after=None, limit=50)
        assert page.total == 2
    else:
        with pytest.raises(Denied):
            await product.application.tickets.issue(tom, "token", room_id)
