"""What happens when the Redis server goes away and comes back, with both generations of its publish and subscribe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from synctv.adapters.redis.bus import RedisEventBus, redis_event_bus
from synctv.adapters.redis.channels import Channels
from synctv.adapters.redis.client import has_sharded_channels, ping, redis_client
from synctv.adapters.redis.short_lived import RedisShortLived
from synctv.domain.errors import Unavailable
from tests.adapters.redis.server import OwnRedis, own_redis
from tests.contracts.test_bus import OTHER_ROOM, ROOM, Ear, told

pytestmark = pytest.mark.redis


@pytest.fixture(params=["path", "wheel"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OwnRedis]:
    with own_redis(request.param, tmp_path) as server:
        yield server


@asynccontextmanager
async def node(server: OwnRedis) -> AsyncIterator[RedisEventBus]:
    async with redis_client(server.url, timeout=5.0) as client, redis_event_bus(client) as bus:
        yield bus


async def until_well(bus: RedisEventBus) -> None:
    """Returns once the bus works."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await bus.ping()
            except Unavailable:
                await asyncio.sleep(0.02)


async def answers(client: Redis) -> bool:
    """Whether the server answers now."""
    try:
        await ping(client)
    except Unavailable:
        return False
    return True


async def test_messages_pass_on_every_generation_of_the_server(server: OwnRedis) -> None:
    ear = Ear()
    async with node(server) as here, node(server) as there, ear.listens(there):
        await here.publish(ROOM, told(1))
        await ear.until(lambda: ear.heard == [told(1)])


async def test_a_restart_tells_every_subscriber_of_a_gap_and_messages_arrive_again(server: OwnRedis) -> None:
    ear, other = Ear(), Ear()
    async with node(server) as here, node(server) as there, ear.listens(there), other.listens(there, OTHER_ROOM):
        server.stop()
        server.start()
        await ear.until(lambda: ear.gaps > 0)
        await other.until(lambda: other.gaps > 0)
        await until_well(here)
        await here.publish(ROOM, told(1))
        await ear.until(lambda: ear.heard == [told(1)])


async def test_a_connection_that_is_cut_is_a_gap_and_comes_back(server: OwnRedis) -> None:
    ear = Ear()
    async with redis_client(server.url) as control, node(server) as here, ear.listens(here):
        for cuts in range(1, 4):
            await control.execute_command("CLIENT", "KILL", "TYPE", "pubsub")  # type: ignore[no-untyped-call]
            await ear.until(lambda cuts=cuts: ear.gaps >= cuts)  # type: ignore[misc]
            await here.publish(ROOM, told(cuts))
            await ear.until(lambda cuts=cuts: len(ear.heard) == cuts)  # type: ignore[misc]
    assert ear.heard == [told(1), told(2), told(3)]


async def test_who_subscribes_while_the_server_is_away_gets_in_and_is_told_of_the_gap_later(server: OwnRedis) -> None:
    ear = Ear()
    server.stop()
    async with node(server) as here, ear.listens(here):
        assert ear.gaps == 0
        server.start()
        await ear.until(lambda: ear.gaps == 1)
        await until_well(here)
        await here.publish(ROOM, told(1))
        await ear.until(lambda: ear.heard == [told(1)])


async def test_while_the_server_is_away_everything_is_unavailable_and_later_well_again(server: OwnRedis) -> None:
    async with redis_client(server.url) as client, redis_event_bus(client) as bus:
        store = RedisShortLived(client)
        await store.put("key", b"value", 600)
        await until_well(bus)
        server.stop()
        for operation in (
            lambda: store.put("key", b"value", 600),
            lambda: store.add("key", b"value", 600),
            lambda: store.get("key"),
            lambda: store.take("key"),
            lambda: store.delete("key"),
            lambda: store.count("key", 600),
            lambda: store.uncount("key"),
            lambda: store.remaining("key"),
            lambda: bus.publish(ROOM, told(1)),
            bus.ping,
            lambda: ping(client),
        ):
            with pytest.raises(Unavailable):
                await operation()
        server.start()
        await until_well(bus)
        assert await store.get("key") is None
        assert await store.count("counter", 600) == 1
        await bus.publish(ROOM, told(1))


async def test_a_message_that_this_version_does_not_understand_is_passed_over(server: OwnRedis) -> None:
    ear = Ear()
    async with redis_client(server.url) as other_version, node(server) as here, ear.listens(here):
        sharded = await has_sharded_channels(other_version)
        publish = other_version.spublish if sharded else other_version.publish
        for payload in (b'{"type":"from_the_future"}', b"\xff", b"[]"):
            await publish(f"synctv:room:{ROOM}", payload)
        await here.publish(ROOM, told(1))
        await ear.until(lambda: ear.heard == [told(1)])


async def test_only_rooms_that_are_served_here_are_subscribed_to(server: OwnRedis) -> None:
    async with redis_client(server.url) as control, node(server) as here:
        sharded = await has_sharded_channels(control)

        async def channels() -> list[bytes | str]:
            list_channels = control.pubsub_shardchannels if sharded else control.pubsub_channels
            return sorted(await list_channels(), key=str)

        async with Ear().listens(here):
            async with Ear().listens(here, OTHER_ROOM):
                assert await channels() == [b"synctv:room:room_1", b"synctv:room:room_2"]
            async with asyncio.timeout(30):
                while await channels() != [b"synctv:room:room_1"]:
                    await asyncio.sleep(0.01)


async def test_an_answer_that_redis_refuses_to_give_is_unavailable(server: OwnRedis) -> None:
    async with redis_client(server.url) as client:
        await client.set("synctv:short:key", "no number")
        with pytest.raises(Unavailable):
            await RedisShortLived(client).count("key", 600)


async def test_a_server_that_hangs_is_given_up(server: OwnRedis) -> None:
    async with redis_client(server.url, timeout=0.2) as client:
        store = RedisShortLived(client)
        await store.put("key", b"value", 600)
        with server.frozen(), pytest.raises(Unavailable):
            await store.get("key")
        async with asyncio.timeout(30):
            while not await answers(client):
                pass
        assert await store.get("key") == b"value"


async def test_a_reader_notices_that_the_server_has_fallen_silent(server: OwnRedis) -> None:
    gaps: list[str] = []
    async with redis_client(server.url) as client, asyncio.TaskGroup() as tasks:
        channels = Channels(client, lambda channel, payload: None, gaps.append, patience=30, ping_seconds=0.05)
        reader = tasks.create_task(channels.run())
        await channels.add("room")
        async with asyncio.timeout(30):
            with server.frozen():
                while channels.connected:
                    await asyncio.sleep(0.01)
            while not gaps:
                await asyncio.sleep(0.01)
        reader.cancel()
    assert gaps == ["room"]


async def test_a_unix_socket_serves_as_well(server: OwnRedis) -> None:
    async with redis_client(f"unix://{server.socket_path}") as client:
        await ping(client)


async def test_an_address_of_another_kind_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="must specify one of"):
        async with redis_client("http://localhost"):
            pass
