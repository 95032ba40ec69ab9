"""Two servers on one PostgreSQL and one Redis: it does not matter where anybody is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from websockets.exceptions import InvalidStatus

from tests.e2e.conftest import Launch
from tests.e2e.replicas import member, numbers, observing, shared, versions
from tests.servers.client import Frame, Person, RoomSocket, people, room_socket
from tests.servers.synctv import SynctvServer

pytestmark = [pytest.mark.server, pytest.mark.postgres, pytest.mark.redis]


@dataclass(frozen=True, slots=True)
class Product:
    """Two servers, and root at both of them with a room and a film in it."""

    one: SynctvServer
    other: SynctvServer
    here: Person
    there: Person
    room: str
    film: str


@pytest.fixture
async def product(launch: Launch, postgres_url: str, redis_url: str, film: str) -> AsyncIterator[Product]:
    settings = shared(postgres_url, redis_url)
    one, other = await launch(settings, name="one"), await launch(settings, name="other")
    async with people(one) as nobody:
        root = await nobody.signed_in()
        room = await root.room()
        yield Product(one, other, root, root.at(other), room, await root.film(room, film))


async def test_what_is_said_and_played_at_either_reaches_both_in_one_order_and_once(product: Product) -> None:
    room = product.room
    async with product.here.joined(room) as here, product.there.joined(room) as there:
        await observing([here, there], "chat", "playback")
        await here.play({"select": {"itemId": product.film}})

        async def busy(socket: RoomSocket, name: str) -> None:
            for number in range(15):
                await socket.say(f"{name} {number}")
                await socket.play({"seek": {"position": float(number)}})

        await asyncio.gather(busy(here, "here"), busy(there, "there"))
        await asyncio.gather(heard(here, 30, 32), heard(there, 30, 32))
        assert here.chat() == there.chat()
        assert versions(here) == versions(there) == list(range(versions(here)[0], versions(here)[0] + 32))
        for socket in (here, there):
            found = sorted(numbers(socket, "chat")[1:] + numbers(socket, "playback")[1:])
            assert found == list(range(found[0], found[0] + 61))


async def heard(socket: RoomSocket, messages: int, states: int) -> None:
    """Waits until so many messages and states of the playback have come."""
    await socket.until(lambda _: len(socket.chat()) >= messages and len(versions(socket)) >= states)


async def test_a_ticket_from_one_is_spent_once_at_the_other(product: Product) -> None:
    ticket = await product.here.ticket(product.room)
    async with room_socket(product.other, product.room, ticket) as socket:
        await socket.until(lambda frame: "welcome" in frame)
        for server in (product.one, product.other):
            with pytest.raises(InvalidStatus) as refused:
                await room_socket(server, product.room, ticket).__aenter__()
            assert refused.value.response.status_code == 401


async def test_everybody_is_seen_from_both(product: Product) -> None:
    room = product.room
    guest = await product.there.guest(room, "Grace")
    async with product.here.joined(room) as here, product.there.joined(room) as there:
        await observing([here, there], "presence")
        async with guest.joined(room):
            for socket in (here, there):
                await socket.until(lambda frame: (names(frame), total(frame)) == ({"root", "Grace"}, 3))
            for person in (product.here, product.there):
                assert (await person.ask("GET", f"/rooms/{room}"))["online"] == 3
            seen = len(here.frames)
        await here.until(lambda frame: (names(frame), total(frame)) == ({"root"}, 2), after=seen)


async def test_guests_leave_the_other_one_when_guests_are_not_wanted_any_more(product: Product) -> None:
    guest = await product.there.guest(product.room)
    async with guest.joined(product.room) as socket:
        await product.here.ask("PATCH", f"/rooms/{product.room}", {"settings": {"allowGuests": False}})
        goodbye = await socket.goodbye()
    assert (goodbye["code"], goodbye["reconnect"]) == ("GUEST_ACCESS_REVOKED", False)
    assert (await guest.request("GET", f"/rooms/{product.room}")).status == 401


async def test_a_member_who_is_kicked_at_one_leaves_the_other(product: Product) -> None:
    ada = await member(product.here, "ada")
    await ada.ask("POST", f"/rooms/{product.room}/join", {})
    async with ada.at(product.other).joined(product.room) as socket:
        await product.here.ask("DELETE", f"/rooms/{product.room}/members/{ada.id}")
        goodbye = await socket.goodbye()
    assert (goodbye["code"], goodbye["reconnect"]) == ("KICKED", False)


async def test_permissions_that_change_at_one_are_told_at_the_other(product: Product) -> None:
    ada = await member(product.here, "ada")
    await ada.ask("POST", f"/rooms/{product.room}/join", {})
    async with ada.at(product.other).joined(product.room) as socket:
        await socket.observe("self")
        await product.here.ask("PATCH", f"/rooms/{product.room}/members/{ada.id}", {"role": "admin"})
        await socket.until(lambda frame: frame.get("changed", {}).get("self", {}).get("role") == "admin")


async def test_who_signs_out_at_one_is_signed_out_at_the_other(product: Product) -> None:
    assert (await product.there.request("GET", "/me")).status == 200
    await product.here.ask("POST", "/auth/logout")
    assert (await product.there.request("GET", "/me")).status == 401


async def test_viewers_of_a_server_that_dies_are_forgotten_and_nobody_else_notices(product: Product) -> None:
    room = product.room
    async with product.here.joined(room) as here, product.there.joined(room):
        await observing([here], "presence", "chat")
        await here.until(lambda frame: total(frame) == 2)
        seen = len(here.frames)
        await product.other.kill()
        await here.say("still here")
        await here.until(lambda frame: total(frame) == 1, after=seen)
        assert here.chat() == ["still here"]


def names(frame: Frame) -> set[str]:
    """Who is there, in a frame that says so."""
    return {viewer["actor"]["name"] for viewer in frame.get("changed", {}).get("presence", {}).get("viewers", [])}


def total(frame: Frame) -> int:
    """How many are there, in a frame that says so."""
    return int(frame.get("changed", {}).get("presence", {}).get("total", -1))
