"""Redis goes away and comes back, while people watch and talk at two servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.adapters.redis.server import OwnRedis
from tests.e2e.conftest import Launch
from tests.e2e.replicas import numbers, observing, shared, versions
from tests.servers.client import Person, RoomSocket, people
from tests.servers.synctv import SynctvServer

pytestmark = [pytest.mark.server, pytest.mark.postgres, pytest.mark.redis]


@dataclass(frozen=True, slots=True)
class Product:
    """Two servers with a Redis that may go away, and root at both with a room and a film in it."""

    one: SynctvServer
    other: SynctvServer
    redis: OwnRedis
    here: Person
    there: Person
    room: str
    film: str


@pytest.fixture
async def product(launch: Launch, postgres_url: str, redis: OwnRedis, film: str) -> AsyncIterator[Product]:
    settings = shared(postgres_url, redis.url)
    one, other = await launch(settings, name="one"), await launch(settings, name="other")
    async with people(one) as nobody:
        root = await nobody.signed_in()
        room = await root.room()
        yield Product(one, other, redis, root, root.at(other), room, await root.film(room, film))
        assert "Traceback" not in one.log() + other.log()


async def ready(product: Product) -> None:
    await asyncio.gather(product.one.until_ready(), product.other.until_ready())


async def heard(socket: RoomSocket, last: str) -> None:
    await socket.until(lambda _: last in socket.chat())


async def test_watching_and_talking_go_on_at_each_server_and_nothing_is_lost(product: Product) -> None:
    room = product.room
    async with product.here.joined(room) as here, product.there.joined(room) as there:
        await observing([here, there], "chat", "playback")
        await here.play({"select": {"itemId": product.film}})
        await here.say("before")
        await heard(there, "before")

        product.redis.stop()
        await product.one.until_ready(ready=False)
        await here.say("during, here")
        await here.play({"pause": {}})
        await heard(here, "during, here")
        await there.say("during, there")
        await there.play({"seek": {"position": 60.0}})
        await there.until(lambda _: versions(there)[-1] == versions(there)[0] + 3)

        product.redis.start()
        await ready(product)
        await here.say("after")
        for socket in (here, there):
            await heard(socket, "after")
            await socket.until(lambda _, s=socket: versions(s)[-1] == versions(s)[0] + 3)  # type: ignore[misc]
            assert socket.chat() == ["before", "during, here", "during, there", "after"]
            assert versions(socket) == list(range(versions(socket)[0], versions(socket)[0] + 4))
            found = sorted(numbers(socket, "chat")[1:] + numbers(socket, "playback")[1:])
            assert found == list(range(found[0], found[0] + 7))
            assert not socket.ended.is_set()


async def test_what_nobody_followed_up_on_arrives_as_well(product: Product) -> None:
    async with product.here.joined(product.room) as here, product.there.joined(product.room) as there:
        await observing([here, there], "chat")
        product.redis.stop()
        await product.one.until_ready(ready=False)
        await here.say("into the silence")
        product.redis.start()
        # No later event shows the other server that it missed one.
        await heard(there, "into the silence")
        assert there.chat() == here.chat() == ["into the silence"]


async def test_what_a_server_could_not_tell_before_it_died_is_told_by_the_others(product: Product) -> None:
    async with product.there.joined(product.room) as there:
        await there.observe("chat")
        async with product.here.joined(product.room) as here:
            product.redis.stop()
            await product.other.until_ready(ready=False)
            await here.say("last words")
            await product.one.kill()
        product.redis.start()
        await heard(there, "last words")
        assert there.chat() == ["last words"]


async def test_what_must_be_shared_says_that_it_is_unavailable_and_then_works_again(product: Product) -> None:
    product.redis.stop()
    body = {"username": "root", "password": "correct horse"}
    for path, sent in (("/auth/password/login", body), ("/tickets", {"roomId": product.room})):
        answer = await product.here.request("POST", path, sent)
        assert (answer.status, answer.body["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
    assert (await product.here.request("GET", f"/rooms/{product.room}")).status == 200
    product.redis.start()
    await ready(product)
    async with product.there.joined(product.room) as there:
        await there.say("hello")


async def test_a_server_starts_while_redis_is_away(launch: Launch, postgres_url: str, redis: OwnRedis) -> None:
    server = await launch(shared(postgres_url, redis.url))
    await server.stop()
    redis.stop()
    server.spawn()
    await server.announced()
    await server.until_ready(ready=False)
    redis.start()
    await server.until_ready()
