"""Whoever signs out falls out of the room, at whichever server the connection is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.adapters.redis.server import OwnRedis
from tests.e2e.conftest import Launch
from tests.e2e.replicas import shared
from tests.servers.client import Person, people
from tests.servers.synctv import SynctvServer

pytestmark = [pytest.mark.server, pytest.mark.postgres, pytest.mark.redis]


@dataclass(frozen=True, slots=True)
class Product:
    """Two servers, and somebody who is signed in at both of them with two devices."""

    other: SynctvServer
    redis: OwnRedis
    phone: Person
    laptop: Person
    room: str


@pytest.fixture
async def product(launch: Launch, postgres_url: str, redis: OwnRedis) -> AsyncIterator[Product]:
    settings = shared(postgres_url, redis.url)
    one, other = await launch(settings, name="one"), await launch(settings, name="other")
    async with people(one) as nobody:
        phone, laptop = await nobody.signed_in(), await nobody.signed_in()
        yield Product(other, redis, phone, laptop, await phone.room())
        assert "Traceback" not in one.log() + other.log()


async def test_signing_out_at_one_server_ends_the_connection_at_the_other(product: Product) -> None:
    async with (
        product.phone.joined(product.room, at=product.other) as phone,
        product.laptop.joined(product.room, at=product.other) as laptop,
    ):
        await product.phone.ask("POST", "/auth/logout")
        goodbye = await phone.goodbye()
        assert goodbye["code"] == "ACCESS_REVOKED"
        assert not goodbye.get("reconnect")
        assert goodbye["message"] == "You have signed out."
        assert (await product.phone.request("GET", "/me")).status == 401
        await laptop.say("still here")


async def test_what_could_not_be_told_is_found_as_soon_as_redis_is_back(product: Product) -> None:
    async with (
        product.phone.joined(product.room, at=product.other) as phone,
        product.laptop.joined(product.room, at=product.other) as laptop,
    ):
        product.redis.stop()
        await product.other.until_ready(ready=False)
        await product.phone.ask("POST", "/auth/logout")
        await laptop.say("during")
        product.redis.start()
        assert (await phone.goodbye())["code"] == "ACCESS_REVOKED"
        await laptop.say("still here")
