"""The parts of one server as processes of their own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from synctv.entrypoints.bootstrap import endpoints
from tests.e2e.conftest import Launch
from tests.e2e.replicas import member, shared, versions
from tests.servers.client import Person, people
from tests.servers.ports import quiet_port
from tests.servers.synctv import POLL_SECONDS, WAIT_SECONDS, SynctvServer

pytestmark = [pytest.mark.server, pytest.mark.postgres, pytest.mark.redis]


@dataclass(frozen=True, slots=True)
class Parts:
    """A process for each part, with one data folder, and root with a room."""

    http: SynctvServer
    realtime: SynctvServer
    management: SynctvServer
    root: Person
    room: str


@pytest.fixture
async def parts(launch: Launch, postgres_url: str, redis_url: str) -> AsyncIterator[Parts]:
    # Whoever serves the page tells it the port of the others, so that one has to be known to both.
    settings = {**shared(postgres_url, redis_url), "realtime.port": quiet_port()}
    http = await launch(settings, parts=["http"])
    realtime = await launch(settings, parts=["realtime"])
    management = await launch(settings, parts=["management"])
    async with people(http) as nobody:
        root = await nobody.signed_in()
        yield Parts(http, realtime, management, root, await root.room())


async def test_together_they_are_a_whole_server(parts: Parts, film: str) -> None:
    root, room = parts.root, parts.room
    ada = await member(root, "ada")
    await ada.ask("POST", f"/rooms/{room}/join", {})
    item = await root.film(room, film)
    async with ada.joined(room, at=parts.realtime) as socket:
        await socket.observe("chat")
        await socket.observe("playback")
        await root.ask("POST", f"/rooms/{room}/chat", {"clientId": "1", "text": "over HTTP"})
        await root.ask("POST", f"/rooms/{room}/playback", {"command": "select", "itemId": item})
        await socket.until(lambda _: socket.chat() == ["over HTTP"] and len(versions(socket)) == 2)
        await socket.say("over the socket")
        found = (await root.ask("GET", f"/rooms/{room}/chat"))["items"]
        assert {one["text"] for one in found} == {"over HTTP", "over the socket"}
        # Who is there is told a moment later.
        async with asyncio.timeout(WAIT_SECONDS):
            while (await root.ask("GET", f"/rooms/{room}"))["online"] != 1:
                await asyncio.sleep(POLL_SECONDS)


async def test_a_ticket_says_where_the_realtime_part_is(parts: Parts) -> None:
    found = await parts.root.ask("POST", "/tickets", {"roomId": parts.room})
    assert found["url"].startswith(f"{parts.realtime.realtime}/ws/v1/rooms/{parts.room}?ticket=")


async def test_the_operator_reaches_all_of_it(parts: Parts) -> None:
    rooms = json.loads(await parts.management.operate("room", "list", "--output", "json"))
    assert parts.room in json.dumps(rooms)


async def test_a_restarted_realtime_part_is_come_back_to_with_each_message_once(parts: Parts) -> None:
    root, room = parts.root, parts.room

    async def say(text: str) -> None:
        await root.ask("POST", f"/rooms/{room}/chat", {"clientId": text, "text": text})

    async with root.joined(room, at=parts.realtime) as socket:
        await socket.observe("chat")
        await say("seen")
        await socket.until(lambda _: socket.chat() == ["seen"])
        seq = int(socket.changes("chat")[-1]["roomSeq"])
        await parts.realtime.stop()
        assert (await socket.goodbye())["code"] == "DRAINING"
    for number in range(5):
        await say(f"missed {number}")
    await parts.realtime.start()
    async with root.joined(room, at=parts.realtime) as socket:
        assert (await socket.observe("chat", after_seq=seq))["changed"]
        await say("back")
        await socket.until(lambda _: "back" in socket.chat())
        assert socket.chat() == [*(f"missed {number}" for number in range(5)), "back"]


async def test_each_stops_on_its_own_and_leaves_the_addresses_of_the_others(parts: Parts) -> None:
    assert await parts.realtime.stop() == 0
    assert (await parts.root.request("GET", "/me")).status == 200
    known = endpoints.read(parts.http.data_dir)
    assert {"http", "management"} <= known.keys()
    assert "realtime" not in known
