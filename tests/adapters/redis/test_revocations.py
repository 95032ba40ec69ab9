"""Revocations when the Redis server goes away and comes back, and from other versions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from synctv.adapters.redis.client import has_sharded_channels, redis_client
from synctv.adapters.redis.revocations import RedisRevocations, redis_revocations
from synctv.domain.errors import Unavailable
from tests.adapters.redis.server import OwnRedis, own_redis
from tests.contracts.test_revocations import Ear, revoked

pytestmark = pytest.mark.redis


@pytest.fixture(params=["path", "wheel"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OwnRedis]:
    with own_redis(request.param, tmp_path) as server:
        yield server


@asynccontextmanager
async def node(server: OwnRedis) -> AsyncIterator[RedisRevocations]:
    async with redis_client(server.url, timeout=5.0) as client, redis_revocations(client) as revocations:
        yield revocations


async def publish(revocations: RedisRevocations, number: int) -> None:
    """Publishes as soon as the server takes it."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await revocations.publish(revoked(number))
            except Unavailable:
                await asyncio.sleep(0.02)


async def test_a_restart_is_a_gap_and_revocations_arrive_again(server: OwnRedis) -> None:
    ear = Ear()
    async with node(server) as here, node(server) as there, ear.listens(there):
        await here.publish(revoked(1))
        await ear.until(lambda: ear.heard == [revoked(1)])
        server.stop()
        server.start()
        await ear.until(lambda: ear.gaps > 0)
        await publish(here, 2)
        await ear.until(lambda: ear.heard == [revoked(1), revoked(2)])


async def test_while_the_server_is_away_only_this_process_is_told(server: OwnRedis) -> None:
    near, far = Ear(), Ear()
    async with node(server) as here, node(server) as there, near.listens(here), far.listens(there):
        server.stop()
        with pytest.raises(Unavailable):
            await here.publish(revoked(1))
        assert near.heard == [revoked(1)]
        server.start()
        await far.until(lambda: far.gaps > 0)
        assert far.heard == []


async def test_who_subscribes_while_the_server_is_away_is_told_of_the_gap_later(server: OwnRedis) -> None:
    ear = Ear()
    server.stop()
    async with node(server) as here, ear.listens(here):
        assert ear.gaps == 0
        server.start()
        await ear.until(lambda: ear.gaps == 1)


async def test_what_this_version_does_not_understand_is_passed_over(server: OwnRedis) -> None:
    ear = Ear()
    async with redis_client(server.url) as other_version, node(server) as here, ear.listens(here):
        send = other_version.spublish if await has_sharded_channels(other_version) else other_version.publish
        for payload in (b"{}", b"\xff", b"[]", b'{"origin":"x","revoked":{"account_id":1}}', b"x" * 1_000_000):
            await send("synctv:revocations", payload)
        known = (
            b'{"origin":"x","from_the_future":1,"revoked":{"account_id":"usr_anna","session_id":"ses_1",'
            b'"generation":1,"reason":"You have signed out.","and_more":true}}'
        )
        await send("synctv:revocations", known)
        await ear.until(lambda: ear.heard == [revoked(1)])


async def test_nobody_is_subscribed_once_the_last_one_has_left(server: OwnRedis) -> None:
    async with redis_client(server.url) as control, node(server) as here:
        sharded = await has_sharded_channels(control)
        list_channels = control.pubsub_shardchannels if sharded else control.pubsub_channels
        async with Ear().listens(here):
            assert await list_channels() == [b"synctv:revocations"]
        async with asyncio.timeout(30):
            while await list_channels():
                await asyncio.sleep(0.01)
